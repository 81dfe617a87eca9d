// XML elements as every reader of this project sees them: immutable, namespace-resolved, text already unescaped.

/**
 * One parsed element.
 *
 * `attrs` inherits nothing. Its keys are the attribute's local name when it has no prefix, `xml:lang` and other
 * `xml:` attributes as written, and `{namespace}local` for every other prefixed attribute. Namespace declarations
 * are not attributes here: they are resolved into `ns`.
 * `children` never holds two adjacent strings, nor an empty one.
 */
export interface XmlElement {
  readonly name: string;
  readonly ns: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}

/** What an element holds: further elements and text, in document order. */
export type XmlNode = XmlElement | string;

/** The child elements of `element`, in order; text between them is left out. */
export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== "string");
}

/** The first child element of that name, in the namespace of `element` unless another is given. */
export function findChild(element: XmlElement, name: string, ns: string = element.ns): XmlElement | undefined {
  for (const child of element.children) {
    if (typeof child !== "string" && child.name === name && child.ns === ns) return child;
  }
  return undefined;
}

/** The text directly inside `element`, without the text of its child elements. */
export function textOf(element: XmlElement): string {
  let text = "";
  for (const child of element.children) if (typeof child === "string") text += child;
  return text;
}
