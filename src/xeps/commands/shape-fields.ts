// From the shape of a value to the fields that ask for it, and from the submitted texts back to the value.
// XEP-0122 §5 has the datatypes; docs/commands.md has the table.

import {
  type ExactValue,
  exactFromJson,
  exactOf,
  parseBase64,
  parseDateTime,
  type Shape,
  setOwn,
  ValueError,
} from "../../values/index.js";
import type { Field, FieldOption, Validation } from "../data-forms/index.js";
import { labelOf } from "./labels.js";

/** The values of a field by its name, as a checked submission has them. */
export type Texts = (name: string) => readonly string[];

/** The fields of one value, and how they are read. */
export interface ValueFields {
  readonly fields: readonly Field[];
  /** True if nothing was filled in. */
  isEmpty(texts: Texts): boolean;
  /**
   * The value that the texts stand for; undefined when it was left out.
   *
   * @throws FieldError for a field that is wrong in a way that neither its type nor its datatype shows
   */
  read(texts: Texts): ExactValue | undefined;
}

/** A field whose text is not the value that is asked for. */
export class FieldError extends Error {
  override readonly name = "FieldError";
  readonly field: Field;

  constructor(field: Field, problem: string) {
    super(problem);
    this.field = field;
  }
}

/** Where a value stands, and whether it may be left empty. */
interface Place {
  /** The field's name: the parameter's, then the members' with dots between. */
  readonly name: string;
  readonly label: string;
  /** `value`: there must be one. Else what an empty field means: no value at all, or nil. */
  readonly need: "value" | "absent" | "nil";
  /** Inside of something that may be left out as a whole: nothing is marked as required, all is checked when it is read. */
  readonly isLoose: boolean;
  readonly depth: number;
}

/** The shapes whose values are one text. */
type ScalarShape =
  | { readonly kind: "int" | "long" | "integer" | "double" | "number" | "dateTime" | "base64" }
  | Extract<Shape, { readonly kind: "string" | "enumeration" }>;
type Look = Pick<Field, "type" | "desc" | "validation" | "options">;

/** Structs within structs are groups of fields down to here; what is deeper is JSON. */
const MAX_GROUP_DEPTH = 3;
const EMPTY_ARRAY: ExactValue = Object.freeze({ type: "array", value: [] });

/** The fields that ask for a value of this shape under this name. */
export function fieldsOfShape(name: string, label: string, shape: Shape): ValueFields {
  return fieldsAt({ name, label, need: "value", isLoose: false, depth: 0 }, shape);
}

function fieldsAt(place: Place, shape: Shape): ValueFields {
  switch (shape.kind) {
    case "named":
      return fieldsAt({ ...place, label: labelOf(shape.name) }, shape.inner);
    case "optional":
      return fieldsAt({ ...place, need: "absent" }, shape.inner);
    case "nullable":
      return fieldsAt({ ...place, need: place.need === "absent" ? "absent" : "nil" }, shape.inner);
    case "nil":
      return {
        fields: [],
        isEmpty: () => true,
        read: () => (place.need === "absent" ? undefined : { type: "nil", value: null }),
      };
    case "struct":
      return place.depth < MAX_GROUP_DEPTH ? groupOf(place, shape.members) : jsonField(place, shape);
    case "array":
      return listField(place, shape.items) ?? jsonField(place, shape);
    case "boolean":
      return booleanField(place);
    case "int":
    case "long":
    case "integer":
    case "double":
    case "number":
    case "dateTime":
    case "base64":
      return scalarField(place, { kind: shape.kind });
    case "string":
    case "enumeration":
      return scalarField(place, shape);
    case "record":
    case "any":
    case "exact":
      return jsonField(place, shape);
  }
}

function scalarField(place: Place, shape: ScalarShape): ValueFields {
  // Bytes are one text, however many lines a client made of it.
  return oneField(place, lookOf(shape), (texts) => scalarOf(shape, texts.join(shape.kind === "base64" ? "" : "\n")));
}

