// Atom feeds (RFC 4287).

import type { AtomContent, AtomLink, AtomPerson } from "../rpc/index.js";
import { childElements, findChild, textOf, writeElement, type XmlElement } from "../xml/index.js";
import { readFeedDate } from "./dates.js";
import { absoluteUrl, type FoundEntry } from "./feed.js";
import { htmlText } from "./html-text.js";
import type { FoundFeed } from "./read-rss.js";

const ATOM = "http://www.w3.org/2005/Atom";
const XHTML = "http://www.w3.org/1999/xhtml";

/** Reads a `<feed/>`; undefined for another root. */
export function readAtom(root: XmlElement, base: string): FoundFeed | undefined {
  if (root.name !== "feed" || root.ns !== ATOM) return undefined;
  const feedBase = baseOf(root, base);
  const feedAuthors = personsOf(root);
  const entries = childrenOf(root, "entry").map((entry) => readEntry(entry, feedBase, feedAuthors));
  return { title: plainText(findChild(root, "title")), entries };
}

function readEntry(entry: XmlElement, feedBase: string, feedAuthors: readonly AtomPerson[]): FoundEntry {
  const base = baseOf(entry, feedBase);
  const own = personsOf(entry);
  const source = findChild(entry, "source");
  const others = source === undefined ? [] : personsOf(source);
  const links = childrenOf(entry, "link").flatMap((link) => readLink(link, base));
  const alternate = links.find(({ rel = "alternate" }) => rel === "alternate");
  const content = findChild(entry, "content");
  const src = content?.attrs["src"];
  return {
    id: childText(entry, "id"),
    title: plainText(findChild(entry, "title")),
    updated: readFeedDate(childText(entry, "updated")),
    published: readFeedDate(childText(entry, "published")),
    authors: [own, others, feedAuthors].find((list) => list.length > 0) ?? [],
    link: alternate?.href ?? (src === undefined ? undefined : absoluteUrl(src, base)),
    links: links.filter((link) => link !== alternate),
    summary: plainText(findChild(entry, "summary")),
    content: content === undefined ? undefined : readContent(content),
    categories: childrenOf(entry, "category").flatMap(({ attrs }) => attrs["term"] ?? []),
  };
}

/** RFC 4287 §2: `xml:base` of an element is for all below it. */
function baseOf({ attrs }: XmlElement, outer: string): string {
  return absoluteUrl(attrs["xml:base"], outer) ?? outer;
}

function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return childElements(parent).filter((child) => child.name === name && child.ns === ATOM);
}

function childText(parent: XmlElement, name: string): string | undefined {
  const child = findChild(parent, name, ATOM);
  return child === undefined ? undefined : textOf(child).trim();
}

function allText(source: XmlElement): string {
  return source.children.map((child) => (typeof child === "string" ? child : allText(child))).join("");
}

/** RFC 4287 §3.1: text, HTML or XHTML. */
function plainText(construct: XmlElement | undefined): string | undefined {
  if (construct === undefined) return undefined;
  const text = allText(construct);
  return construct.attrs["type"] === "html" ? htmlText(text) : text.replace(/\s+/g, " ").trim();
}

function personsOf(parent: XmlElement): AtomPerson[] {
  return childrenOf(parent, "author").flatMap((author) => {
    const name = childText(author, "name");
    const email = childText(author, "email");
    const uri = childText(author, "uri");
    if (name === undefined) return [];
    return [{ name, ...(email === undefined ? {} : { email }), ...(uri === undefined ? {} : { uri }) }];
  });
}

function readLink({ attrs }: XmlElement, base: string): AtomLink[] {
  const href = absoluteUrl(attrs["href"], base);
  if (href === undefined) return [];
  const { rel, type, title } = attrs;
  return [
    {
      href,
      ...(rel === undefined ? {} : { rel }),
      ...(type === undefined ? {} : { type }),
      ...(title === undefined ? {} : { title }),
    },
  ];
}

/** RFC 4287 §4.1.3; what is no text is left out, and then the link leads to it. */
function readContent(content: XmlElement): AtomContent | undefined {
  const { type = "text", src } = content.attrs;
  if (src !== undefined) return undefined;
  if (type === "text" || type === "html") return { type, text: allText(content).trim() };
  const div = type === "xhtml" ? findChild(content, "div", XHTML) : undefined;
  return div === undefined ? undefined : { type: "xhtml", text: writeElement(div) };
}
