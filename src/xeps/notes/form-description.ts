// A form that is described as plain data: read with an error for every mistake, made into a data form, and its submission into
// JSON. docs/notes.md has the table of field types.

import type { FieldKind, FormAnswer } from "../../ports/index.js";
import {
  describeValue,
  formatIsoDateTime,
  isPlainObject,
  type JsonValue,
  parseDateTime,
  setOwn,
  ValueError,
} from "../../values/index.js";
import { labelOf } from "../commands/index.js";
import type { Field, FieldOption, FieldType, Validation } from "../data-forms/index.js";
import { checkOneOf, checkOptionalText, checkText } from "./note-text.js";

/** A form and what its submissions mean. */
export interface DescribedForm {
  readonly title: string | undefined;
  readonly fields: readonly Field[];
  /** The answer of checked values, by field. */
  answerOf(values: ReadonlyMap<string, readonly string[]>): FormAnswer;
}

/** What one kind of field is. */
interface KindRow {
  readonly type: FieldType;
  readonly datatype?: string;
  /** The value of an answer. */
  json(texts: readonly string[]): JsonValue;
}

const textOf = ([text = ""]: readonly string[]): string => text;

const KINDS: Readonly<Record<FieldKind, KindRow>> = {
  text: { type: "text-single", json: textOf },
  lines: { type: "text-multi", json: (texts) => texts.join("\n") },
  secret: { type: "text-private", json: textOf },
  boolean: { type: "boolean", json: ([text]) => text === "true" },
  integer: { type: "text-single", datatype: "xs:integer", json: ([text = ""]) => integerOf(text.trim()) },
  number: { type: "text-single", datatype: "xs:double", json: ([text = ""]) => Number(text.trim()) },
  date: { type: "text-single", datatype: "xs:date", json: ([text = ""]) => text.trim() },
  datetime: {
    type: "text-single",
    datatype: "xs:dateTime",
    json: ([text = ""]) => formatIsoDateTime(parseDateTime(text.trim())),
  },
  choice: { type: "list-single", json: textOf },
  choices: { type: "list-multi", json: (texts) => [...texts] },
  jid: { type: "jid-single", json: textOf },
};
// The keys of the table are the kinds.
const KIND_NAMES = Object.keys(KINDS) as FieldKind[];
const RANGED: ReadonlySet<FieldKind> = new Set(["integer", "number", "date", "datetime"]);
const MEMBERS = ["name", "type", "label", "help", "required", "choices", "value", "min", "max"];

/** More fields are not asked for at a time. */
const MAX_FIELDS = 100;
const MAX_NAME_CHARS = 200;
const MAX_LINE_CHARS = 1_000;

/** The name of the hidden field that says which question a form answers; no field may be called so. */
export const CODE_FIELD = "jabber-rpc-question";

interface FormField {
  readonly kind: FieldKind;
  readonly field: Field & { readonly var: string };
}

/**
 * Reads a form of `{title?, fields: [{name, type?, label?, help?, required?, choices?, value?, min?, max?}]}`.
 *
 * @throws ValueError with the path of what is wrong, below `form`
 */
export function readFormDescription(form: unknown): DescribedForm {
  return within("form", () => {
    if (!isPlainObject(form)) throw new ValueError(`an object with fields expected, got ${describeValue(form)}`);
    checkMembers(form, ["title", "fields"]);
    const title = checkOptionalText(form["title"], "title", MAX_LINE_CHARS);
    const fields = within("fields", () => readFields(form["fields"]));
    return { title, fields: fields.map(({ field }) => field), answerOf: (values) => answerOf(fields, values) };
  });
}

function readFields(fields: unknown): readonly FormField[] {
  if (!Array.isArray(fields)) throw new ValueError(`a list of fields expected, got ${describeValue(fields)}`);
  if (fields.length === 0 || fields.length > MAX_FIELDS)
    throw new ValueError(`1 to ${MAX_FIELDS} fields expected, got ${fields.length}`);
  const names = new Set<string>([CODE_FIELD, "FORM_TYPE"]);
  return fields.map((one: unknown, index) =>
    within(index, () => {
      const read = readField(one);
      if (names.has(read.field.var))
        throw new ValueError(`a name of its own expected, "${read.field.var}" is taken`).within("name");
      names.add(read.field.var);
      return read;
    }),
  );
}

