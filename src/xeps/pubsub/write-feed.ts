// A topic as an Atom feed, for readers that know nothing of XMPP (RFC 4287 §4.1.1).

import type { AtomEntry, PublishedItem } from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import { element, escapeText, type XmlText, XmlWriteError } from "../../xml/index.js";
import { PUBSUB_NS } from "./namespaces.js";
import { writeEntry } from "./write-entry.js";

/** What a feed is made of. */
export interface FeedSourceNode {
  readonly service: string;
  readonly node: string;
  /** In the service's order, the newest last. */
  readonly items: readonly PublishedItem[];
}

/** No date is later than that of an empty feed. */
const NEVER = new Date(0);

/** A whole document, the newest entry first. Items of other kinds are entries that hold their JSON or XML as text. */
export function writeFeed({ service, node, items }: FeedSourceNode): XmlText {
  const id = xmppUri(service, node);
  const entries = items.map((item) => entryOf(item, id)).toReversed();
  const updated = entries.reduce((latest, entry) => (entry.updated > latest ? entry.updated : latest), NEVER);
  const text = (name: string, value: string): XmlText => element(name, {}, escapeText(value));
  return element(
    "feed",
    { xmlns: PUBSUB_NS.atom },
    text("id", id),
    text("title", node),
    text("updated", updated.toISOString()),
    element("author", {}, text("name", service)),
    ...entries.flatMap((entry) => writeOne(entry, service)),
  );
}

/** RFC 5122 and XEP-0060 §12.22: the address of a node. */
function xmppUri(service: string, node: string): string {
  return `xmpp:${encodeURI(service)}?pubsub;node=${encodeURIComponent(node)}`;
}

function entryOf({ id, payload, publisher }: PublishedItem, feedId: string): AtomEntry {
  if (payload !== undefined && "atom" in payload) return payload.atom;
  const text = payload === undefined ? "" : "json" in payload ? JSON.stringify(payload.json) : payload.xml;
  return {
    id: `${feedId};item=${encodeURIComponent(id)}`,
    title: id,
    // Such an item has no date of its own, and a reader that is told one twice would take it for changed.
    updated: NEVER,
    content: { type: "text", text },
    ...(publisher === undefined ? {} : { authors: [{ name: publisher }] }),
  };
}

/** What others published may hold what cannot be written again. */
function writeOne(entry: AtomEntry, author: string): XmlText[] {
  try {
    return [writeEntry(entry, author)];
  } catch (error) {
    if (ValueError.is(error) || error instanceof XmlWriteError) return [];
    throw error;
  }
}
