// JSON Feed 1 and 1.1 (jsonfeed.org/version/1.1).

import { messageOf } from "../message-of.js";
import type { AtomPerson } from "../rpc/index.js";
import { readFeedDate } from "./dates.js";
import type { FoundEntry } from "./feed.js";
import { FeedProblem } from "./feed-problem.js";
import type { FoundFeed } from "./read-rss.js";

type Members = Readonly<Record<string, unknown>>;

/** Reads a JSON feed. Throws {@link FeedProblem} for what is none. */
export function readJsonFeed(text: string): FoundFeed {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FeedProblem("malformed", messageOf(error).slice(0, 200));
  }
  const feed = membersOf(json);
  const items = feed["items"];
  const version = textIn(feed, "version") ?? "";
  if (!version.startsWith("https://jsonfeed.org/version/") || !Array.isArray(items))
    throw new FeedProblem("not-a-feed", "JSON, but no JSON Feed: version and items expected");
  const authors = authorsOf(feed);
  return { title: textIn(feed, "title"), entries: items.map((item) => readItem(membersOf(item), authors)) };
}

function readItem(item: Members, feedAuthors: readonly AtomPerson[]): FoundEntry {
  const html = textIn(item, "content_html");
  const text = textIn(item, "content_text");
  const id = item["id"];
  const own = authorsOf(item);
  const tags = item["tags"];
  const external = textIn(item, "external_url");
  return {
    // The first version let ids be numbers.
    id: typeof id === "number" ? String(id) : textIn(item, "id"),
    title: textIn(item, "title"),
    updated: readFeedDate(textIn(item, "date_modified")),
    published: readFeedDate(textIn(item, "date_published")),
    authors: own.length > 0 ? own : feedAuthors,
    link: textIn(item, "url") ?? external,
    summary: textIn(item, "summary"),
    content:
      html !== undefined ? { type: "html", text: html } : text === undefined ? undefined : { type: "text", text },
    categories: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
  };
}

function authorsOf(owner: Members): AtomPerson[] {
  const { authors, author } = owner;
  return (Array.isArray(authors) ? authors : [author]).flatMap((one) => {
    const name = textIn(membersOf(one), "name");
    return name === undefined ? [] : [{ name }];
  });
}

function membersOf(value: unknown): Members {
  // Whatever the members are, each is looked at before it is used.
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

function textIn(owner: Members, name: string): string | undefined {
  const value = Object.hasOwn(owner, name) ? owner[name] : undefined;
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
