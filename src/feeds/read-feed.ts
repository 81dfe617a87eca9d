// The bytes of a feed to entries, by what they are and not by what they are called.

import { decodeBytes } from "./decode-bytes.js";
import { entryOf, type FeedEntry, type ReadFeed, titleOf } from "./feed.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedLimits } from "./limits.js";
import { parseFeedXml } from "./parse-feed-xml.js";
import { readAtom } from "./read-atom.js";
import { readJsonFeed } from "./read-json-feed.js";
import { type FoundFeed, readRss1, readRss2 } from "./read-rss.js";

/** A document, and where it is from. */
export interface FeedDocument {
  readonly body: Uint8Array;
  /** As the server wrote it; may be empty. */
  readonly contentType: string;
  /** Where it was found. */
  readonly url: string;
}

/**
 * Reads RSS 2.0, RSS 1.0, Atom or JSON Feed.
 *
 * @param feedUrl where the settings say that it is
 * @throws FeedProblem for anything else, and for entries that with what they inherit come to more than twice `feedBytes`
 */
export function readFeed(
  document: FeedDocument,
  feedUrl: string,
  { feedBytes, feedEntries }: Pick<FeedLimits, "feedBytes" | "feedEntries">,
): ReadFeed {
  const { format, found } = readFormat(document);
  const read = found.entries.slice(0, feedEntries);
  let left = 2 * feedBytes;
  const entries = read.flatMap((one) => {
    const entry = entryOf(one, document.url, feedUrl);
    left -= entry === undefined ? 0 : JSON.stringify(entry).length;
    if (left < 0) throw new FeedProblem("too-large", `its entries come to more than ${2 * feedBytes} characters`);
    return entry ?? [];
  });
  const unique = withoutDoubles(entries);
  return {
    format,
    ...(found.title === undefined ? {} : { title: titleOf(found.title) }),
    entries: unique,
    unusable: read.length - entries.length,
  };
}

function readFormat({ body, contentType, url }: FeedDocument): {
  readonly format: ReadFeed["format"];
  readonly found: FoundFeed;
} {
  const text = decodeBytes(body, contentType);
  if (/^\s*\{/.test(text)) return { format: "json-feed", found: readJsonFeed(text) };
  if (!/^\s*</.test(text)) throw new FeedProblem("not-a-feed", `XML or JSON expected, got ${said(contentType)}`);
  // Pages are the most common mistake, and rarely well-formed.
  if (/^\s*(?:<!--(?:(?!-->).)*-->\s*)*<(?:!DOCTYPE\s+html|html)\b/is.test(text.slice(0, 1_000)))
    throw new FeedProblem("not-a-feed", "a page of HTML; the address of its feed expected");
  const root = parseFeedXml(text.trimStart());
  const rss2 = readRss2(root);
  if (rss2 !== undefined) return { format: "rss-2.0", found: rss2 };
  const atom = readAtom(root, url);
  if (atom !== undefined) return { format: "atom", found: atom };
  const rss1 = readRss1(root);
  if (rss1 !== undefined) return { format: "rss-1.0", found: rss1 };
  throw new FeedProblem("not-a-feed", `RSS, Atom or JSON Feed expected, got <${root.name.slice(0, 100)}/>`);
}

/** A feed that lists an entry twice means the first: newer ones stand above. */
function withoutDoubles(entries: readonly FeedEntry[]): FeedEntry[] {
  const ids = new Set<string>();
  return entries.filter(({ id }) => !ids.has(id) && ids.add(id));
}

function said(contentType: string): string {
  return contentType === "" ? "something else" : contentType.slice(0, 100);
}
