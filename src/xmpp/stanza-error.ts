// Stanza errors: what one side answers instead of a result (RFC 6120 §8.3).

import { hasBrand } from "../brand.js";
import {
  childElements,
  element,
  escapeText,
  findChild,
  sendable,
  textOf,
  type XmlElement,
  type XmlText,
} from "../xml/index.js";

const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";

/** RFC 6120 §8.3.2. */
export type StanzaErrorType = "auth" | "cancel" | "continue" | "modify" | "wait";

/** The defined conditions (RFC 6120 §8.3.3), each with the type this project sends it with unless told otherwise. */
const CONDITION_TYPES = {
  "bad-request": "modify",
  conflict: "cancel",
  "feature-not-implemented": "cancel",
  forbidden: "auth",
  gone: "cancel",
  "internal-server-error": "cancel",
  "item-not-found": "cancel",
  "jid-malformed": "modify",
  "not-acceptable": "modify",
  "not-allowed": "cancel",
  "not-authorized": "auth",
  "policy-violation": "wait",
  "recipient-unavailable": "wait",
  redirect: "modify",
  "registration-required": "auth",
  "remote-server-not-found": "cancel",
  "remote-server-timeout": "wait",
  "resource-constraint": "wait",
  "service-unavailable": "cancel",
  "subscription-required": "auth",
  "undefined-condition": "cancel",
  "unexpected-request": "wait",
} as const satisfies Record<string, StanzaErrorType>;

/** The name of a defined condition (RFC 6120 §8.3.3). */
export type StanzaCondition = keyof typeof CONDITION_TYPES;

const STANZA_ERROR = Symbol.for("jabber-rpc.StanzaError");

/** What may be said about a stanza error beside its condition. */
export interface StanzaErrorDetails {
  readonly type?: StanzaErrorType;
  /** For people; it travels in `<text/>`. */
  readonly text?: string;
  /** The legacy `code` attribute (XEP-0086); XEP-0009 §5 shows 403 with forbidden. */
  readonly code?: number;
  /** An application-specific condition element, complete (RFC 6120 §8.3.4). */
  readonly application?: XmlText;
  /** The local name of the application-specific condition that a peer sent. */
  readonly applicationCondition?: string;
  /** Who generated the error, when the error says so (RFC 6120 §8.3.1). */
  readonly by?: string;
}

/**
 * A stanza error: thrown by handlers of requests to be sent, and thrown to callers when a peer sent one.
 * Only type `wait` is safe to retry (RFC 6120 §8.3.2).
 */
export class StanzaError extends Error {
  override readonly name = "StanzaError";
  readonly [STANZA_ERROR] = true;
  readonly condition: StanzaCondition;
  readonly type: StanzaErrorType;
  readonly details: StanzaErrorDetails;

  constructor(condition: StanzaCondition, details: StanzaErrorDetails = {}) {
    super(details.text === undefined ? condition : `${condition}: ${details.text}`);
    this.condition = condition;
    this.type = details.type ?? CONDITION_TYPES[condition];
    this.details = details;
  }

  /** For people, as the peer wrote it; undefined when it wrote none. */
  get text(): string | undefined {
    return this.details.text;
  }

  /** True for a stanza error, also one made by another copy of the package. */
  static is(error: unknown): error is StanzaError {
    return hasBrand(error, STANZA_ERROR);
  }
}

/** The `<error/>` child that says it. */
export function writeStanzaError(error: StanzaError): XmlText {
  const { code, text, application } = error.details;
  const children = [element(error.condition, { xmlns: NS_STANZAS })];
  if (text !== undefined) children.push(element("text", { xmlns: NS_STANZAS }, escapeText(sendable(text))));
  if (application !== undefined) children.push(application);
  return element("error", { type: error.type, ...(code === undefined ? {} : { code: String(code) }) }, ...children);
}

/** Reads the error that a stanza of type `error` carries; one without a usable `<error/>` is undefined-condition. */
export function readStanzaError(stanza: XmlElement): StanzaError {
  const child = findChild(stanza, "error");
  if (child === undefined) return new StanzaError("undefined-condition", { text: "the error stanza has no <error/>" });
  let condition: StanzaCondition = "undefined-condition";
  let text: string | undefined;
  let applicationCondition: string | undefined;
  for (const inner of childElements(child)) {
    if (inner.ns !== NS_STANZAS) applicationCondition = inner.name;
    else if (inner.name === "text") text = textOf(inner);
    else if (isCondition(inner.name)) condition = inner.name;
  }
  const type = child.attrs["type"];
  const by = child.attrs["by"] ?? stanza.attrs["from"];
  return new StanzaError(condition, {
    ...(isErrorType(type) ? { type } : {}),
    ...(text === undefined ? {} : { text }),
    ...(applicationCondition === undefined ? {} : { applicationCondition }),
    ...(by === undefined ? {} : { by }),
  });
}

function isCondition(name: string): name is StanzaCondition {
  return Object.hasOwn(CONDITION_TYPES, name);
}

function isErrorType(type: string | undefined): type is StanzaErrorType {
  return type === "auth" || type === "cancel" || type === "continue" || type === "modify" || type === "wait";
}
