// One whole XML document: XML-RPC over HTTP, WebSocket frames, fixtures.

import type { XmlElement } from "./element.js";
import { XML_LIMITS, type XmlLimits } from "./limits.js";
import { Scanner, type ScannerOptions } from "./scanner.js";
import { TagReader } from "./tag-reader.js";
import { XmlError } from "./xml-error.js";

/** How a document is read: limits that differ from XML_LIMITS, and what comments and processing instructions are. */
export interface DocumentOptions extends Partial<XmlLimits> {
  /** `skip` (the default): passed over, the text around a comment joins. `refuse`: restricted-xml. */
  readonly comments?: "refuse" | "skip";
}

/** Reads one document after the other. */
export type DocumentReader = (input: string | Uint8Array) => XmlElement;

/**
 * Reads a document that has exactly one root element. An XML declaration and a byte order mark may begin it; a DOCTYPE
 * is always refused. Throws XmlError; `maxStanzaBytes` is the limit of the whole document.
 */
export function parseDocument(input: string | Uint8Array, options: DocumentOptions = {}): XmlElement {
  return createDocumentReader(options)(input);
}

/** {@link parseDocument} for many documents of one kind: the names of one are remembered for the next. */
export function createDocumentReader(options: DocumentOptions = {}): DocumentReader {
  const { comments = "skip", ...given } = options;
  const limits = { ...XML_LIMITS, ...given };
  const tag = new TagReader(limits);
  return (input) => readDocument(input, { limits, oversize: "error", kind: "document", comments, tag });
}

function readDocument(input: string | Uint8Array, options: ScannerOptions): XmlElement {
  const { maxStanzaBytes } = options.limits;
  const bytes = typeof input === "string" ? Buffer.byteLength(input) : input.length;
  if (bytes > maxStanzaBytes) {
    throw new XmlError("policy-violation", `more than ${maxStanzaBytes} bytes`, maxStanzaBytes);
  }
  const scanner = new Scanner(options);
  scanner.write(input);
  const event = scanner.next();
  if (event?.kind !== "stanza" || scanner.next() !== undefined || scanner.pending()) {
    throw new XmlError("not-well-formed", "the document ends too early", bytes);
  }
  return event.element;
}
