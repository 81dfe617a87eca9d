// What every format comes to: entries as Atom has them, whose date may still be missing.

import { createHash } from "node:crypto";
import type { AtomContent, AtomEntry, AtomLink, AtomPerson } from "../rpc/index.js";
import { isXmlText, sendable } from "../xml/index.js";

/** An entry of a feed. */
export interface FeedEntry extends Omit<AtomEntry, "updated"> {
  /** Absent where the feed gives no date that can be read. */
  readonly updated?: Date;
}

/** A feed that was read. */
export interface ReadFeed {
  readonly format: "atom" | "json-feed" | "rss-1.0" | "rss-2.0";
  readonly title?: string;
  /** In the feed's own order. */
  readonly entries: readonly FeedEntry[];
  /** How many were left out since nothing can be made of them. */
  readonly unusable: number;
}

/** What a reader found of one entry; all of it may be missing. */
export interface FoundEntry {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly updated?: Date | undefined;
  readonly published?: Date | undefined;
  readonly authors?: readonly AtomPerson[];
  /** As it was written, perhaps relative. */
  readonly link?: string | undefined;
  readonly links?: readonly AtomLink[];
  readonly summary?: string | undefined;
  readonly content?: AtomContent | undefined;
  readonly categories?: readonly string[];
}

/** With `xml:base` a document of a few bytes a link could make each as long as it likes. */
const MAX_URL_CHARS = 4_000;
/** Each is an object of its own in every process that it comes through. */
const MAX_PERSONS = 20;
const MAX_LINKS = 20;
const MAX_CATEGORIES = 50;
const MAX_TITLE_CHARS = 300;
const MAX_SUMMARY_CHARS = 2_000;
/** A title made of the text is about a line. */
const MADE_TITLE_CHARS = 80;

/**
 * Makes an entry of what was found: its id an absolute address that stays the same, its links absolute, its texts such as XML can
 * carry, at most 20 authors and links and 50 categories. Undefined when nothing tells it from others.
 *
 * @param base where the feed was found, for relative addresses
 * @param feedUrl where the settings say that it is, which makes ids that are none unique
 */
export function entryOf(found: FoundEntry, base: string, feedUrl: string): FeedEntry | undefined {
  const link = absoluteUrl(found.link, base);
  const title = titleOf(found.title?.trim() || madeTitle(found));
  const id = idOf(found, link, title, feedUrl);
  if (id === undefined) return undefined;
  const updated = found.updated ?? found.published;
  const links = [...(link === undefined ? [] : [{ href: link }]), ...(found.links ?? [])].slice(0, MAX_LINKS);
  const { content, summary, published } = found;
  const authors = (found.authors ?? []).filter(({ name }) => name.trim() !== "").slice(0, MAX_PERSONS);
  const categories = [...new Set(found.categories)].filter((term) => term.trim() !== "").slice(0, MAX_CATEGORIES);
  return {
    id,
    title,
    ...(updated === undefined ? {} : { updated }),
    ...(published === undefined ? {} : { published }),
    ...(authors.length === 0 ? {} : { authors: authors.map(sendablePerson) }),
    ...(links.length === 0 ? {} : { links }),
    ...(summary === undefined || summary === "" ? {} : { summary: sendable(cut(summary, MAX_SUMMARY_CHARS)) }),
    ...(content === undefined || content.text === "" ? {} : { content: { ...content, text: sendable(content.text) } }),
    ...(categories.length === 0 ? {} : { categories: categories.map(titleOf) }),
  };
}

/** An address made absolute; undefined for what is none, runs as a program, or is longer than 4000 characters. */
export function absoluteUrl(text: string | undefined, base: string): string | undefined {
  const trimmed = text?.trim() ?? "";
  if (trimmed === "" || !URL.canParse(trimmed, base)) return undefined;
  const { protocol, href } = new URL(trimmed, base);
  const isSafe = /^(?:https?|ftp|mailto|magnet|xmpp|urn|tag|gemini):$/.test(protocol);
  return isSafe && href.length <= MAX_URL_CHARS ? href : undefined;
}

/** The id of the pubsub item of an entry: another than the entry's own (XEP-0472 §4.6.1), the same for ever, and short. */
export function itemIdOf(entryId: string): string {
  return createHash("sha256").update(entryId).digest("base64url").slice(0, 32);
}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;

function idOf(found: FoundEntry, link: string | undefined, title: string, feedUrl: string): string | undefined {
  const id = found.id?.trim();
  if (id !== undefined && ABSOLUTE.test(id) && isXmlText(id)) return id;
  if (id !== undefined && id !== "") return `${feedUrl}#${encodeURIComponent(sendable(id))}`;
  if (link !== undefined) return link;
  const text = found.content?.text ?? found.summary ?? "";
  if (text === "" && title === UNTITLED) return undefined;
  const digest = createHash("sha256").update(title).update("\0").update(text).digest("base64url");
  return `${feedUrl}#${digest}`;
}

const UNTITLED = "(untitled)";

function madeTitle({ summary, content }: FoundEntry): string {
  const text = summary ?? (content?.type === "text" ? content.text : undefined) ?? "";
  const line = text.replace(/\s+/g, " ").trim();
  return line === "" ? UNTITLED : cut(line, MADE_TITLE_CHARS);
}

/** At most 300 characters, such as XML can carry. */
export function titleOf(text: string): string {
  return sendable(cut(text, MAX_TITLE_CHARS));
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function sendablePerson({ name, uri, email }: AtomPerson): AtomPerson {
  return {
    name: titleOf(name.trim()),
    ...(uri === undefined ? {} : { uri: sendable(uri) }),
    ...(email === undefined ? {} : { email: sendable(email) }),
  };
}
