// The contact list that a server keeps for an account: only reading it (RFC 6121 §2.1).

import { childElements, type XmlElement } from "../xml/index.js";
import { NS } from "./namespaces.js";

/** The addresses in the answer to a roster request. */
export function readRoster(result: XmlElement): string[] {
  const query = childElements(result).find((child) => child.name === "query" && child.ns === NS.roster);
  const items = query === undefined ? [] : childElements(query).filter((child) => child.name === "item");
  return items.flatMap((item) => item.attrs["jid"] ?? []);
}
