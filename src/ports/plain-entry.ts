// An entry as people write it by hand, in a call, in a row of the outbox or on a command line: a title, and whatever else there is.

import type { AtomEntry } from "../rpc/index.js";
import { isPlainObject, ValueError } from "../values/index.js";

/** An entry without what can be made up. */
export interface PlainEntry {
  readonly title: string;
  /** Plain text. */
  readonly text?: string | undefined;
  /** Instead of `text`. */
  readonly html?: string | undefined;
  readonly summary?: string | undefined;
  /** Where the thing itself is. */
  readonly link?: string | undefined;
  readonly author?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  /** An absolute address. Default: one that nothing else has. */
  readonly id?: string | undefined;
  /** Default: now. */
  readonly updated?: Date | undefined;
  readonly published?: Date | undefined;
}

/** The whole entry. @param made what its id and its date are when it says none */
export function entryOfPlain(plain: PlainEntry, made: { readonly id: string; readonly now: Date }): AtomEntry {
  const { title, text, html, summary, link, author, categories, published } = plain;
  return {
    id: plain.id ?? made.id,
    title,
    updated: plain.updated ?? made.now,
    ...(published === undefined ? {} : { published }),
    ...(author === undefined ? {} : { authors: [{ name: author }] }),
    ...(summary === undefined ? {} : { summary }),
    ...(link === undefined ? {} : { links: [{ href: link }] }),
    ...(html === undefined ? {} : { content: { type: "html" as const, text: html } }),
    ...(html !== undefined || text === undefined ? {} : { content: { type: "text" as const, text } }),
    ...(categories === undefined ? {} : { categories }),
  };
}

const TEXTS = ["title", "text", "html", "summary", "link", "author", "id"] as const;
const DATES = ["updated", "published"] as const;
const KNOWN: ReadonlySet<string> = new Set([...TEXTS, ...DATES, "categories"]);

/** Reads one from JSON; dates are ISO 8601. Throws ValueError with the path of what is wrong. */
export function readPlainEntry(value: unknown): PlainEntry {
  if (!isPlainObject(value)) throw new ValueError("entry: an object with a title expected");
  const fields: Readonly<Record<string, unknown>> = value;
  const unknown = Object.keys(fields).find((name) => !KNOWN.has(name));
  if (unknown !== undefined)
    throw new ValueError(`entry.${unknown.slice(0, 50)}: unknown; one of ${[...KNOWN].join(", ")}`);
  const texts = TEXTS.flatMap((name) => {
    const text = fields[name];
    if (text === undefined) return [];
    if (typeof text !== "string") throw new ValueError(`entry.${name}: a text expected`);
    return [[name, text] as const];
  });
  const dates = DATES.flatMap((name) => {
    const text = fields[name];
    if (text === undefined) return [];
    const date = typeof text === "string" ? new Date(text) : undefined;
    if (date === undefined || Number.isNaN(date.getTime()))
      throw new ValueError(`entry.${name}: a date such as 2026-11-28T10:00:00Z expected`);
    return [[name, date] as const];
  });
  const { categories } = fields;
  if (categories !== undefined && !(Array.isArray(categories) && categories.every((one) => typeof one === "string")))
    throw new ValueError("entry.categories: a list of texts expected");
  const { title, ...rest } = Object.fromEntries([...texts, ...dates]) as Partial<PlainEntry>;
  if (title === undefined || title.trim() === "") throw new ValueError("entry.title: a text expected");
  return { title, ...rest, ...(categories === undefined ? {} : { categories }) };
}
