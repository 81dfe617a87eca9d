// What an item holds, as the one element that a service takes (XEP-0060 §7.1.1; XEP-0335 §3).

import type { ItemPayload } from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import {
  element,
  escapeText,
  parseDocument,
  writeElement,
  type XmlElement,
  XmlError,
  type XmlText,
} from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { writeEntry } from "./write-entry.js";

/**
 * The element of a payload.
 *
 * @param author whose an entry without an author is
 * @throws ValueError for what is none of the three, for an invalid entry, a value that JSON has no text for, XML that is
 * not one well-formed element in a namespace of its own
 * @throws XmlWriteError for text that XML cannot carry
 */
export function writePayload(payload: ItemPayload, author: string): XmlText {
  if ("atom" in payload) return writeEntry(payload.atom, author);
  if ("json" in payload) return element("json", { xmlns: PUBSUB_NS.json }, escapeText(jsonText(payload.json)));
  return writeElement(readXml(payload.xml));
}

function jsonText(value: unknown): string {
  // JSON.stringify answers undefined for what it has no text for, which its type does not say.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new ValueError("json: a value that JSON has a text for expected");
  return text;
}

function readXml(xml: string): XmlElement {
  let root: XmlElement;
  try {
    root = parseDocument(xml, { comments: "refuse" });
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new ValueError(`xml: one well-formed element expected: ${error.message}`);
  }
  // In no namespace it would take on the one of the request around it.
  if (root.ns === "") throw new ValueError(`xml: <${root.name}/> needs a namespace of its own`);
  return root;
}
