// Software Version: name and version; the operating system is nobody's business (XEP-0092 §2, §5).

import { childElements, element, escapeText, findChild, textOf, type XmlElement } from "../xml/index.js";
import type { Feature } from "./feature.js";
import { NS } from "./namespaces.js";

/** Answers which software this is, and advertises that. */
export function createVersion(software: { readonly name: string; readonly version: string }): Feature {
  const query = element(
    "query",
    { xmlns: NS.version },
    element("name", {}, escapeText(software.name)),
    element("version", {}, escapeText(software.version)),
  );
  return {
    name: "version",
    features: [NS.version],
    routes: [{ type: "get", ns: NS.version, name: "query", handle: () => query }],
  };
}

/** Reads the answer to a version request: `jabber-rpc 1.0.0`; empty when the peer does not tell. */
export function readVersion(result: XmlElement): string {
  const query = childElements(result).find((child) => child.name === "query" && child.ns === NS.version);
  if (query === undefined) return "";
  return ["name", "version"]
    .map((tag) => findChild(query, tag))
    .map((child) => (child === undefined ? "" : textOf(child).trim()))
    .join(" ")
    .trim();
}
