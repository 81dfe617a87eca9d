// What a question asks, ready to be shown as a form and read from one; whatever it was given as.

import type { FormDescription, Question } from "../../ports/index.js";
import { isDescriptor, shapeOf } from "../../rpc/index.js";
import {
  compileReader,
  describeValue,
  type ExactValue,
  isPlainObject,
  type JsonValue,
  jsonOfValue,
  type Shape,
  setOwn,
  unnamed,
  ValueError,
} from "../../values/index.js";
import { askFor } from "../commands/index.js";
import { type Field, type FieldProblem, FORM_TYPE, type Form, readSubmission } from "../data-forms/index.js";
import { NS } from "../namespaces.js";
import { CODE_FIELD, readFormDescription } from "./form-description.js";
import { checkOptionalText, checkText } from "./note-text.js";

/** A question as plain JSON, so that it can be kept. */
export interface QuestionSpec {
  readonly text: string;
  readonly subject?: string;
  readonly asks:
    | { readonly kind: "text" }
    | { readonly kind: "choices"; readonly choices: readonly string[] }
    | { readonly kind: "shape"; readonly shape: Shape }
    | { readonly kind: "form"; readonly form: FormDescription };
}

/** What a submission means: in JSON, and as the asker gets it; or what is wrong with it. */
export type Reading =
  | { readonly kind: "answer"; readonly json: JsonValue; readonly natural: unknown }
  | { readonly kind: "problems"; readonly problems: readonly FieldProblem[] };

/** A question as it is put. */
export interface CompiledQuestion {
  readonly spec: QuestionSpec;
  /** The fields a person fills in; without the hidden ones. */
  readonly title: string;
  readonly instructions: readonly string[];
  readonly fields: readonly Field[];
  read(submitted: Form): Reading;
}

/** The name of the field where there is only one. */
const ONLY = "answer";
const MAX_CHOICES = 100;
const MAX_CHOICE_CHARS = 200;
const MAX_TITLE_CHARS = 200;

/**
 * Reads a question as a program gave it.
 *
 * @throws ValueError with the path of what is wrong
 */
export function readQuestion(question: Question | string, maxChars: number): QuestionSpec {
  const given: unknown = typeof question === "string" ? { text: question } : question;
  if (!isPlainObject(given)) throw new ValueError(`a question expected, got ${describeValue(given)}`);
  const text = checkText(given["text"], "text", maxChars);
  const subject = checkOptionalText(given["subject"], "subject", MAX_TITLE_CHARS);
  return { text, ...(subject === undefined ? {} : { subject }), asks: readAsks(given["choices"], given["form"]) };
}

function readAsks(choices: unknown, form: unknown): QuestionSpec["asks"] {
  const hasChoices = choices !== undefined && choices !== null;
  const hasForm = form !== undefined && form !== null;
  if (hasChoices && hasForm) throw new ValueError("choices or form expected, got both");
  if (hasChoices) return { kind: "choices", choices: readChoices(choices) };
  if (!hasForm) return { kind: "text" };
  if (isDescriptor(form)) {
    const shape = shapeOf(form);
    if (holdsExact(shape)) throw new ValueError("a person cannot be asked for exact").within("form");
    return { kind: "shape", shape };
  }
  readFormDescription(form);
  // The reader has just accepted it.
  return { kind: "form", form: form as FormDescription };
}

function readChoices(choices: unknown): readonly string[] {
  if (!Array.isArray(choices) || choices.length === 0 || choices.length > MAX_CHOICES)
    throw new ValueError(`a list of 1 to ${MAX_CHOICES} texts expected`).within("choices");
  const texts = choices.map((one: unknown, index) => checkText(one, `choices[${index}]`, MAX_CHOICE_CHARS).trim());
  if (new Set(texts.map((one) => one.toLowerCase())).size < texts.length)
    throw new ValueError("choices that differ by more than case expected").within("choices");
  return texts;
}

/** A value with its wire type is nothing that a person could be asked for. */
function holdsExact(shape: Shape): boolean {
  switch (shape.kind) {
    case "exact":
      return true;
    case "named":
    case "optional":
    case "nullable":
      return holdsExact(shape.inner);
    case "array":
      return holdsExact(shape.items);
    case "record":
      return holdsExact(shape.values);
    case "struct":
      return Object.values(shape.members).some(holdsExact);
    case "any":
    case "base64":
    case "boolean":
    case "dateTime":
    case "double":
    case "enumeration":
    case "int":
    case "integer":
    case "long":
    case "nil":
    case "number":
    case "string":
      return false;
  }
}

