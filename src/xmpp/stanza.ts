// Elements to stanzas: who sends what to whom (RFC 6120 §8.1, §8.2).

import { type Jid, tryParseJid } from "../jid.js";
import { childElements, escapeAttribute, type XmlElement, type XmlText } from "../xml/index.js";

/** An IQ of type get or set, ready to be routed: it has an id, a sender and exactly one child. */
export interface IqRequest {
  readonly kind: "request";
  readonly type: "get" | "set";
  readonly id: string;
  /** Who asks; undefined when the link stamps nobody (own account or server). */
  readonly from: Jid | undefined;
  /** The address asked, exactly as written: the answer comes from it. */
  readonly toText: string | undefined;
  readonly fromText: string | undefined;
  readonly payload: XmlElement;
  readonly lang: string | undefined;
}

/** An IQ of type result or error. */
export interface IqReply {
  readonly kind: "reply";
  readonly type: "result" | "error";
  readonly id: string;
  readonly fromText: string | undefined;
  readonly stanza: XmlElement;
}

/** An IQ that is neither; `answerable` tells whether an error may and can be sent back. */
export interface BadIq {
  readonly kind: "bad";
  readonly problem: string;
  readonly answerable: boolean;
}

/**
 * Reads an `<iq/>` element (RFC 6120 §8.2.3). Never throws: what is wrong with it is said in a {@link BadIq}.
 *
 * @param readJid for a reader of many, one that remembers
 */
export function readIq(
  stanza: XmlElement,
  readJid: (text: string) => Jid | undefined = tryParseJid,
): IqRequest | IqReply | BadIq {
  const { type, id, from: fromText, to: toText } = stanza.attrs;
  if (type === "result" || type === "error") {
    return id === undefined ? bad("a reply without an id", false) : { kind: "reply", type, id, fromText, stanza };
  }
  if (id === undefined) return bad("an iq without an id", false);
  const from = fromText === undefined ? undefined : readJid(fromText);
  if (fromText !== undefined && from === undefined) return bad("the sender's address is malformed", false);
  if (type !== "get" && type !== "set") return bad("type must be get, set, result or error", true);
  let payload: XmlElement | undefined;
  for (const child of stanza.children) {
    if (typeof child === "string") continue;
    if (payload !== undefined) return notOneChild(stanza);
    payload = child;
  }
  if (payload === undefined) return notOneChild(stanza);
  return { kind: "request", type, id, from, fromText, toText, payload, lang: stanza.attrs["xml:lang"] };
}

/** The text of an IQ. Addresses that are undefined are left out. */
export function writeIq(
  type: "get" | "set" | "result" | "error",
  addresses: { readonly id: string; readonly to?: string | undefined; readonly from?: string | undefined },
  content: string,
): XmlText {
  let text = `<iq type='${type}' id='${escapeAttribute(addresses.id)}'`;
  if (addresses.to !== undefined) text += ` to='${escapeAttribute(addresses.to)}'`;
  if (addresses.from !== undefined) text += ` from='${escapeAttribute(addresses.from)}'`;
  // Attributes are escaped above and the content is XmlText, or nothing: the whole is well-formed.
  return (content === "" ? `${text}/>` : `${text}>${content}</iq>`) as XmlText;
}

function notOneChild(stanza: XmlElement): BadIq {
  return bad(`a request has exactly one child element, this one has ${childElements(stanza).length}`, true);
}

function bad(problem: string, answerable: boolean): BadIq {
  return { kind: "bad", problem, answerable };
}
