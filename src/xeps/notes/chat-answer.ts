// Answers written as plain chat: what may be written is told with the question, and read as if the form had been filled in.

import { datatypeHint, type Field, type FieldProblem, type Form, typeOf } from "../data-forms/index.js";

const YES = ["yes", "y", "true", "1"];
const NO = ["no", "n", "false", "0"];
/** Characters of a value that are shown where it stands in the form already. */
const LONGEST_DEFAULT = 60;

/** A reply as a submission; or what is wrong with it before the form is even looked at. */
export type ChatReading =
  | { readonly kind: "submit"; readonly form: Form }
  | { readonly kind: "problems"; readonly problems: readonly FieldProblem[] };

/** How a question may be answered by chat, for the person. */
export function howToReply(fields: readonly Field[]): string {
  const asked = answerable(fields);
  const [only] = asked;
  if (only !== undefined && asked.length === 1) return `Reply ${expectedOf(only)}.`;
  const lines = asked.map((field) => `${field.var}: ${expectedOf(field).replace(/^with /, "")}${needOf(field)}`);
  return ["Reply with one line for each, in one message:", ...lines].join("\n");
}

/** Reads what was written. Values are not checked here: that is done by the reader of the form. */
export function readChatAnswer(fields: readonly Field[], text: string): ChatReading {
  const asked = answerable(fields);
  const [only] = asked;
  if (only !== undefined && asked.length === 1) return submitOf([[only, [text]]]);
  const found = new Map<Field, string[]>();
  let last: Field | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const named = /^\s*([^:=]+?)\s*[:=]\s*(.*?)\s*$/.exec(line);
    const field = named === null ? undefined : asked.find((one) => isNamed(one, named[1] ?? ""));
    if (field !== undefined) {
      last = field;
      found.set(field, [...(found.get(field) ?? []), named?.[2] ?? ""]);
    } else if (last !== undefined && typeOf(last) === "text-multi") found.get(last)?.push(line);
    else if (line.trim() !== "") return unreadable(line, asked);
  }
  if (found.size === 0) return unreadable("", asked);
  return submitOf([...found]);
}

/** Whether a reply to a question with these fields can be told from other chat. */
export function isClosed(fields: readonly Field[]): boolean {
  const asked = answerable(fields);
  const [only] = asked;
  return only !== undefined && asked.length === 1 && ["boolean", "list-single"].includes(typeOf(only));
}

/** The fields that a person answers. */
function answerable(fields: readonly Field[]): Field[] {
  return fields.filter((field) => field.var !== undefined && !["fixed", "hidden"].includes(typeOf(field)));
}

function submitOf(given: readonly (readonly [Field, readonly string[]])[]): ChatReading {
  const fields: Field[] = [];
  const problems: FieldProblem[] = [];
  for (const [field, texts] of given) {
    const values = valuesOf(field, texts);
    if (values === undefined)
      problems.push({ var: field.var ?? "", text: `${field.label ?? field.var}: yes or no expected` });
    else fields.push({ ...(field.var === undefined ? {} : { var: field.var }), values });
  }
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "submit", form: { type: "submit", fields } };
}

/** Undefined for what is neither yes nor no where one of both is expected. */
function valuesOf(field: Field, texts: readonly string[]): readonly string[] | undefined {
  const text = texts.join("\n").trim();
  switch (typeOf(field)) {
    case "boolean": {
      const word = text.toLowerCase();
      return YES.includes(word) ? ["true"] : NO.includes(word) ? ["false"] : undefined;
    }
    case "list-single":
      return [optionOf(field, text)];
    case "list-multi":
      return text
        .split(/[,\n]/)
        .map((one) => one.trim())
        .filter((one) => one !== "")
        .map((one) => optionOf(field, one));
    case "jid-multi":
    case "text-multi":
      return text.split("\n");
    case "fixed":
    case "hidden":
    case "jid-single":
    case "text-private":
    case "text-single":
      return [text];
  }
}

/** The option that is meant: by its value or its label in any case, or by its place in the list. */
function optionOf({ options = [] }: Field, text: string): string {
  const word = text.toLowerCase();
  const found =
    options.find(({ value }) => value === text) ??
    options.find(({ value, label }) => value.toLowerCase() === word || label?.toLowerCase() === word) ??
    (/^\d{1,3}$/.test(text) ? options[Number(text) - 1] : undefined);
  return found?.value ?? text;
}

function isNamed({ var: name = "", label = name }: Field, text: string): boolean {
  const word = text.toLowerCase();
  return name.toLowerCase() === word || label.toLowerCase() === word;
}

function unreadable(line: string, asked: readonly Field[]): ChatReading {
  const names = asked.map(({ var: name = "" }) => name);
  const shown = line.trim().slice(0, 40);
  const text = `"name: value" expected for each of ${names.join(", ")}${shown === "" ? "" : `, got "${shown}"`}`;
  return { kind: "problems", problems: [{ var: "", text }] };
}

function expectedOf(field: Field): string {
  const options = (field.options ?? []).map(({ value, label = value }) => label);
  switch (typeOf(field)) {
    case "boolean":
      return "yes or no";
    case "list-single":
      return `with one of: ${options.join(", ")}`;
    case "list-multi":
      return `with any of: ${options.join(", ")}, divided by commas`;
    case "jid-multi":
    case "jid-single":
      return "with an address such as name@example.org";
    case "fixed":
    case "hidden":
    case "text-multi":
    case "text-private":
    case "text-single":
      return field.validation === undefined ? "with a text" : `with ${expectedText(field)}`;
  }
}

function expectedText({ desc, validation }: Field): string {
  const hint = validation === undefined ? undefined : datatypeHint(validation.datatype);
  // The range of an int is that of its type, which tells a person nothing.
  const isTold = validation?.method.kind === "range" && validation.datatype !== "xs:int";
  const range = isTold ? rangeOf(validation.method) : "";
  return `a ${hint ?? (desc ?? "text").replace(/\.$/, "")}${range}`;
}

function rangeOf({ min, max }: { readonly min?: string; readonly max?: string }): string {
  if (min === undefined) return max === undefined ? "" : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

/** What a line that is not written means: the value that stands in the form. Nobody shall agree to one that he was not told. */
function needOf(field: Field): string {
  const shown = shownDefault(field);
  if (shown !== "") return ` (${shown} unless given)`;
  return field.isRequired === true || typeOf(field) === "boolean" ? "" : " (may be left out)";
}

/** Empty where there is none, or no is what everybody expects. */
function shownDefault(field: Field): string {
  const { values, options = [] } = field;
  const shown = values.map((value) => options.find((option) => option.value === value)?.label ?? value).join(", ");
  const type = typeOf(field);
  if (type === "boolean") return shown === "true" || shown === "1" ? "yes" : "";
  if (type === "text-private") return shown === "" ? "" : "what stands in the form";
  // By characters: half of one could not be sent.
  const characters = Array.from(shown);
  return characters.length > LONGEST_DEFAULT ? `${characters.slice(0, LONGEST_DEFAULT).join("")}…` : shown;
}