/** Makes the fields of a question, and their reader. */
export function compileQuestion(spec: QuestionSpec): CompiledQuestion {
  const { asks } = spec;
  const [first = "", ...rest] = spec.text.split("\n").filter((line) => line.trim() !== "");
  const cut = first.length > MAX_TITLE_CHARS ? [first] : [];
  const about = {
    spec,
    title: cut.length === 0 ? first : `${first.slice(0, MAX_TITLE_CHARS - 1)}…`,
    instructions: [...cut, ...rest],
  };
  switch (asks.kind) {
    case "text":
      return { ...about, ...fieldsOfShape({ kind: "string" }) };
    case "choices":
      return { ...about, ...fieldsOfShape({ kind: "enumeration", values: asks.choices }) };
    case "shape":
      return { ...about, ...fieldsOfShape(asks.shape) };
    case "form": {
      const { title, fields, answerOf } = readFormDescription(asks.form);
      const form: Form = { type: "form", fields };
      return {
        ...about,
        ...(title === undefined ? {} : { title, instructions: [first, ...rest] }),
        fields,
        read: (submitted) => {
          const { values, problems } = readSubmission(form, submitted);
          if (problems.length > 0) return { kind: "problems", problems };
          const json = answerOf(values);
          return { kind: "answer", json, natural: json };
        },
      };
    }
  }
}

function fieldsOfShape(shape: Shape): Pick<CompiledQuestion, "fields" | "read"> {
  const bare = unnamed(shape);
  const isStruct = bare.kind === "struct";
  const asked = isStruct
    ? Object.entries(bare.members).map(([name, member]) => ({ name, shape: member }))
    : [{ name: ONLY, shape }];
  const { form, read } = askFor("", [], asked);
  const natural = compileReader(shape);
  return {
    fields: form.fields.filter((field) => field.var !== FORM_TYPE),
    read: (submitted) => {
      // Which kind of form it is, is looked at where the question is found.
      const answer = read({ ...submitted, fields: submitted.fields.filter((field) => field.var !== FORM_TYPE) });
      if (answer.kind === "problems") return answer;
      const exact = isStruct ? structOf(asked, answer.value) : answer.value[0];
      return exact === undefined
        ? { kind: "answer", json: null, natural: undefined }
        : { kind: "answer", json: jsonOfValue(exact), natural: natural(exact) };
    },
  };
}

function structOf(
  asked: readonly { readonly name: string }[],
  values: readonly (ExactValue | undefined)[],
): ExactValue {
  const value: Record<string, ExactValue> = {};
  for (const [index, { name }] of asked.entries()) {
    const member = values[index];
    if (member !== undefined) setOwn(value, name, member);
  }
  return { type: "struct", value };
}

/** The form of a question: its code goes with it, so that the answer says what it answers. */
export function formOf({ title, instructions, fields }: CompiledQuestion, code: string): Form {
  return {
    type: "form",
    title,
    instructions,
    fields: [
      { type: "hidden", var: FORM_TYPE, values: [NS.questionForm] },
      { type: "hidden", var: CODE_FIELD, values: [code] },
      ...fields,
    ],
  };
}

/** The fields of an answer in JSON, as a form shows them: members of members have their names joined by dots. */
export function fieldsOfAnswer(json: JsonValue, name = ONLY): Field[] {
  if (json === null) return [];
  if (Array.isArray(json)) return [{ var: name, values: json.map(String) }];
  // What is neither a list nor null.
  const one = json as string | number | boolean | { readonly [member: string]: JsonValue };
  if (typeof one !== "object") return [{ var: name, values: [String(one)] }];
  return Object.entries(one).flatMap(([member, value]) =>
    fieldsOfAnswer(value, name === ONLY ? member : `${name}.${member}`),
  );
}

/** An answer in JSON as the form that it was read from. */
export function submissionOf(json: JsonValue): Form {
  return { type: "submit", fields: fieldsOfAnswer(json) };
}
