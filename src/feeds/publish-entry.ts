// One entry to its topic, exactly once: what is about to be published is remembered before, and looked for afterwards where nobody
// knows whether it arrived.

import type { Memory } from "../memory/index.js";
import { messageOf } from "../message-of.js";
import { type PubSub, PubSubError, type PubSubErrorCode } from "../ports/index.js";
import type { AtomEntry } from "../rpc/index.js";
import { ValueError } from "../values/index.js";
import { XmlWriteError } from "../xml/index.js";
import { type FeedEntry, itemIdOf } from "./feed.js";

/** What entries are published with. */
export interface PublishEntryOptions {
  readonly pubsub: Pick<PubSub, "publish" | "items">;
  readonly service: string;
  readonly node: string;
  readonly memory: Memory;
  /** What the memory of this feed is called. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What became of an entry. */
export type EntryOutcome =
  | { readonly kind: "known" | "published" }
  | { readonly kind: "refused"; readonly problem: string };

/** A version is what an entry's date says: an entry whose date has changed is published again, under the same item id. */
function versionOf({ updated }: FeedEntry): string {
  return updated === undefined ? "undated" : updated.toISOString();
}

/** What the service will never take, however often it is offered. */
const HOPELESS: ReadonlySet<PubSubErrorCode> = new Set<PubSubErrorCode>([
  "invalid-payload",
  "item-forbidden",
  "payload-too-big",
]);

/**
 * Publishes an entry unless it was.
 *
 * @param remembered what the memory says of it
 * @throws what publishing throws, but for an entry that can never be published: that is refused, and remembered as such
 */
export async function publishEntry(
  entry: FeedEntry,
  remembered: string | undefined,
  options: PublishEntryOptions,
): Promise<EntryOutcome> {
  const { memory, name, now } = options;
  const itemId = itemIdOf(entry.id);
  const version = versionOf(entry);
  if (remembered === `done ${version}` || remembered === `refused ${version}`) return { kind: "known" };
  const updated = entry.updated ?? new Date(now());
  const whole: AtomEntry = { ...entry, updated };
  if (remembered === `begun ${version}` && (await isThere(itemId, entry, options))) {
    await memory.put(name, itemId, `done ${version}`);
    return { kind: "known" };
  }
  await memory.put(name, itemId, `begun ${version}`);
  const problem = await publishSomehow(itemId, whole, options);
  await memory.put(name, itemId, `${problem === undefined ? "done" : "refused"} ${version}`);
  return problem === undefined ? { kind: "published" } : { kind: "refused", problem };
}

/** Whether the topic holds this version of an entry. */
async function isThere(itemId: string, entry: FeedEntry, options: PublishEntryOptions): Promise<boolean> {
  const { pubsub, service, node } = options;
  try {
    const items = await pubsub.items(service, node, { ids: [itemId] });
    const payload = items.find(({ id }) => id === itemId)?.payload;
    if (payload === undefined || !("atom" in payload)) return false;
    return entry.updated === undefined || payload.atom.updated.getTime() === entry.updated.getTime();
  } catch (error) {
    if (PubSubError.is(error) && (error.code === "no-such-node" || error.code === "no-such-item")) return false;
    throw error;
  }
}

/** The whole entry, or what is left of it without its text where it is too large; a problem if it cannot be published at all. */
async function publishSomehow(
  itemId: string,
  entry: AtomEntry,
  { pubsub, service, node }: PublishEntryOptions,
): Promise<string | undefined> {
  const offer = async (atom: AtomEntry): Promise<unknown> => {
    try {
      await pubsub.publish(service, node, { atom }, { itemId });
      return undefined;
    } catch (error) {
      if (isHopeless(error)) return error;
      throw error;
    }
  };
  const problem = await offer(entry);
  if (problem === undefined) return undefined;
  const { content, ...short } = entry;
  const shorter = content === undefined ? problem : await offer(short);
  return shorter === undefined ? undefined : messageOf(shorter);
}

function isHopeless(error: unknown): boolean {
  return (
    (PubSubError.is(error) && HOPELESS.has(error.code) && !error.mayRetry) ||
    ValueError.is(error) ||
    error instanceof XmlWriteError
  );
}
