// One look at one feed: fetched if it has changed, read, and what is new published, oldest first.

import type { Memory } from "../memory/index.js";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import { type NodeConfig, type PubSub, PubSubError } from "../ports/index.js";
import { type FeedEntry, itemIdOf, type ReadFeed } from "./feed.js";
import type { FeedFetcher, Validators } from "./fetch-feed.js";
import type { FeedLimits } from "./limits.js";
import { type PublishEntryOptions, publishEntry } from "./publish-entry.js";
import { readFeed } from "./read-feed.js";

/** A feed, and where its entries go. */
export interface FeedSource {
  readonly url: string;
  readonly service: string;
  readonly node: string;
}

/** What polls stand on. */
export interface PollOptions {
  readonly pubsub: Pick<PubSub, "publish" | "items" | "itemIds" | "features" | "ensure">;
  readonly fetcher: FeedFetcher;
  readonly memory: Memory;
  /** What its memory is called. */
  readonly name: string;
  readonly limits: FeedLimits;
  readonly log: Logger;
  readonly now: () => number;
  /** Ends it between two entries. */
  readonly isStopped: () => boolean;
}

const VALIDATORS = "validators";

/**
 * Polls once; resolves with the number of entries that were published. What could not be published now is tried with the next poll,
 * since the feed then counts as not read.
 *
 * @throws FeedProblem, and what publishing throws
 */
export async function pollFeed(source: FeedSource, options: PollOptions): Promise<number> {
  const { fetcher, memory, name, limits, log } = options;
  const state = await memory.find(name, [VALIDATORS]);
  const known = readValidators(state.get(VALIDATORS));
  const fetched = await fetcher.fetch(source.url, known);
  if (fetched.kind === "unchanged") return 0;
  const feed = readFeed(fetched, source.url, limits.feedEntries);
  if (feed.unusable > 0) log.warn("feed.entries-unusable", { node: source.node, count: feed.unusable });
  if (!state.has(VALIDATORS)) await learnWhatIsThere(feed, source, options);
  const published = await publishAll(feed, source, options);
  if (published === undefined) return 0;
  // Last: if the process ends before, the feed is read again and nothing is lost.
  await memory.put(name, VALIDATORS, JSON.stringify(fetched.validators));
  await memory.prune(name, limits.feedMemory, [VALIDATORS, ...feed.entries.map(({ id }) => itemIdOf(id))]);
  return published;
}

/** How many were published; undefined when it was stopped on the way. */
async function publishAll(feed: ReadFeed, source: FeedSource, options: PollOptions): Promise<number | undefined> {
  const { memory, name, log } = options;
  const { service, node } = source;
  const entries = oldestFirst(feed.entries);
  const remembered = await memory.find(
    name,
    entries.map(({ id }) => itemIdOf(id)),
  );
  const publishing: PublishEntryOptions = { ...options, service, node };
  let published = 0;
  for (const entry of entries) {
    if (options.isStopped()) return undefined;
    const itemId = itemIdOf(entry.id);
    const outcome = await publishEntry(entry, remembered.get(itemId), publishing).catch(async (error: unknown) => {
      if (!PubSubError.is(error) || error.code !== "no-such-node") throw error;
      await makeNode(feed, source, options);
      const begun = (await memory.find(name, [itemId])).get(itemId);
      return publishEntry(entry, begun, publishing);
    });
    if (outcome.kind === "published") published += 1;
    else if (outcome.kind === "refused")
      log.warn("feed.entry-refused", { service, node, item: itemId, problem: outcome.problem });
  }
  return published;
}

/**
 * Without a memory of this feed, what its topic already holds was published in an earlier life and is not published again.
 */
async function learnWhatIsThere(feed: ReadFeed, source: FeedSource, options: PollOptions): Promise<void> {
  const { pubsub, memory, name } = options;
  const ids = feed.entries.map(({ id }) => itemIdOf(id));
  const remembered = await memory.find(name, ids);
  let there: ReadonlySet<string>;
  try {
    there = new Set(await pubsub.itemIds(source.service, source.node));
  } catch (error) {
    if (!PubSubError.is(error) || error.code !== "no-such-node") throw error;
    // Not left to the first publication: some services make a topic by themselves then, with defaults that hold few items.
    return makeNode(feed, source, options);
  }
  for (const { id, updated } of feed.entries) {
    const itemId = itemIdOf(id);
    if (there.has(itemId) && !remembered.has(itemId))
      await memory.put(name, itemId, `done ${updated?.toISOString() ?? "undated"}`);
  }
}

/** Makes the topic, as open and as long as the service lets it be. */
async function makeNode(feed: ReadFeed, { service, node }: FeedSource, { pubsub, log }: PollOptions): Promise<void> {
  const features = await pubsub.features(service);
  const config: NodeConfig = {
    ...(feed.title === undefined ? {} : { title: feed.title }),
    persist_items: true,
    ...(features.has("config-node-max") ? { max_items: "max" } : {}),
  };
  try {
    await pubsub.ensure(service, node, config);
  } catch (error) {
    if (!PubSubError.is(error) || error.code === "forbidden") throw error;
    log.warn("feed.node-config-refused", { service, node, cause: messageOf(error) });
    await pubsub.ensure(service, node);
  }
}

/** Feeds have the newest above; those with dates are put in the order of these. */
function oldestFirst(entries: readonly FeedEntry[]): FeedEntry[] {
  const reversed = entries.toReversed();
  if (reversed.some(({ updated }) => updated === undefined)) return reversed;
  return reversed.sort((a, b) => (a.updated?.getTime() ?? 0) - (b.updated?.getTime() ?? 0));
}

/** What was remembered is our own, but databases are edited. */
function readValidators(text: string | undefined): Validators {
  if (text === undefined) return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof json !== "object" || json === null) return {};
  const { etag, lastModified } = json as Readonly<Record<string, unknown>>;
  return {
    ...(typeof etag === "string" ? { etag } : {}),
    ...(typeof lastModified === "string" ? { lastModified } : {}),
  };
}
