// Elements as XML: written from parts, or from a parsed tree with its namespaces declared where they change.

import { NO_ATTRS } from "./attributes.js";
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
  checkName(name);
  let text = `<${name}`;
  for (const key of Object.keys(attrs)) {
    const value = attrs[key];
    if (value === undefined) continue;
    checkName(key);
    text += ` ${key}="${escapeAttribute(value)}"`;
  }
  // Well-formed: the names were checked, the values escaped, the content is XmlText.
  return (children.length === 0 ? `${text}/>` : `${text}>${children.join("")}</${name}>`) as XmlText;
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
  const { attrs, children } = source;
  const isXmlNs = source.ns === XML_NS;
  const name = isXmlNs ? `xml:${source.name}` : source.name;
  // Inside an element of the XML namespace the default namespace is still the one around it.
  const innerNs = isXmlNs ? parentNs : source.ns;
  if (innerNs === XMLNS_NS) throw new XmlWriteError(`${XMLNS_NS} cannot be the namespace of an element`, 0);
  checkName(name);
  let text = innerNs === parentNs ? `<${name}` : `<${name} xmlns="${escapeAttribute(innerNs)}"`;
  if (attrs !== NO_ATTRS) {
    let prefixes = 0;
    for (const key of Object.keys(attrs)) {
      const value = escapeAttribute(attrs[key] ?? "");
      text += key.startsWith("{") ? foreignAttribute(key, value, prefixes++) : plainAttribute(key, value);
    }
  }
  // Well-formed in both cases: the names were checked, the values escaped.
  if (children.length === 0) return `${text}/>` as XmlText;
  text += ">";
  for (const child of children) text += typeof child === "string" ? escapeText(child) : writeElement(child, innerNs);
  return `${text}</${name}>` as XmlText;
}

function plainAttribute(name: string, value: XmlText): string {
  if (name === "xmlns" || (name.includes(":") && !name.startsWith("xml:"))) throw noAttribute(name);
  checkName(name);
  return ` ${name}="${value}"`;
}

/** An attribute `{namespace}local`, with a prefix of its own. */
function foreignAttribute(key: string, value: XmlText, index: number): string {
  const close = key.lastIndexOf("}");
  const uri = key.slice(1, close);
  if (close < 2 || uri === XML_NS || uri === XMLNS_NS) throw noAttribute(key);
  const name = `ns${index}:${key.slice(close + 1)}`;
  checkName(name);
  return ` xmlns:ns${index}="${escapeAttribute(uri)}" ${name}="${value}"`;
}

function noAttribute(key: string): XmlWriteError {
  return new XmlWriteError(`${key} is not an attribute of an XmlElement`, 0);
}

/** Nearly every name there is; a search of the engine is quicker than our loop. */
const PLAIN_NAME = /^[A-Za-z_][\w.-]*$/;

/** Checks a name with at most one colon. */
function checkName(name: string): void {
  if (PLAIN_NAME.test(name)) return;
  let end = endOfNcName(name, 0);
  if (end > 0 && name.charCodeAt(end) === COLON) {
    const local = endOfNcName(name, end + 1);
    end = local === end + 1 ? 0 : local;
  }
  if (end === 0 || end !== name.length)
    throw new XmlWriteError(`${JSON.stringify(name)} is not an XML name`, Math.min(end, name.length));
}