/** What the field of one scalar looks like. */
function lookOf(shape: ScalarShape): Look {
  switch (shape.kind) {
    case "int":
      return { type: "text-single", desc: "A whole number.", validation: range("xs:int", -(2 ** 31), 2 ** 31 - 1) };
    case "long":
    case "integer":
      return { type: "text-single", desc: "A whole number.", validation: basic("xs:long") };
    case "double":
    case "number":
      return { type: "text-single", desc: "A number.", validation: basic("xs:double") };
    case "string":
      return { type: shape.secret === true ? "text-private" : "text-single" };
    case "dateTime":
      return { type: "text-single", desc: "Date and time, as 2026-11-22T10:00:00Z.", validation: basic("xs:dateTime") };
    case "base64":
      return { type: "text-multi", desc: "Bytes in base64.", validation: basic("xs:base64Binary") };
    case "enumeration":
      return { type: "list-single", options: shape.values.map(optionOf) };
  }
}

function scalarOf(shape: ScalarShape, text: string): ExactValue {
  const packed = text.trim();
  switch (shape.kind) {
    case "int":
    case "double":
    case "number":
      return exactOf(Number(packed), shape);
    case "long":
    case "integer":
      return exactFromJson(packed, { kind: "long" });
    case "string":
    case "enumeration":
      return exactOf(text, shape);
    case "dateTime":
      return { type: "dateTime.iso8601", value: parseDateTime(packed) };
    case "base64":
      return { type: "base64", value: parseBase64(packed) };
  }
}

/** COMPAT(profanity, 0.13): an option without a label is shown as "(null)". */
function optionOf(value: string): FieldOption {
  return { label: value, value };
}

/** COMPAT(profanity, 0.13): it ends at once when a value of an option is empty. */
const NOT_GIVEN = "unset";
const GIVEN: readonly FieldOption[] = Object.freeze([
  { label: "(not given)", value: NOT_GIVEN },
  { label: "Yes", value: "true" },
  { label: "No", value: "false" },
]);

/** A box to tick is never empty: where it may be, there is a choice of three. */
function booleanField(place: Place): ValueFields {
  const isBox = place.need === "value" && !place.isLoose;
  const look: Look = isBox ? { type: "boolean" } : { type: "list-single", options: GIVEN };
  return oneField(place, look, ([text]) => ({ type: "boolean", value: text === "true" }), {
    isRequired: false,
    values: [isBox ? "false" : NOT_GIVEN],
  });
}

/** An array of scalars: one value a line, or several choices of a list. Undefined for items that no line can hold. */
function listField(place: Place, items: Shape): ValueFields | undefined {
  switch (items.kind) {
    case "named":
      return listField(place, items.inner);
    case "enumeration":
      return linesField(place, items, { ...lookOf(items), type: "list-multi" });
    case "string":
      return items.secret === true ? undefined : linesField(place, items, { type: "text-multi", desc: "One a line." });
    case "int":
    case "long":
    case "integer":
    case "double":
    case "number":
    case "dateTime": {
      const scalar: ScalarShape = { kind: items.kind };
      const { desc = "", validation } = lookOf(scalar);
      return linesField(place, scalar, {
        type: "text-multi",
        desc: `${desc.slice(0, -1)}; one a line.`,
        // XEP-0122 §4.6: a range is for text-single only, and lines are always open.
        ...(validation === undefined ? {} : { validation: { ...validation, method: { kind: "open" } } }),
      });
    }
    case "boolean":
    case "base64":
    case "nil":
    case "any":
    case "exact":
    case "array":
    case "struct":
    case "record":
    case "optional":
    case "nullable":
      return undefined;
  }
}

function linesField(place: Place, items: ScalarShape, look: Look): ValueFields {
  const read = (texts: readonly string[]): ExactValue => ({
    type: "array",
    // An empty line is a text like any other, but no number.
    value: texts.filter((text) => items.kind === "string" || text.trim() !== "").map((text) => scalarOf(items, text)),
  });
  return oneField(place, look, read, { isRequired: false, empty: EMPTY_ARRAY });
}

/** What has no fields of its own: JSON, checked by the shape. */
function jsonField(place: Place, shape: Shape): ValueFields {
  const look: Look = { type: holdsSecret(shape) ? "text-private" : "text-multi", desc: jsonHint(shape) };
  return oneField(place, look, (texts) => {
    let json: unknown;
    try {
      json = JSON.parse(texts.join("\n"));
    } catch {
      throw new ValueError("JSON expected");
    }
    return exactFromJson(json, shape);
  });
}

