// Rules of a stream that need nothing but the element at hand (RFC 6120 §4.7, §4.9.3).

import { tryParseJid } from "../../jid.js";
import { type XmlElement, XmlError } from "../../xml/index.js";
import { NS_CLIENT } from "./namespaces.js";
import type { StreamProblem } from "./stream-error.js";

/** RFC 6120 §4.7, §4.9.3: the addresses and version of a header. */
export function checkHeader(header: XmlElement, domain: string): StreamProblem | undefined {
  const { to, version } = header.attrs;
  const major = /^([0-9]+)\.[0-9]+$/.exec(version ?? "")?.[1];
  if (major === undefined || Number(major) < 1) {
    return { condition: "unsupported-version", text: "expected version 1.0" };
  }
  const asked = tryParseJid(to);
  if (asked === undefined) return { condition: "improper-addressing", text: "a header's to names the domain" };
  if (asked.full !== domain) return { condition: "host-unknown", text: `this is ${domain}` };
  return undefined;
}

/** What is said of input that could not be read. */
export function problemOf(error: unknown): StreamProblem {
  if (error instanceof XmlError) return { condition: error.condition, text: error.message };
  throw error;
}

function isStanzaName(name: string): boolean {
  return name === "iq" || name === "message" || name === "presence";
}

/** Whether a top-level element is one of the three kinds of stanzas. */
export function isStanza(element: XmlElement): boolean {
  return element.ns === NS_CLIENT && isStanzaName(element.name);
}

/** What is said of an element that a phase has no use for (RFC 6120 §4.3.5, §4.9.3.10, §4.9.3.24). */
export function uselessElement(element: XmlElement): StreamProblem {
  if (isStanza(element)) return { condition: "not-authorized", text: "a stanza before its time" };
  if (isStanzaName(element.name)) {
    return { condition: "invalid-namespace", text: `stanzas are in the namespace ${NS_CLIENT}` };
  }
  return { condition: "unsupported-stanza-type", text: "an element that is not known here" };
}
