// Resource binding (RFC 6120 §7): the request and its result.

import type { Jid } from "../../jid.js";
import {
  childElements,
  element,
  escapeText,
  findChild,
  textOf,
  type XmlElement,
  type XmlText,
} from "../../xml/index.js";
import { NS_BIND } from "./namespaces.js";

/** A request to bind; without a resource the server makes one. `problem` says why it cannot be taken. */
export type BindRequest =
  | { readonly id: string; readonly resource: string | undefined }
  | { readonly id: string; readonly problem: string };

/** Reads a stanza as a request to bind; undefined when it is something else, or nobody could be answered. */
export function readBindRequest(stanza: XmlElement): BindRequest | undefined {
  const { type, id } = stanza.attrs;
  const bind = findChild(stanza, "bind", NS_BIND);
  if (stanza.name !== "iq" || bind === undefined || id === undefined) return undefined;
  if (type !== "set") return { id, problem: "binding is a request of type set" };
  if (childElements(stanza).length !== 1) return { id, problem: "a request has exactly one child element" };
  const resource = findChild(bind, "resource");
  // RFC 6120 §7.6: an empty element asks for a resource of the server's making.
  const text = resource === undefined ? "" : textOf(resource);
  return { id, resource: text === "" ? undefined : text };
}

export function writeBindResult(jid: Jid): XmlText {
  return element("bind", { xmlns: NS_BIND }, element("jid", {}, escapeText(jid.full)));
}
