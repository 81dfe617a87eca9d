// What people read about questions.

import { formatIsoDateTime } from "../../values/index.js";
import { type Field, type FieldProblem, type Form, typeOf } from "../data-forms/index.js";
import { howToReply } from "./chat-answer.js";
import type { CompiledQuestion } from "./question.js";
import type { StoredQuestion } from "./question-store.js";

/** A question that can be talked about. */
export interface Told {
  readonly stored: StoredQuestion;
  readonly compiled: CompiledQuestion;
}

/** The body of a question. `isAlone` is false when others to the same person are open. */
export function questionText({ stored, compiled }: Told, problems: readonly FieldProblem[], isAlone: boolean): string {
  const { code, deadlineAt, spec } = stored;
  return [
    ...(problems.length === 0 ? [] : [problems.map(({ text }) => text).join("\n"), ""]),
    spec.text,
    "",
    howToReply(compiled.fields),
    `Question ${code}, open until ${formatIsoDateTime(new Date(deadlineAt))}.${isAlone ? "" : ` Others are open too: begin your reply with ${code}.`}`,
  ].join("\n");
}

/** A reply that is no answer. */
export function wrongAnswerText({ stored, compiled }: Told, problems: readonly FieldProblem[]): string {
  const what = problems.map(({ text }) => text).join("\n");
  return `Question ${stored.code} is not answered yet.\n${what}\n${howToReply(compiled.fields)}`;
}

/** A bare reply while several questions are open. */
export function severalText(questions: readonly Told[]): string {
  const lines = questions.map(({ stored, compiled }) => {
    const how = howToReply(compiled.fields).split("\n", 1)[0] ?? "";
    return `${stored.code}: ${compiled.title} ${how}`;
  });
  const code = questions[0]?.stored.code ?? "";
  return `${questions.length} questions are open, so begin your reply with the code of one, such as ${code}:\n${lines.join("\n")}`;
}

/** An answer that counts. What is secret is not said again. */
export function thanksText({ stored, compiled }: Told, submitted: Form): string {
  const said = saidBy(compiled.fields, submitted);
  return said === undefined ? `Thank you (${stored.code}).` : `Thank you (${stored.code}: ${said}).`;
}

/** An answer to a question that is over. */
export function overText({ code, state, answeredBy, answeredAt }: StoredQuestion): string {
  switch (state) {
    case "answered":
      return `Question ${code} has been answered already, from ${answeredBy} at ${formatIsoDateTime(new Date(answeredAt ?? 0))}. Yours does not count.`;
    case "expired":
      return `Question ${code} has expired: your answer came too late.`;
    case "canceled":
      return `Question ${code} was taken back, so it needs no answer.`;
    case "open":
      return `Question ${code} is open.`;
  }
}

/** A message that cannot be read. */
export function encryptedText(code: string): string {
  return `I cannot read encrypted messages. Answer question ${code} without encryption, or by the command "Open questions".`;
}

/** What a person gets to see when something of ours fails. */
export function failedText(code: string): string {
  return `Your answer to question ${code} could not be taken; it is still open. Try again later.`;
}

/** What one field was answered with, unless it is secret or long. */
function saidBy(fields: readonly Field[], submitted: Form): string | undefined {
  const asked = fields.filter((field) => field.var !== undefined && typeOf(field) !== "fixed");
  const [only] = asked;
  if (only === undefined || asked.length > 1 || typeOf(only) === "text-private") return undefined;
  const values = submitted.fields.find((field) => field.var === only.var)?.values ?? [];
  const text = values.join(", ");
  if (text === "" || text.length > 60 || text.includes("\n")) return undefined;
  if (typeOf(only) === "boolean") return text === "true" || text === "1" ? "yes" : "no";
  return text;
}
