// The <query/> around a call or a response (XEP-0009 §2), and the call key that may travel with a call.

import { childElements, element, textOf, type XmlElement, type XmlText } from "../../xml/index.js";
import { StanzaError } from "../../xmpp/index.js";
import { NS } from "../namespaces.js";

/** What a request's query holds. */
export interface CallQuery {
  readonly methodCall: XmlElement;
  /** The caller's key for at-most-once delivery; absent from peers that are not jabber-rpc. */
  readonly callKey: string | undefined;
}

const MAX_CALL_KEY_CHARACTERS = 64;

/** Wraps an encoded call or response. */
export function writeQuery(content: XmlText, callKey?: string): XmlText {
  const key = callKey === undefined ? "" : element("call", { xmlns: NS.call, key: callKey });
  // Both parts are XmlText, so the whole is.
  return `<query xmlns='${NS.rpc}'>${content}${key}</query>` as XmlText;
}

/** Takes a request's query apart. Throws bad-request for what is no call at all (XEP-0009 §2: one methodCall). */
export function readCallQuery(query: XmlElement): CallQuery {
  let methodCall: XmlElement | undefined;
  let callKey: string | undefined;
  for (const child of childElements(query)) {
    if (child.ns === NS.call && child.name === "call") callKey = readCallKey(child);
    else if (child.name === "methodCall" && isRpcNamespace(child) && methodCall === undefined) methodCall = child;
    else throw badRequest(`<${child.name}/> is not expected in a request's <query/>, exactly one <methodCall/> is`);
  }
  if (methodCall === undefined) throw badRequest("the <query/> holds no <methodCall/>");
  return { methodCall, callKey };
}

/** The `<methodResponse/>` of a result; undefined when there is none. */
export function findMethodResponse(result: XmlElement): XmlElement | undefined {
  return queryChild(result, "methodResponse");
}

/**
 * How many milliseconds more a peer asks for.
 * COMPAT(pyobs, 1.x): a slow method first sends a result with `<methodTimeout><timeout>seconds`, then the real one.
 */
export function readMethodTimeoutMs(result: XmlElement): number | undefined {
  const methodTimeout = queryChild(result, "methodTimeout");
  if (methodTimeout === undefined) return undefined;
  const timeout = childElements(methodTimeout).find((child) => child.name === "timeout");
  const seconds = timeout === undefined ? Number.NaN : Number(textOf(timeout));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MAX_EXTENSION_SECONDS) * 1000 : undefined;
}

const MAX_EXTENSION_SECONDS = 3600;

function queryChild(result: XmlElement, name: string): XmlElement | undefined {
  const query = childElements(result).find((child) => child.name === "query" && child.ns === NS.rpc);
  return query && childElements(query).find((child) => child.name === name && isRpcNamespace(child));
}

/** COMPAT(sloppy DOM builders): children may have reset their namespace to nothing. */
function isRpcNamespace(child: XmlElement): boolean {
  return child.ns === NS.rpc || child.ns === "";
}

function readCallKey(call: XmlElement): string {
  const key = call.attrs["key"] ?? "";
  if (key !== "" && key.length <= MAX_CALL_KEY_CHARACTERS) return key;
  throw badRequest(`the call key must have 1 to ${MAX_CALL_KEY_CHARACTERS} characters`);
}

function badRequest(text: string): StanzaError {
  return new StanzaError("bad-request", { text });
}
