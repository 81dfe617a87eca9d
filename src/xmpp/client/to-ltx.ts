// Our elements as @xmpp/client wants them. Always through its own `xml`: another copy of ltx has another Element class.

import { type LtxElement, xml } from "@xmpp/client";
import type { XmlElement } from "../../xml/index.js";

/** A copy of `element` for the library; every element declares its namespace, attributes with a prefix are left out. */
export function toLtx(element: XmlElement): LtxElement {
  const attrs: Record<string, string> = { xmlns: element.ns };
  for (const [name, value] of Object.entries(element.attrs)) {
    if (!name.startsWith("{")) attrs[name] = value;
  }
  return xml(
    element.name,
    attrs,
    ...element.children.map((child) => (typeof child === "string" ? child : toLtx(child))),
  );
}
