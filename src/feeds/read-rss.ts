// RSS 2.0 and its forerunners, and RSS 1.0 (rssboard.org/rss-specification; web.resource.org/rss/1.0/spec).

import type { AtomPerson } from "../rpc/index.js";
import { childElements, findChild, textOf, type XmlElement } from "../xml/index.js";
import { readFeedDate } from "./dates.js";
import type { FoundEntry } from "./feed.js";
import { htmlText } from "./html-text.js";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RSS_1 = "http://purl.org/rss/1.0/";
const DC = "http://purl.org/dc/elements/1.1/";
const CONTENT = "http://purl.org/rss/1.0/modules/content/";

/** What was found in a feed, before it is made valid. */
export interface FoundFeed {
  readonly title: string | undefined;
  readonly entries: readonly FoundEntry[];
}

/** Reads an `<rss/>`; undefined for another root. */
export function readRss2(root: XmlElement): FoundFeed | undefined {
  const channel = root.name === "rss" ? findChild(root, "channel") : undefined;
  if (channel === undefined) return undefined;
  const items = childrenOf(channel, "item", channel.ns);
  return { title: titleOf(channel, channel.ns), entries: items.map((item) => readItem(item, channel.ns)) };
}

/** Reads an `<rdf:RDF/>` of RSS 1.0, whose items stand beside the channel; undefined for another root. */
export function readRss1(root: XmlElement): FoundFeed | undefined {
  if (root.name !== "RDF" || root.ns !== RDF) return undefined;
  const channel = findChild(root, "channel", RSS_1);
  if (channel === undefined) return undefined;
  const entries = childrenOf(root, "item", RSS_1).map((item) => {
    const found = readItem(item, RSS_1);
    return { ...found, id: item.attrs[`{${RDF}}about`] ?? found.id };
  });
  return { title: titleOf(channel, RSS_1), entries };
}

function readItem(item: XmlElement, ns: string): FoundEntry {
  const guid = childText(item, "guid", ns);
  const encoded = childText(item, "encoded", CONTENT);
  const description = childText(item, "description", ns);
  const permaLink = findChild(item, "guid", ns)?.attrs["isPermaLink"] !== "false" ? guid : undefined;
  const published = readFeedDate(childText(item, "pubDate", ns) ?? childText(item, "date", DC));
  const html = encoded ?? description;
  return {
    id: guid,
    title: titleOf(item, ns),
    published,
    authors: authorsOf(item, ns),
    link: childText(item, "link", ns) || permaLink,
    // A description beside the whole text is its summary.
    summary: encoded === undefined || description === undefined ? undefined : htmlText(description),
    content: html === undefined ? undefined : { type: "html", text: html.trim() },
    categories: [...childrenOf(item, "category", ns), ...childrenOf(item, "subject", DC)].map((one) =>
      textOf(one).trim(),
    ),
  };
}

function titleOf(parent: XmlElement, ns: string): string | undefined {
  const title = childText(parent, "title", ns);
  return title === undefined ? undefined : htmlText(title);
}

/** `<author/>` is an address, with the name in brackets behind it; `<dc:creator/>` is a name. */
function authorsOf(item: XmlElement, ns: string): AtomPerson[] {
  const creators = childrenOf(item, "creator", DC).map((creator) => ({ name: textOf(creator).trim() }));
  if (creators.length > 0) return creators;
  return childrenOf(item, "author", ns).map((author) => {
    const text = textOf(author).trim();
    const [, email, name] = /^([^\s@]+@[^\s@]+)\s*\(([^)]+)\)$/.exec(text) ?? [];
    return email === undefined || name === undefined ? { name: text } : { name, email };
  });
}

function childrenOf(parent: XmlElement, name: string, ns: string): XmlElement[] {
  return childElements(parent).filter((child) => child.name === name && child.ns === ns);
}

function childText(parent: XmlElement, name: string, ns: string): string | undefined {
  const child = findChild(parent, name, ns);
  return child === undefined ? undefined : textOf(child).trim();
}
