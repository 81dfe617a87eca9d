// Several named values asked for by one form: the parameters of a method, or the fields of a step of a wizard.

import type { ExactValue, Shape } from "../../values/index.js";
import { type Field, type FieldProblem, FORM_TYPE, type Form, readSubmission } from "../data-forms/index.js";
import { NS } from "../namespaces.js";
import { labelOf } from "./labels.js";
import { FieldError, fieldsOfShape, segment, type ValueFields } from "./shape-fields.js";

/** One value to ask for. */
export interface Asked {
  readonly name: string;
  readonly shape: Shape;
}

/** What was answered: one value for each that was asked for, undefined for one that was left out. */
export type AskedAnswer =
  | { readonly kind: "value"; readonly value: readonly (ExactValue | undefined)[] }
  | { readonly kind: "problems"; readonly problems: readonly FieldProblem[] };

/** A form and its reader. */
export interface AskedForm {
  readonly form: Form;
  read(submitted: Form): AskedAnswer;
}

const KIND: Field = Object.freeze({ type: "hidden", var: FORM_TYPE, values: [NS.commandForm] });

/** The form that asks for these values, in their order. */
export function askFor(title: string, instructions: readonly string[], asked: readonly Asked[]): AskedForm {
  const taken = new Set<string>([FORM_TYPE]);
  const parts = asked.map(
    ({ name, shape }): ValueFields => fieldsOfShape(free(segment(name), taken), labelOf(name), shape),
  );
  const form: Form = { type: "form", title, instructions, fields: [KIND, ...parts.flatMap((part) => part.fields)] };
  return { form, read: (submitted) => readParts(form, parts, submitted) };
}

function readParts(form: Form, parts: readonly ValueFields[], submitted: Form): AskedAnswer {
  const { values, problems } = readSubmission(form, submitted);
  if (problems.length > 0) return { kind: "problems", problems };
  const texts = (name: string): readonly string[] => values.get(name) ?? [];
  const read: (ExactValue | undefined)[] = [];
  const found: FieldProblem[] = [];
  for (const part of parts) {
    try {
      read.push(part.read(texts));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const { var: name = "", label = name } = error.field;
      found.push({ var: name, text: `${label}: ${error.message}` });
    }
  }
  return found.length > 0 ? { kind: "problems", problems: found } : { kind: "value", value: read };
}

/** A name that no field before has. */
function free(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${name}#${count}`;
  taken.add(candidate);
  return candidate;
}
