// One whole XML document: XML-RPC over HTTP, WebSocket frames, fixtures.

import type { XmlElement } from "./element.js";
import { XML_LIMITS, type XmlLimits } from "./limits.js";
import { Scanner } from "./scanner.js";
import { XmlError } from "./xml-error.js";

/** How a document is read: limits that differ from XML_LIMITS, and what comments and processing instructions are. */
export interface DocumentOptions extends Partial<XmlLimits> {
  /** `skip` (the default): passed over, the text around a comment joins. `refuse`: restricted-xml. */
  readonly comments?: "refuse" | "skip";
}

/**
 * Reads a document that has exactly one root element. An XML declaration and a byte order mark may begin it; a DOCTYPE
 * is always refused. Throws XmlError; `maxStanzaBytes` is the limit of the whole document.
 */
export function parseDocument(input: string | Uint8Array, options: DocumentOptions = {}): XmlElement {
  const { comments = "skip", ...limits } = options;
  const merged = { ...XML_LIMITS, ...limits };
  const bytes = typeof input === "string" ? Buffer.byteLength(input) : input.length;
  if (bytes > merged.maxStanzaBytes) {
    throw new XmlError("policy-violation", `more than ${merged.maxStanzaBytes} bytes`, merged.maxStanzaBytes);
  }
  const scanner = new Scanner({ limits: merged, oversize: "error", kind: "document", comments });
  scanner.write(input);
  const event = scanner.next();
  if (event?.kind !== "stanza" || scanner.next() !== undefined || scanner.pending()) {
    throw new XmlError("not-well-formed", "the document ends too early", bytes);
  }
  return event.element;
}
