// The one element of an item, as what it is (XEP-0060 §7.1.2; XEP-0335 §3).

import type { ItemPayload, PayloadKind } from "../../rpc/index.js";
import { textOf, writeElement, type XmlElement } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { readEntry } from "./read-entry.js";

/** Reads a payload. An entry that is not valid, and JSON that is none, are XML like anything else. */
export function readPayload(source: XmlElement): ItemPayload {
  const atom = readEntry(source);
  if (atom !== undefined) return { atom };
  const json = readJson(source);
  return json ?? { xml: writeElement(source) };
}

function readJson(source: XmlElement): { readonly json: unknown } | undefined {
  if (source.name !== "json" || source.ns !== PUBSUB_NS.json) return undefined;
  try {
    const json: unknown = JSON.parse(textOf(source));
    return { json };
  } catch {
    return undefined;
  }
}

/** Which of the three it is. */
export function payloadKind(payload: ItemPayload): PayloadKind {
  if ("atom" in payload) return "atom";
  return "json" in payload ? "json" : "xml";
}
