// Notes and questions as message stanzas (RFC 6121 §5.2; XEP-0066 §3; XEP-0184 §5; XEP-0203 §3; XEP-0224; XEP-0334 §4).

import type { Note, Urgency } from "../../ports/index.js";
import { formatIsoDateTime } from "../../values/index.js";
import { element, escapeText, type XmlText } from "../../xml/index.js";
import { encodeForm, type Form } from "../data-forms/index.js";
import { NS } from "../namespaces.js";

/** From whom, to whom, and under which id. */
export interface Addresses {
  readonly id: string;
  readonly to: string;
  /** Undefined where the server writes it. */
  readonly from: string | undefined;
}

/** What an urgency is on the wire. */
interface UrgencyRow {
  readonly type: "chat" | "headline";
  readonly hint?: "store" | "no-store";
  readonly isAttention?: true;
}

const URGENCIES = {
  low: { type: "headline", hint: "no-store" },
  normal: { type: "chat" },
  high: { type: "chat", hint: "store", isAttention: true },
} as const satisfies Record<Urgency, UrgencyRow>;

/** A note. `lateSince` is when it was written, if that is not now. */
export function writeNote(addresses: Addresses, note: Note, lateSince: Date | undefined): XmlText {
  const { body, subject, link, urgency = "normal" } = note;
  const { type, hint, isAttention }: UrgencyRow = URGENCIES[urgency];
  return element(
    "message",
    { type, ...addresses },
    ...text("subject", subject),
    ...text("body", link === undefined ? body : `${body}\n${link}`),
    ...(link === undefined ? [] : [element("x", { xmlns: NS.oob }, ...text("url", link), ...text("desc", subject))]),
    // XEP-0184 §5.4: nobody acknowledges a headline.
    ...(type === "headline" ? [] : [element("request", { xmlns: NS.receipts })]),
    ...(hint === undefined ? [] : [element(hint, { xmlns: NS.hints })]),
    // XEP-0224 §4: not in what is delayed.
    ...(isAttention === true && lateSince === undefined ? [element("attention", { xmlns: NS.attention })] : []),
    ...delay(addresses.from, lateSince),
  );
}

/** One message of a conversation about a question. */
export interface QuestionMessage {
  readonly thread: string | undefined;
  readonly subject?: string | undefined;
  readonly body: string;
  readonly form?: Form | undefined;
  readonly lateSince?: Date | undefined;
}

/** A question, or what is said about one. */
export function writeQuestionMessage(addresses: Addresses, message: QuestionMessage): XmlText {
  const { thread, subject, body, form, lateSince } = message;
  return element(
    "message",
    { type: "chat", ...addresses },
    ...text("subject", subject),
    ...text("body", body),
    ...text("thread", thread),
    ...(form === undefined ? [] : [encodeForm(form)]),
    // A client that keeps its conversations has the question at hand wherever it is opened.
    element("store", { xmlns: NS.hints }),
    ...delay(addresses.from, lateSince),
  );
}

/** The receipt for the message with the id `received`. */
export function writeReceipt(addresses: Addresses, received: string): XmlText {
  return element("message", { type: "chat", ...addresses }, element("received", { xmlns: NS.receipts, id: received }));
}

function text(name: string, value: string | undefined): XmlText[] {
  return value === undefined ? [] : [element(name, {}, escapeText(value))];
}

function delay(from: string | undefined, since: Date | undefined): XmlText[] {
  return since === undefined ? [] : [element("delay", { xmlns: NS.delay, from, stamp: formatIsoDateTime(since) })];
}
