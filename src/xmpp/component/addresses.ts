// Whose stanzas go over a component's stream: a component speaks for its domain and for every address at it (XEP-0114 §3).

import { type Jid, tryParseJid } from "../../jid.js";
import type { XmlText } from "../../xml/index.js";

const FROM = /\sfrom=(?:"([^"]*)"|'([^']*)')/;
const TO = /\sto=["'][^"']/;

/** True for the component's domain itself and for every address at it. */
export function isAtDomain(address: string, domain: string): boolean {
  const slash = address.indexOf("/");
  const bare = slash < 0 ? address : address.slice(0, slash);
  // As almost everybody writes it; the rest is prepared first.
  if (bare.slice(bare.indexOf("@") + 1) === domain) return true;
  return tryParseJid(address)?.domain === domain;
}

/**
 * Why a stanza must not be sent: servers close the whole stream, and with it every other call, for one without addresses or in
 * somebody else's name.
 */
export function addressingProblem(stanza: XmlText, { domain }: Jid): string | undefined {
  const end = stanza.indexOf(">");
  const head = end < 0 ? stanza : stanza.slice(0, end);
  if (!TO.test(head)) return `a component's stanza needs a to: ${head.slice(0, 80)}`;
  const from = FROM.exec(head);
  if (from === null) return `a component's stanza needs a from: ${head.slice(0, 80)}`;
  if (!isAtDomain(from[1] ?? from[2] ?? "", domain))
    return `a component speaks only for ${domain}: ${head.slice(0, 80)}`;
  return undefined;
}
