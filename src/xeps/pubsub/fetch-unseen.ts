// What a topic holds that was not seen yet: ids first, since one request for all items can be larger than a stanza may be
// (XEP-0060 §5.5, §6.5.7, §6.5.8).

import { PubSubError } from "../../ports/index.js";
import type { PublishedItem } from "../../rpc/index.js";
import { StanzaError } from "../../xmpp/index.js";
import type { PubSubClient } from "./client.js";

/** What items are fetched with. */
export interface FetchOptions {
  readonly client: Pick<PubSubClient, "items" | "itemIds">;
  readonly service: string;
  readonly node: string;
  /** So many of the newest. */
  readonly max: number;
  readonly batch: number;
}

/** The ids of a topic's items as the service lists them; undefined where it lists none by disco. */
export async function listItemIds({ client, service, node }: FetchOptions): Promise<string[] | undefined> {
  try {
    return await client.itemIds(service, node);
  } catch (error) {
    if (PubSubError.is(error)) return undefined;
    throw error;
  }
}

/**
 * The items of those ids that are there, in the order of the ids. Where an answer is over the limit of a stanza, fewer are asked for
 * at a time; an item that is over it alone is told to `tooLarge`.
 */
export async function fetchItems(
  options: FetchOptions,
  ids: readonly string[],
  tooLarge: (id: string) => void,
): Promise<PublishedItem[]> {
  const items: PublishedItem[] = [];
  for (let at = 0; at < ids.length; at += options.batch)
    items.push(...(await fetchBatch(options, ids.slice(at, at + options.batch), tooLarge)));
  return items;
}

async function fetchBatch(
  options: FetchOptions,
  ids: readonly string[],
  tooLarge: (id: string) => void,
): Promise<PublishedItem[]> {
  const { client, service, node } = options;
  const [only] = ids;
  let found: PublishedItem[];
  try {
    found = await client.items(service, node, { ids });
  } catch (error) {
    const isAlone = ids.length === 1 && only !== undefined;
    if (isOversize(error)) {
      if (isAlone) tooLarge(only);
    } else if (!isMissing(error)) throw error;
    if (isAlone) return [];
    found = [];
  }
  const byId = new Map(found.map((item) => [item.id, item] as const));
  const missing = ids.filter((id) => !byId.has(id));
  // A service may answer only the first of several ids, or none when one of them is gone.
  if (missing.length > 0 && ids.length > 1)
    for (const id of missing) for (const item of await fetchBatch(options, [id], tooLarge)) byId.set(item.id, item);
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The ids of {@link listItemIds} with the newest last. COMPAT(Prosody 0.12): there it is the first, in ejabberd 23.01 the last. */
export async function oldestFirst(options: FetchOptions, ids: readonly string[]): Promise<readonly string[]> {
  const { client, service, node } = options;
  if (ids.length < 2) return ids;
  try {
    const newest = (await client.items(service, node, { max: 1 })).at(-1)?.id;
    return newest !== undefined && newest === ids[0] ? ids.toReversed() : ids;
  } catch (error) {
    if (isOversize(error)) return ids;
    throw error;
  }
}

/** The newest items in one request, fewer where the answer is over the limit of a stanza. */
export async function fetchNewest(options: FetchOptions): Promise<PublishedItem[]> {
  const { client, service, node } = options;
  for (let { max } = options; ; max = Math.floor(max / 4)) {
    try {
      return await client.items(service, node, { max });
    } catch (error) {
      if (!isOversize(error) || max < 4) throw error;
    }
  }
}

/** The answer was skipped by our own reader. */
function isOversize(error: unknown): boolean {
  const cause = PubSubError.is(error) ? error.cause : error;
  return StanzaError.is(cause) && cause.condition === "not-acceptable" && cause.details.by === undefined;
}

function isMissing(error: unknown): boolean {
  return PubSubError.is(error) && error.code === "no-such-node";
}
