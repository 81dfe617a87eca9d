// Entries to Atom that every reader accepts (RFC 4287 §4.1.2): what a valid entry needs and is not given is filled in.

import type { AtomContent, AtomEntry, AtomLink, AtomPerson } from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import { element, escapeText, parseDocument, writeElement, type XmlElement, type XmlText } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";

/**
 * The `<entry/>` of an entry. Without an author it is `author`'s; without content and a link to the thing itself, the
 * summary or the title is the content.
 *
 * @throws ValueError for an id or a link that is no absolute address, dates that are none, XHTML that is no `<div/>`
 * @throws XmlWriteError for text that XML cannot carry
 */
export function writeEntry(entry: AtomEntry, author: string): XmlText {
  const { id, title, updated, published, summary, links = [], categories = [] } = entry;
  const authors = entry.authors === undefined || entry.authors.length === 0 ? [{ name: author }] : entry.authors;
  const hasAlternate = links.some(({ rel = "alternate" }) => rel === "alternate");
  const content = entry.content ?? (hasAlternate ? undefined : ({ type: "text", text: summary ?? title } as const));
  return element(
    "entry",
    { xmlns: PUBSUB_NS.atom },
    text("id", absolute("id", id)),
    text("title", title),
    text("updated", dateText("updated", updated)),
    ...(published === undefined ? [] : [text("published", dateText("published", published))]),
    ...authors.map(writePerson),
    ...links.map(writeLink),
    ...categories.map((term) => element("category", { term })),
    ...(summary === undefined ? [] : [text("summary", summary)]),
    ...(content === undefined ? [] : [writeContent(content)]),
  );
}

function text(name: string, value: string): XmlText {
  return element(name, {}, escapeText(value));
}

function writePerson({ name, uri, email }: AtomPerson): XmlText {
  return element(
    "author",
    {},
    text("name", name),
    ...(uri === undefined ? [] : [text("uri", uri)]),
    ...(email === undefined ? [] : [text("email", email)]),
  );
}

function writeLink({ href, rel = "alternate", type, title }: AtomLink, index: number): XmlText {
  return element("link", { rel, href: absolute(`links[${index}].href`, href), type, title });
}

function writeContent({ type, text: value }: AtomContent): XmlText {
  if (type !== "xhtml") return element("content", { type }, escapeText(value));
  return element("content", { type }, writeElement(readDiv(value), PUBSUB_NS.atom));
}

/** RFC 4287 §4.1.3.3: the content of type xhtml is one div. */
function readDiv(xml: string): XmlElement {
  let div: XmlElement | undefined;
  try {
    div = parseDocument(xml, { comments: "refuse" });
  } catch {
    div = undefined;
  }
  if (div?.name === "div" && div.ns === PUBSUB_NS.xhtml) return div;
  throw new ValueError(`content: one <div xmlns="${PUBSUB_NS.xhtml}"/> expected`);
}

/** A scheme and something behind it, without blanks (RFC 3987 §2.2). */
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;

/** Whether that may be the id of an entry, or where a link leads. */
export function isAbsoluteIri(value: string): boolean {
  return ABSOLUTE.test(value);
}

function absolute(what: string, value: string): string {
  if (isAbsoluteIri(value)) return value;
  throw new ValueError(`${what}: an absolute address such as https://… or urn:uuid:… expected`);
}

/** RFC 4287 §3.3: RFC 3339 with capital T and Z, and years of four digits. */
function dateText(what: string, date: Date): string {
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9_999) return date.toISOString();
  throw new ValueError(`${what}: a date between the years 0 and 9999 expected`);
}
