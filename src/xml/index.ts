// XML: bytes to elements under limits, and text that is always well-formed.
export { childElements, findChild, textOf, type XmlElement, type XmlNode } from "./element.js";
export { type XmlCondition, XmlError } from "./xml-error.js";
export type { XmlText } from "./xml-text.js";
