// Elements as XML: written from parts, or from a parsed tree with its namespaces declared where they change.

import { COLON, endOfNcName } from "./chars.js";
import type { XmlElement } from "./element.js";
import { escapeAttribute, escapeText } from "./escape.js";
import { XML_NS, XMLNS_NS } from "./namespaces.js";
import type { XmlText } from "./xml-text.js";
import { XmlWriteError } from "./xml-write-error.js";

/**
 * One element. `attrs` are written in their order, `xmlns` among them where it is needed; undefined ones are left out.
 * Throws XmlWriteError for a bad name or value; it does not know which prefixes are declared around it.
 */
export function element(
  name: string,
  attrs: Readonly<Record<string, string | undefined>>,
  ...children: XmlText[]
): XmlText {
  return writeParts(name, attrs, children.join(""), children.length === 0);
}

function writeParts(
  name: string,
  attrs: Readonly<Record<string, string | undefined>>,
  content: string,
  isEmpty: boolean,
): XmlText {
  checkName(name);
  let text = `<${name}`;
  for (const key of Object.keys(attrs)) {
    const value = attrs[key];
    if (value === undefined) continue;
    checkName(key);
    text += ` ${key}="${escapeAttribute(value)}"`;
  }
  // Well-formed: the names were checked, the values escaped, the content is XmlText.
  return (isEmpty ? `${text}/>` : `${text}>${content}</${name}>`) as XmlText;
}

/** Several elements or texts, one after the other. */
export function joinXml(parts: readonly XmlText[]): XmlText {
  return parts.join("") as XmlText;
}

/**
 * A parsed element, so that parsing the text in the namespace `parentNs` gives an equal one. Namespaces are declared
 * where they differ from the parent's; attributes of other namespaces get a prefix of their own.
 */
export function writeElement(source: XmlElement, parentNs = ""): XmlText {
  const isXmlNs = source.ns === XML_NS;
  const name = isXmlNs ? `xml:${source.name}` : source.name;
  // Inside an element of the XML namespace the default namespace is still the one around it.
  const innerNs = isXmlNs ? parentNs : source.ns;
  const attrs: Record<string, string> = Object.create(null);
  if (innerNs === XMLNS_NS) throw new XmlWriteError(`${XMLNS_NS} cannot be the namespace of an element`, 0);
  if (innerNs !== parentNs) attrs.xmlns = innerNs;
  let prefixes = 0;
  for (const [key, value] of Object.entries(source.attrs)) {
    if (!key.startsWith("{")) {
      if (key === "xmlns" || (key.includes(":") && !key.startsWith("xml:"))) {
        throw new XmlWriteError(`${key} is not an attribute of an XmlElement`, 0);
      }
      attrs[key] = value;
      continue;
    }
    const close = key.lastIndexOf("}");
    const uri = key.slice(1, close);
    if (close < 2 || uri === XML_NS || uri === XMLNS_NS)
      throw new XmlWriteError(`${key} is not an attribute of an XmlElement`, 0);
    const prefix = `ns${prefixes++}`;
    attrs[`xmlns:${prefix}`] = uri;
    attrs[`${prefix}:${key.slice(close + 1)}`] = value;
  }
  let content = "";
  for (const child of source.children)
    content += typeof child === "string" ? escapeText(child) : writeElement(child, innerNs);
  return writeParts(name, attrs, content, source.children.length === 0);
}

/** Checks a name with at most one colon. */
function checkName(name: string): void {
  let end = endOfNcName(name, 0);
  if (end > 0 && name.charCodeAt(end) === COLON) {
    const local = endOfNcName(name, end + 1);
    end = local === end + 1 ? 0 : local;
  }
  if (end === 0 || end !== name.length)
    throw new XmlWriteError(`${JSON.stringify(name)} is not an XML name`, Math.min(end, name.length));
}
