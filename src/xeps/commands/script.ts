// What the session engine needs of a command: which form comes next, what an answer means, and how it is run at the end.

import type { Jid } from "../../jid.js";
import type { Field, FieldProblem, Form } from "../data-forms/index.js";
import type { Note } from "./command.js";

/** One form of a command. */
export interface Stage {
  /** The same for the same stage in every session: answers are kept by it. */
  readonly key: string;
  readonly form: Form;
  /** May the requester go on to another stage, or end here? At least one of both. */
  readonly hasNext: boolean;
  readonly canComplete: boolean;
  /** Reads what was submitted: what it means, or what is wrong with it. */
  read(submitted: Form): StageAnswer;
}

/** What a submitted form came to. */
export type StageAnswer =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "problems"; readonly problems: readonly FieldProblem[] };

/** An answered stage. */
export interface Answered {
  readonly key: string;
  readonly value: unknown;
}

/** How a command ended. */
export interface CommandEnd {
  readonly notes: readonly Note[];
  readonly form?: Form;
}

/** A command, whatever it stands for. */
export interface Script {
  readonly node: string;
  /** The stage after these; undefined when nothing more is asked. */
  stageAfter(answered: readonly Answered[]): Stage | undefined;
  /** Runs it. Throws a StanzaError of type wait when it did not run and may be tried again. */
  run(answered: readonly Answered[], requester: Jid): CommandEnd | Promise<CommandEnd>;
}

/** A form as it is shown again: with what was submitted, but never what is private. */
export function withSubmitted(form: Form, submitted: readonly Field[]): Form {
  const given = new Map(submitted.map((field) => [field.var, field.values]));
  const fields = form.fields.map((field) => {
    const values = field.var === undefined ? undefined : given.get(field.var);
    if (values === undefined || field.type === "fixed" || field.type === "hidden" || field.type === "text-private")
      return field;
    // What was refused may have had more values than its type allows.
    return {
      ...field,
      values: field.type === undefined || !field.type.endsWith("multi") ? values.slice(0, 1) : values,
    };
  });
  return { ...form, fields };
}
