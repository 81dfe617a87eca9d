// A submission held against the form that was sent: the sender's word on types and options counts for nothing
// (XEP-0004 §3.2, §3.3, §4; XEP-0122 §4.4).

import { tryParseJid } from "../../jid.js";
import { datatypeProblem } from "./datatypes.js";
import { type Field, FORM_TYPE, type Form, isMulti, isOpen, typeOf } from "./form.js";

/** What is wrong with one field. */
export interface FieldProblem {
  readonly var: string;
  /** For people: the label and what was expected. */
  readonly text: string;
}

/** A submission as read. */
export interface Submission {
  /** By field: its values, normalised; none for a field that was left empty. Every field of the form is there. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly FieldProblem[];
}

/**
 * Reads what was submitted for `form`. Fields that the form does not have are ignored; one that was left out keeps the
 * value that the form showed; empty and absent are the same. Hidden fields keep what we wrote into them.
 */
export function readSubmission(form: Form, submitted: Form): Submission {
  const given = new Map(submitted.fields.map((field) => [field.var, field]));
  const values = new Map<string, readonly string[]>();
  const problems: FieldProblem[] = [];
  for (const field of form.fields) {
    const type = typeOf(field);
    if (field.var === undefined || type === "fixed") continue;
    const raw = (type === "hidden" ? undefined : given.get(field.var)?.values) ?? field.values;
    const read = readField(field, raw);
    values.set(field.var, read.values);
    const problem = read.problem ?? requiredProblem(field, read.values);
    if (problem !== undefined) problems.push({ var: field.var, text: `${field.label ?? field.var}: ${problem}` });
  }
  const kind = given.get(FORM_TYPE)?.values[0];
  const ownKind = values.get(FORM_TYPE)?.[0];
  if (kind !== undefined && ownKind !== undefined && kind !== ownKind)
    problems.push({ var: FORM_TYPE, text: "the form is of another kind than the one that was sent" });
  return { values, problems };
}

interface FieldReading {
  readonly values: readonly string[];
  readonly problem?: string | undefined;
}

/** Values of a field as its type has them: lines for text-multi, `true` or `false` for boolean, prepared addresses. */
function readField(field: Field, raw: readonly string[]): FieldReading {
  const type = typeOf(field);
  if (raw.length > 1 && !isMulti(type)) return { values: [], problem: `one value expected, got ${raw.length}` };
  switch (type) {
    case "boolean":
      return readBoolean(raw);
    case "jid-single":
    case "jid-multi":
      return readJids(raw);
    case "list-single":
    case "list-multi":
      return readChoices(field, raw);
    case "text-multi":
      return checked(field, linesOf(raw));
    case "text-single":
    case "text-private":
      return checked(
        field,
        raw.filter((value) => value !== ""),
      );
    case "hidden":
    case "fixed":
      return { values: raw };
  }
}

/** XEP-0004 §3.3: the default is false, and both spellings are legal. */
function readBoolean([text = "false"]: readonly string[]): FieldReading {
  const packed = text.trim();
  if (packed === "1" || packed === "true") return { values: ["true"] };
  if (packed === "0" || packed === "false" || packed === "") return { values: ["false"] };
  return { values: [], problem: "true or false expected" };
}

/** XEP-0004 §3.3: addresses that are equal once prepared count once. */
function readJids(raw: readonly string[]): FieldReading {
  const jids = new Set<string>();
  for (const text of raw) {
    if (text.trim() === "") continue;
    const jid = tryParseJid(text.trim());
    if (jid === undefined) return { values: [], problem: "an address such as name@example.org expected" };
    jids.add(jid.full);
  }
  return { values: [...jids] };
}

/** The chosen options in the order in which they were offered; others only where the list is open. */
function readChoices(field: Field, raw: readonly string[]): FieldReading {
  const options = (field.options ?? []).map((option) => option.value);
  const offered = new Set(options);
  const chosen = new Set(raw.filter((value) => value !== "" || offered.has("")));
  const others = [...chosen].filter((value) => !offered.has(value));
  if (others.length > 0 && !isOpen(field)) return { values: [], problem: `one of ${options.join(", ")} expected` };
  const values = [...options.filter((value) => chosen.has(value)), ...others];
  const { min = 0, max = values.length } = field.validation?.listRange ?? {};
  if (values.length > 0 && (values.length < min || values.length > max))
    return { values, problem: `${min} to ${max} choices expected, got ${values.length}` };
  return checked(field, values);
}

/** XEP-0004 §3.3: one value a line; a value that holds line breaks is several lines all the same. */
function linesOf(raw: readonly string[]): string[] {
  const lines = raw.flatMap((value) => value.split(/\r\n|\r|\n/));
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function checked(field: Field, values: readonly string[]): FieldReading {
  const { validation } = field;
  if (validation === undefined) return { values };
  // Bytes are one text, however many lines a client made of it.
  const texts = validation.datatype === "xs:base64Binary" ? [values.join("")] : values;
  for (const text of texts) {
    const problem = text.trim() === "" ? undefined : datatypeProblem(text, validation);
    if (problem !== undefined) return { values, problem };
  }
  return { values };
}

function requiredProblem(field: Field, values: readonly string[]): string | undefined {
  if (field.isRequired !== true || values.some((value) => value !== "")) return undefined;
  return "a value is required";
}
