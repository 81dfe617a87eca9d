// The answer to a form: from --field flags, or asked for on the terminal. Either way it is checked before it is sent.

import { type Field, type FieldProblem, type Form, readSubmission, typeOf } from "../xeps/index.js";
import { UsageError } from "./exit.js";

/** Values by field name, several for one that was given several times. */
export type FieldFlags = ReadonlyMap<string, readonly string[]>;

/** Reads `name=value` words; only the first = divides. Throws {@link UsageError}. */
export function readFieldFlags(words: readonly string[]): FieldFlags {
  const flags = new Map<string, string[]>();
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`--field ${word}: name=value expected`);
    const name = word.slice(0, at);
    flags.set(name, [...(flags.get(name) ?? []), word.slice(at + 1)]);
  }
  return flags;
}

/** The submission with these values; fields that are not given keep what the form shows. */
export function submissionOf(form: Form, given: FieldFlags): Form {
  const fields = form.fields.flatMap((field): Field[] => {
    if (field.var === undefined || typeOf(field) === "fixed") return [];
    const values = given.get(field.var) ?? field.values;
    return [{ var: field.var, ...(field.type === "hidden" ? { type: "hidden" } : {}), values }];
  });
  return { type: "submit", fields };
}

/** What is wrong with what was given, and what is missing; what the form itself shows is not held against anybody. */
export function problemsOf(form: Form, given: FieldFlags): readonly FieldProblem[] {
  const { values, problems } = readSubmission(form, submissionOf(form, given));
  return problems.filter(({ var: name }) => given.has(name) || (values.get(name) ?? []).length === 0);
}

/** Throws {@link UsageError} unless the flags answer the form. */
export function checkFlags(form: Form, given: FieldFlags): void {
  const problems = problemsOf(form, given);
  if (problems.length === 0) return;
  const lines = problems.map(({ var: name, text }) => `  --field ${name}=…  ${text}`);
  throw new UsageError(["the form is not answered:", ...lines].join("\n"));
}

/** For error texts: the fields of a form by name and label. */
export function fieldNames(form: Form): string {
  return form.fields
    .filter((field) => field.var !== undefined && typeOf(field) !== "hidden" && typeOf(field) !== "fixed")
    .map(({ var: name = "", label = "" }) => (label === "" ? name : `${name} (${label})`))
    .join(", ");
}