function jsonHint(shape: Shape): string {
  switch (shape.kind) {
    case "array":
      return "A list in JSON.";
    case "struct":
    case "record":
      return "An object in JSON.";
    case "exact":
      return 'A value with its type in JSON, such as {"int": 6}.';
    case "any":
    case "base64":
    case "boolean":
    case "dateTime":
    case "double":
    case "enumeration":
    case "int":
    case "long":
    case "integer":
    case "named":
    case "nil":
    case "nullable":
    case "number":
    case "optional":
    case "string":
      return "Any value in JSON; texts in quotes.";
  }
}

/** The members of a struct under a heading. One that may be left out is there as soon as any of its fields is filled in. */
function groupOf(place: Place, members: Readonly<Record<string, Shape>>): ValueFields {
  const isLoose = place.isLoose || place.need !== "value";
  const parts = Object.entries(members).map(([name, shape]) => ({
    name,
    ...fieldsAt(
      {
        name: `${place.name}.${segment(name)}`,
        label: `${place.label}: ${labelOf(name)}`,
        need: "value",
        isLoose,
        depth: place.depth + 1,
      },
      shape,
    ),
  }));
  const fields = parts.flatMap((part) => part.fields);
  const isEmpty = (texts: Texts): boolean => parts.every((part) => part.isEmpty(texts));
  const heading = place.need === "value" ? place.label : `${place.label} (may be left empty)`;
  return {
    fields: [{ type: "fixed", values: [heading] }, ...fields],
    isEmpty,
    read: (texts) => {
      if (place.need !== "value" && isEmpty(texts)) return leftOut(place);
      const value: Record<string, ExactValue> = {};
      for (const part of parts) {
        const member = part.read(texts);
        if (member !== undefined) setOwn(value, part.name, member);
      }
      return { type: "struct", value };
    },
  };
}

/** A value with a field of its own. */
function oneField(
  place: Place,
  look: Look,
  read: (texts: readonly string[]) => ExactValue,
  options: { readonly isRequired?: boolean; readonly values?: readonly string[]; readonly empty?: ExactValue } = {},
): ValueFields {
  const { isRequired = place.need === "value" && !place.isLoose, values = [], empty } = options;
  const field: Field = {
    var: place.name,
    label: place.label,
    ...look,
    ...(isRequired ? { isRequired } : {}),
    values,
  };
  const nothing = look.options === GIVEN ? NOT_GIVEN : "";
  const isEmpty = (texts: Texts): boolean => texts(place.name).every((text) => text === nothing);
  return {
    fields: [field],
    isEmpty,
    read: (texts) => {
      if (isEmpty(texts)) {
        if (place.need !== "value") return leftOut(place);
        if (empty !== undefined) return empty;
        throw new FieldError(field, "a value is required");
      }
      try {
        return read(texts(place.name));
      } catch (error) {
        throw ValueError.is(error) ? new FieldError(field, error.message) : error;
      }
    },
  };
}

function leftOut({ need }: Place): ExactValue | undefined {
  return need === "nil" ? { type: "nil", value: null } : undefined;
}

/** A name as one part of a field's name: dots stand between parts only. */
export function segment(name: string): string {
  return name.replace(/[\\.]/g, "\\$&");
}

function holdsSecret(shape: Shape): boolean {
  switch (shape.kind) {
    case "string":
      return shape.secret === true;
    case "named":
    case "optional":
    case "nullable":
      return holdsSecret(shape.inner);
    case "array":
      return holdsSecret(shape.items);
    case "record":
      return holdsSecret(shape.values);
    case "struct":
      return Object.values(shape.members).some(holdsSecret);
    case "any":
    case "base64":
    case "boolean":
    case "dateTime":
    case "double":
    case "enumeration":
    case "exact":
    case "int":
    case "long":
    case "integer":
    case "nil":
    case "number":
      return false;
  }
}

function basic(datatype: string): Validation {
  return { datatype, method: { kind: "basic" } };
}

function range(datatype: string, min: number, max: number): Validation {
  return { datatype, method: { kind: "range", min: String(min), max: String(max) } };
}