function readField(given: unknown): FormField {
  // The least that a person would write is a name.
  const one: unknown = typeof given === "string" ? { name: given } : given;
  if (!isPlainObject(one))
    throw new ValueError(`a name, or an object with a name, expected, got ${describeValue(one)}`);
  checkMembers(one, MEMBERS);
  const name = checkText(one["name"], "name", MAX_NAME_CHARS);
  const kind = checkOneOf(one["type"], "type", KIND_NAMES) ?? (one["choices"] === undefined ? "text" : "choice");
  const { type, datatype } = KINDS[kind];
  const options = within("choices", () => readOptions(one["choices"], kind));
  const help = checkOptionalText(one["help"], "help", MAX_LINE_CHARS);
  const validation = datatype === undefined ? undefined : readValidation(one, kind, datatype);
  const bound = RANGED.has(kind) ? undefined : (["min", "max"] as const).find((key) => (one[key] ?? null) !== null);
  if (bound !== undefined) throw new ValueError(`only ${[...RANGED].join(", ")} have one, not ${kind}`).within(bound);
  const isRequired = checkBoolean(one["required"], "required") ?? true;
  const field = {
    var: name,
    label: checkOptionalText(one["label"], "label", MAX_LINE_CHARS) ?? labelOf(name),
    type,
    ...(help === undefined ? {} : { desc: help }),
    ...(isRequired && kind !== "boolean" ? { isRequired } : {}),
    values: within("value", () => textsOf(one["value"], kind)),
    ...(options === undefined ? {} : { options }),
    ...(validation === undefined ? {} : { validation }),
  } satisfies Field;
  return { kind, field };
}

function readOptions(choices: unknown, kind: FieldKind): FieldOption[] | undefined {
  const isList = kind === "choice" || kind === "choices";
  if (choices === undefined || choices === null) {
    if (isList) throw new ValueError(`a list of choices expected for the type ${kind}`);
    return undefined;
  }
  if (!isList) throw new ValueError(`only the types choice and choices have choices, not ${kind}`);
  if (!Array.isArray(choices) || choices.length === 0)
    throw new ValueError(`a list of choices expected, got ${describeValue(choices)}`);
  const options = choices.map((one: unknown, index) => within(index, () => readOption(one)));
  for (const part of ["value", "label"] as const)
    if (new Set(options.map((option) => option[part])).size < options.length)
      throw new ValueError(`choices with ${part}s of their own expected`);
  return options;
}

/** COMPAT(profanity, 0.13): it shows an option without a label as "(null)", and ends when its value is empty. */
function readOption(one: unknown): Required<FieldOption> {
  if (!isPlainObject(one)) {
    const text = checkText(one, "", MAX_LINE_CHARS);
    return { value: text, label: text };
  }
  checkMembers(one, ["value", "label"]);
  const value = checkText(one["value"], "value", MAX_LINE_CHARS);
  return { value, label: checkOptionalText(one["label"], "label", MAX_LINE_CHARS) ?? value };
}

function readValidation(one: Readonly<Record<string, unknown>>, kind: FieldKind, datatype: string): Validation {
  const [min, max] = (["min", "max"] as const).map((key) =>
    one[key] === undefined || one[key] === null ? undefined : within(key, () => textsOf(one[key], kind)[0]),
  );
  if (min === undefined && max === undefined) return { datatype, method: { kind: "basic" } };
  return {
    datatype,
    method: { kind: "range", ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
  };
}

/** What a field shows for a value of an answer. */
function textsOf(value: unknown, kind: FieldKind): string[] {
  if (value === undefined || value === null) return [];
  if (kind === "choices" || kind === "lines") {
    const items: unknown[] = Array.isArray(value) ? value : scalarText(value).split("\n");
    return items.map((item, index) => within(index, () => scalarText(item)));
  }
  const text = scalarText(value);
  const isNumber = (kind === "integer" || kind === "number") && Number.isNaN(Number(text.trim() || "x"));
  if (isNumber) throw new ValueError(`a number expected, got ${describeValue(value)}`);
  return [text];
}

function scalarText(value: unknown): string {
  if (typeof value === "string") return value === "" ? value : checkText(value, "", MAX_LINE_CHARS * 10);
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  throw new ValueError(`a text, a number, true or false expected, got ${describeValue(value)}`);
}

function answerOf(fields: readonly FormField[], values: ReadonlyMap<string, readonly string[]>): FormAnswer {
  const answer: Record<string, JsonValue> = {};
  for (const { kind, field } of fields) {
    const texts = values.get(field.var) ?? [];
    const isEmpty = texts.every((text) => text === "");
    if (!isEmpty || kind === "choices") setOwn(answer, field.var, KINDS[kind].json(texts));
  }
  return answer;
}

function integerOf(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text.replace("+", "")).toString();
}

function checkBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  throw new ValueError(`true or false expected, got ${describeValue(value)}`).within(path);
}

function checkMembers(object: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new ValueError(`not known here; ${known.join(", ")} expected`).within(unknown);
}

/** Runs a reader; its errors get this step of their path. */
function within<T>(step: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw ValueError.is(error) ? error.within(step) : error;
  }
}
