// Which messages can be an answer: what a person has just written to us, in the clear, and not what somebody quotes
// (XEP-0203 §5; XEP-0297 §7.1; XEP-0280 §7; XEP-0380 §3; RFC 6121 §5.2.2).

import { type Jid, tryParseJid } from "../../jid.js";
import { ValueError } from "../../values/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../../xml/index.js";
import { decodeForm, type Form, findForm } from "../data-forms/index.js";
import { NS } from "../namespaces.js";

/** A message of a person. */
export interface IncomingMessage {
  readonly from: Jid;
  /** The address that was written to. */
  readonly to: string | undefined;
  readonly id: string | undefined;
  readonly thread: string | undefined;
  /** True if he wants to know that it arrived (XEP-0184 §5). */
  readonly wantsReceipt: boolean;
  readonly content:
    | { readonly kind: "text"; readonly body: string }
    | { readonly kind: "form"; readonly form: Form }
    /** He cannot be read, and should be told. */
    | { readonly kind: "encrypted" };
}

/** Payloads that say that the body is not what the person wrote (XEP-0384 in both versions, XEP-0373, XEP-0027). */
const ENCRYPTED = [
  { name: "encryption", ns: NS.encryption },
  { name: "encrypted", ns: "eu.siacs.conversations.axolotl" },
  { name: "encrypted", ns: "urn:xmpp:omemo:2" },
  { name: "openpgp", ns: "urn:xmpp:openpgp:0" },
  { name: "x", ns: "jabber:x:encrypted" },
] as const;
/** OTR has no element (XEP-0364 §4). */
const OTR = /^\?OTR[:?v,|]/;

/** Reads a message; undefined for what can be no answer. */
export function readIncoming(stanza: XmlElement): IncomingMessage | undefined {
  const { type, id, to } = stanza.attrs;
  const from = tryParseJid(stanza.attrs["from"]);
  if (from === undefined || type === "error" || type === "groupchat" || type === "headline") return undefined;
  const isHistory =
    findChild(stanza, "delay", NS.delay) !== undefined || findChild(stanza, "x", NS.legacyDelay) !== undefined;
  const isQuoted = childElements(stanza).some(({ ns }) => ns === NS.forward || ns === NS.carbons);
  if (isHistory || isQuoted) return undefined;
  const content = contentOf(stanza);
  if (content === undefined) return undefined;
  const thread = findChild(stanza, "thread");
  return {
    from,
    to,
    id,
    thread: thread === undefined ? undefined : textOf(thread),
    wantsReceipt: id !== undefined && findChild(stanza, "request", NS.receipts) !== undefined,
    content,
  };
}

function contentOf(stanza: XmlElement): IncomingMessage["content"] | undefined {
  const body = findChild(stanza, "body");
  const text = body === undefined ? "" : textOf(body);
  if (ENCRYPTED.some(({ name, ns }) => findChild(stanza, name, ns) !== undefined) || OTR.test(text))
    return { kind: "encrypted" };
  const form = submissionOf(stanza);
  if (form !== undefined) return { kind: "form", form };
  return body === undefined || text.trim() === "" ? undefined : { kind: "text", body: text };
}

/** What somebody submits; a form that asks us something is none of ours. */
function submissionOf(stanza: XmlElement): Form | undefined {
  const x = findForm(stanza);
  if (x === undefined) return undefined;
  try {
    const form = decodeForm(x);
    return form.type === "submit" || form.type === "cancel" ? form : undefined;
  } catch (error) {
    if (ValueError.is(error)) return undefined;
    throw error;
  }
}

/** A receipt: whose, and for which message (XEP-0184 §5.3). */
export function readReceipt(stanza: XmlElement): { readonly from: Jid; readonly id: string } | undefined {
  const from = tryParseJid(stanza.attrs["from"]);
  const received = findChild(stanza, "received", NS.receipts);
  const id = received?.attrs["id"];
  if (from === undefined || id === undefined || stanza.attrs["type"] === "error") return undefined;
  return { from, id };
}
