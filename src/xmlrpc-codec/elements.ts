// Walking XML-RPC elements: which namespace counts, what may stand between elements, how errors name an element.

import { ValueError } from "../values/index.js";
import type { XmlElement, XmlNode } from "../xml/index.js";

/** The namespace of Jabber-RPC (XEP-0009 §6). XML-RPC documents have none. */
export const NS_RPC = "jabber:iq:rpc";

/** The namespace of Apache's extension types; peers must match it, not the prefix `ex`. */
export const NS_EXTENSIONS = "http://ws.apache.org/xmlrpc/namespaces/extensions";

/** One reading of one document: which namespaces its elements may have. */
export interface Grammar {
  /** The namespace of the root element. */
  readonly ns: string;
  readonly lenient: boolean;
}

/** True if the element belongs to XML-RPC in this document. */
export function isOurs(element: XmlElement, { ns, lenient }: Grammar): boolean {
  return element.ns === ns || (lenient && (element.ns === "" || element.ns === NS_RPC));
}

/** How errors name an element: `<int>`, `<ex:serializable>`, `<x xmlns="urn:y">`; long names are cut. */
export function nameOf(element: XmlElement): string {
  const name = element.name.slice(0, 40);
  if (element.ns === NS_RPC || element.ns === "") return `<${name}>`;
  if (element.ns === NS_EXTENSIONS) return `<ex:${name}>`;
  return `<${name} xmlns=${JSON.stringify(element.ns.slice(0, 80))}>`;
}

/** True for text of nothing but XML white space. */
export function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false;
  }
  return true;
}

/**
 * The child elements of a structural element.
 *
 * @throws ValueError for text between them and for elements of another namespace
 */
export function structuralChildren(parent: XmlElement, grammar: Grammar): readonly XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of parent.children) {
    if (isStructural(child, parent, grammar)) found.push(child);
  }
  return found;
}

/** False for white space, true for an element of ours; throws for the rest. */
export function isStructural(child: XmlNode, parent: XmlElement, grammar: Grammar): child is XmlElement {
  if (typeof child === "string") {
    if (isBlank(child)) return false;
    throw new ValueError(`text inside ${nameOf(parent)}, where only elements may be`);
  }
  if (isOurs(child, grammar)) return true;
  throw new ValueError(`unexpected ${nameOf(child)} in ${nameOf(parent)}`);
}

/**
 * The one child of an element that must have exactly this one.
 *
 * @throws ValueError if it is missing, doubled, or not alone
 */
export function onlyChild(parent: XmlElement, name: string, grammar: Grammar): XmlElement {
  const [child, second] = structuralChildren(parent, grammar);
  if (child === undefined) throw new ValueError(`<${name}> missing in ${nameOf(parent)}`);
  if (child.name !== name) throw new ValueError(`<${name}> expected in ${nameOf(parent)}, got ${nameOf(child)}`);
  if (second !== undefined)
    throw new ValueError(`unexpected ${nameOf(second)} in ${nameOf(parent)}, after its <${name}>`);
  return child;
}

/**
 * The text of an element that holds nothing else.
 *
 * @throws ValueError for child elements
 */
export function scalarText(element: XmlElement): string {
  const [first, second] = element.children;
  if (first === undefined) return "";
  if (typeof first === "string" && second === undefined) return first;
  const child = element.children.find((node) => typeof node !== "string");
  throw new ValueError(`unexpected ${child === undefined ? "text" : nameOf(child)} in ${nameOf(element)}`);
}
