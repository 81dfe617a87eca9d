// Stream errors (RFC 6120 §4.9): what is said before a stream is closed for good.

import { element, escapeText, sendable, type XmlText } from "../../xml/index.js";

const NS_STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";

/** The conditions of RFC 6120 §4.9.3 that this endpoint has a use for. */
export type StreamCondition =
  | "bad-format"
  | "bad-namespace-prefix"
  | "conflict"
  | "connection-timeout"
  | "host-unknown"
  | "improper-addressing"
  | "internal-server-error"
  | "invalid-from"
  | "invalid-namespace"
  | "not-authorized"
  | "not-well-formed"
  | "policy-violation"
  | "reset"
  | "resource-constraint"
  | "restricted-xml"
  | "system-shutdown"
  | "unsupported-encoding"
  | "unsupported-stanza-type"
  | "unsupported-version";

/** A stream error as a value; `text` is for people. */
export interface StreamProblem {
  readonly condition: StreamCondition;
  readonly text?: string;
}

/** The content of `<stream:error/>`. */
export function writeStreamProblem({ condition, text }: StreamProblem): XmlText {
  const said = element(condition, { xmlns: NS_STREAM_ERRORS });
  if (text === undefined) return said;
  return `${said}${element("text", { xmlns: NS_STREAM_ERRORS, "xml:lang": "en" }, escapeText(sendable(text)))}` as XmlText;
}
