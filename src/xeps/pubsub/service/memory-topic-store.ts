// Topics kept in memory: they end with the process, and are bounded.

import { PubSubError } from "../../../ports/index.js";
import type { PendingEvent, StoredItem, StoredNode, StoredSubscription, TopicEnd, TopicStore } from "./topic-store.js";

interface KeptItem extends StoredItem {
  readonly seq: number;
  readonly node: string;
  state: "new" | "told" | "retracted";
}

interface KeptNode extends StoredNode {
  /** By id, oldest first: a map keeps the order in which its keys were set. */
  readonly items: Map<string, KeptItem>;
  readonly subscribers: Set<string>;
}

/** What a memory is made of. */
export interface MemoryTopicStoreOptions {
  /** Characters of all items; beyond, the oldest that were told are forgotten. */
  readonly maxChars: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Makes an empty memory. */
export function createMemoryTopicStore({ maxChars, now }: MemoryTopicStoreOptions): TopicStore {
  const nodes = new Map<string, KeptNode>();
  /** Of all nodes, by seq, oldest first. */
  const items = new Map<number, KeptItem>();
  const pending = new Map<number, KeptItem>();
  /** The subscriptions of an account, by node and address. */
  const accounts = new Map<string, Map<string, StoredSubscription>>();
  const ends = new Map<number, TopicEnd>();
  const bareOf = new Map<string, string>();
  let lastSeq = 0;
  let chars = 0;

  const forget = (item: KeptItem): void => {
    if (!items.delete(item.seq)) return;
    pending.delete(item.seq);
    nodes.get(item.node)?.items.delete(item.id);
    chars -= sizeOf(item.id, item.payload);
  };
  const makeRoom = (needed: number): void => {
    for (const item of items.values()) {
      if (chars + needed <= maxChars) return;
      if (item.state === "told") forget(item);
    }
    if (chars + needed > maxChars)
      throw new PubSubError("overloaded", `items that wait to be sent fill the memory of ${maxChars} characters`, {
        mayRetry: true,
      });
  };
  const unsubscribe = (node: string, jid: string): boolean => {
    if (nodes.get(node)?.subscribers.delete(jid) !== true) return false;
    const bare = bareOf.get(jid) ?? jid;
    const own = accounts.get(bare);
    own?.delete(subscriptionKey(node, jid));
    if (own?.size === 0) accounts.delete(bare);
    if (![...(own?.values() ?? [])].some((other) => other.jid === jid)) bareOf.delete(jid);
    return true;
  };
  const present = (node: string): KeptItem[] =>
    [...(nodes.get(node)?.items.values() ?? [])].filter(({ state }) => state !== "retracted");
  const subscriptionsOf: TopicStore["subscriptions"] = async (filter) =>
    "node" in filter
      ? [...(nodes.get(filter.node)?.subscribers ?? [])].map((jid) => ({ node: filter.node, jid }))
      : [...(accounts.get(filter.bare)?.values() ?? [])];

  return {
    nodes: async () => [...nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
    find: async (node) => nodes.get(node),
    create: async (node) => {
      if (nodes.has(node)) return false;
      nodes.set(node, { node, createdAt: now(), items: new Map(), subscribers: new Set() });
      return true;
    },
    delete: async (node) => {
      const kept = nodes.get(node);
      if (kept === undefined) return false;
      for (const item of kept.items.values()) forget(item);
      for (const jid of kept.subscribers) {
        unsubscribe(node, jid);
        lastSeq += 1;
        ends.set(lastSeq, { seq: lastSeq, node, jid });
      }
      return nodes.delete(node);
    },
    put: async (node, id, payload) => {
      const kept = nodes.get(node);
      if (kept === undefined) throw new PubSubError("no-such-node", `node ${JSON.stringify(node)}: no-such-node`);
      const replaced = kept.items.get(id);
      makeRoom(sizeOf(id, payload) - (replaced === undefined ? 0 : sizeOf(id, replaced.payload)));
      if (replaced !== undefined) forget(replaced);
      lastSeq += 1;
      const item: KeptItem = { seq: lastSeq, node, id, payload, publishedAt: now(), state: "new" };
      kept.items.set(id, item);
      items.set(item.seq, item);
      pending.set(item.seq, item);
      chars += sizeOf(id, payload);
    },
    retract: async (node, id) => {
      const item = nodes.get(node)?.items.get(id);
      if (item === undefined || item.state === "retracted") return false;
      item.state = "retracted";
      pending.set(item.seq, item);
      return true;
    },
    items: async (node, { max, ids }) => {
      const found = present(node).filter(({ id }) => ids === undefined || ids.includes(id));
      return max === undefined ? found : found.slice(-max);
    },
    itemIds: async (node, max) =>
      present(node)
        .slice(-max)
        .map(({ id }) => id),
    pending: async (max) => {
      const first = [...pending.values()].slice(0, max);
      return first.map((item): PendingEvent => {
        return { seq: item.seq, kind: item.state === "retracted" ? "retract" : "item", node: item.node, item };
      });
    },
    told: async (events, keep) => {
      for (const { seq, kind } of events) {
        const item = pending.get(seq);
        if (item === undefined || (item.state === "retracted") !== (kind === "retract")) continue;
        pending.delete(seq);
        if (kind === "retract") forget(item);
        else item.state = "told";
      }
      for (const node of new Set(events.map((event) => event.node))) {
        const old = present(node).slice(0, -keep(node));
        for (const item of old) if (item.state === "told") forget(item);
      }
    },
    ends: async (max) => [...ends.values()].slice(0, max),
    endsTold: async (told) => {
      for (const { seq } of told) ends.delete(seq);
    },
    subscriptions: subscriptionsOf,
    countSubscriptions: async (filter) =>
      "node" in filter ? (nodes.get(filter.node)?.subscribers.size ?? 0) : (accounts.get(filter.bare)?.size ?? 0),
    isSubscribed: async (node, jid) => nodes.get(node)?.subscribers.has(jid) === true,
    subscribe: async (node, jid, bare) => {
      const kept = nodes.get(node);
      if (kept === undefined || kept.subscribers.has(jid)) return;
      kept.subscribers.add(jid);
      bareOf.set(jid, bare);
      const own = accounts.get(bare) ?? new Map<string, StoredSubscription>();
      accounts.set(bare, own.set(subscriptionKey(node, jid), { node, jid }));
    },
    unsubscribe: async (node, jid) => unsubscribe(node, jid),
  };
}

function sizeOf(id: string, payload: string): number {
  return id.length + payload.length;
}

/** No address holds a line break, so no two pairs share a key. */
function subscriptionKey(node: string, jid: string): string {
  return `${jid}\n${node}`;
}
