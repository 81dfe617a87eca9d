// Atom to entries (RFC 4287 §4.1.2). What others wrote is read leniently, but for the three that every entry must have.

import type { AtomContent, AtomEntry, AtomLink, AtomPerson } from "../../rpc/index.js";
import { childElements, findChild, textOf, writeElement, type XmlElement } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { isAbsoluteIri } from "./write-entry.js";

/** Reads an `<entry/>`; undefined for another element, and for one without a usable id, title and updated. */
export function readEntry(source: XmlElement): AtomEntry | undefined {
  if (source.name !== "entry" || source.ns !== PUBSUB_NS.atom) return undefined;
  const title = findChild(source, "title");
  const id = childText(source, "id");
  const updated = readDate(childText(source, "updated"));
  if (id === undefined || !isAbsoluteIri(id) || title === undefined || updated === undefined) return undefined;
  const published = readDate(childText(source, "published"));
  const summary = findChild(source, "summary");
  const content = findChild(source, "content");
  const readContents = content === undefined ? undefined : readContent(content);
  const authors = childrenNamed(source, "author").flatMap(readPerson);
  const links = childrenNamed(source, "link").flatMap(readLink);
  const categories = childrenNamed(source, "category").flatMap(({ attrs }) => attrs["term"] ?? []);
  return {
    id,
    title: plainText(title),
    updated,
    ...(published === undefined ? {} : { published }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(summary === undefined ? {} : { summary: plainText(summary) }),
    ...(readContents === undefined ? {} : { content: readContents }),
    ...(links.length === 0 ? {} : { links }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

function childrenNamed(source: XmlElement, name: string): XmlElement[] {
  return childElements(source).filter((child) => child.name === name && child.ns === source.ns);
}

function childText(source: XmlElement, name: string): string | undefined {
  const child = findChild(source, name);
  return child === undefined ? undefined : textOf(child).trim();
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** A date of RFC 3339; undefined for anything else. */
function readDate(text: string | undefined): Date | undefined {
  if (text === undefined || !RFC_3339.test(text)) return undefined;
  const date = new Date(text.toUpperCase());
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The text of an element and of all below it. */
function plainText(source: XmlElement): string {
  return source.children.map((child) => (typeof child === "string" ? child : plainText(child))).join("");
}

function readPerson(source: XmlElement): AtomPerson[] {
  const name = childText(source, "name");
  if (name === undefined) return [];
  const uri = childText(source, "uri");
  const email = childText(source, "email");
  return [{ name, ...(uri === undefined ? {} : { uri }), ...(email === undefined ? {} : { email }) }];
}

function readLink({ attrs }: XmlElement): AtomLink[] {
  const { href, rel, type, title } = attrs;
  if (href === undefined || !isAbsoluteIri(href)) return [];
  return [
    {
      href,
      rel: rel ?? "alternate",
      ...(type === undefined ? {} : { type }),
      ...(title === undefined ? {} : { title }),
    },
  ];
}

/** RFC 4287 §4.1.3: without a type it is text; other media types and content that stands elsewhere are left out. */
function readContent(source: XmlElement): AtomContent | undefined {
  const { type = "text", src } = source.attrs;
  if (src !== undefined) return undefined;
  if (type === "text" || type === "html") return { type, text: plainText(source) };
  if (type !== "xhtml") return undefined;
  const div = findChild(source, "div", PUBSUB_NS.xhtml);
  return div === undefined ? undefined : { type, text: writeElement(div) };
}
