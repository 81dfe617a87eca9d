// XML: bytes to elements under limits, and text that is always well-formed.
export { withAttribute } from "./attributes.js";
export { childElements, findChild, textOf, type XmlElement, type XmlNode } from "./element.js";
export { escapeAttribute, escapeText, isXmlText, sendable } from "./escape.js";
export { XML_LIMIT_TABLE, XML_LIMITS, type XmlLimits } from "./limits.js";
export { createDocumentReader, type DocumentOptions, type DocumentReader, parseDocument } from "./parse-document.js";
export type { StreamEvent } from "./stream-event.js";
export { StreamParser, type StreamParserOptions } from "./stream-parser.js";
export { element, joinXml, writeElement } from "./write-element.js";
export { type XmlCondition, XmlError } from "./xml-error.js";
export type { XmlText } from "./xml-text.js";
export { XmlWriteError } from "./xml-write-error.js";
