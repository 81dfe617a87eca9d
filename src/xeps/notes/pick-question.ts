// Which question a message answers. With more than one open, a bare reply is never taken: it could be for either.

import { FORM_TYPE, type Form } from "../data-forms/index.js";
import { NS } from "../namespaces.js";
import { CODE_FIELD } from "./form-description.js";
import type { IncomingMessage } from "./incoming.js";

/** What has to be known of a question to find it. */
export interface Findable {
  readonly id: string;
  readonly code: string;
  readonly isOpen: boolean;
  /** True if its replies can be told from other chat. */
  readonly isClosedKind: boolean;
}

/** What a message is. */
export type Picked<Q extends Findable> =
  /** Not for us. */
  | { readonly kind: "none" }
  /** An answer, or one that comes too late: see `isOpen`. */
  | { readonly kind: "one"; readonly question: Q; readonly content: string | Form }
  /** A reply while several questions are open. */
  | { readonly kind: "several" }
  /** A bare reply to a question that has just ended, if it reads as one. */
  | { readonly kind: "late"; readonly question: Q; readonly content: string };

/** The word that the gateway answers by itself; who wants to answer with it writes the code before it. */
const HELP = "help";

/** Finds the question, among those to one person; the oldest first. */
export function pickQuestion<Q extends Findable>(
  questions: readonly Q[],
  content: Exclude<IncomingMessage["content"], { readonly kind: "encrypted" }>,
  thread: string | undefined,
): Picked<Q> {
  const open = questions.filter(({ isOpen }) => isOpen);
  const [only] = open;
  if (content.kind === "form") return pickForForm(questions, content.form, thread, only, open.length);
  const text = content.body.trim();
  const [, first = "", rest = ""] = /^#?(\S+?)[:,]?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const coded = questions.find(({ code }) => code === first.toUpperCase());
  if (coded !== undefined) return { kind: "one", question: coded, content: rest };
  if (text.toLowerCase() === HELP) return { kind: "none" };
  if (open.length > 1) return { kind: "several" };
  if (only !== undefined) return { kind: "one", question: only, content: text };
  const last = questions.at(-1);
  return last?.isClosedKind === true ? { kind: "late", question: last, content: text } : { kind: "none" };
}

/** A form says itself what it answers; without that, and in no thread of ours, it must be clear. */
function pickForForm<Q extends Findable>(
  questions: readonly Q[],
  form: Form,
  thread: string | undefined,
  only: Q | undefined,
  openCount: number,
): Picked<Q> {
  const textIn = (name: string): string | undefined => form.fields.find((field) => field.var === name)?.values[0];
  const kind = textIn(FORM_TYPE);
  if (kind !== undefined && kind !== NS.questionForm) return { kind: "none" };
  const code = textIn(CODE_FIELD);
  const named =
    code === undefined
      ? questions.find(({ id }) => id === thread)
      : questions.find((one) => one.code === code.trim().toUpperCase());
  if (named !== undefined) return { kind: "one", question: named, content: form };
  if (code !== undefined || openCount === 0) return { kind: "none" };
  // COMPAT(XEP-0004 §3.3): hidden fields should come back, and do not always.
  return only !== undefined && openCount === 1 ? { kind: "one", question: only, content: form } : { kind: "several" };
}
