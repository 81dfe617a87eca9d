// Hosted topics in the database (docs/topics.md). Each function is one transaction.

import { type Kysely, sql } from "kysely";
import { PubSubError } from "../../ports/index.js";
import type { PendingEvent, StoredItem, SubscriptionFilter, TopicStore } from "../../xeps/index.js";
import type { XmlText } from "../../xml/index.js";
import type { Database } from "../database.js";
import type { Tables } from "../tables.js";

type Query = Kysely<Tables>;

/**
 * The topics of one gateway.
 *
 * @param service its address
 * @param now epoch milliseconds
 */
export function createTopicStore({ query }: Pick<Database, "query">, service: string, now: () => number): TopicStore {
  return {
    nodes: () => selectNodes(query, service).orderBy("node").execute(),
    find: (node) => selectNodes(query, service).where("node", "=", node).executeTakeFirst(),
    create: (node) => create(query, service, node, now()),
    delete: (node) => query.transaction().execute((within) => deleteNode(within, service, node)),
    put: (node, id, payload) =>
      query
        .transaction()
        .execute((within) => put(within, { service, node, item_id: id, payload, published_at: now() })),
    retract: async (node, id) => {
      const { numUpdatedRows } = await query
        .updateTable("topic_items")
        .set({ state: "retracted" })
        .where("service", "=", service)
        .where("node", "=", node)
        .where("item_id", "=", id)
        .where("state", "<>", "retracted")
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    items: (node, which) => items(query, service, node, which),
    itemIds: async (node, max) => {
      const rows = await selectPresent(query, service, node).select("item_id").limit(max).execute();
      return rows.map(({ item_id }) => item_id).reverse();
    },
    pending: (max) => pending(query, service, max),
    told: (events, keep) => query.transaction().execute((within) => told(within, service, events, keep)),
    ends: (max) =>
      query
        .selectFrom("topic_ends")
        .select(["id as seq", "node", "jid"])
        .where("service", "=", service)
        .orderBy("id")
        .limit(max)
        .execute(),
    endsTold: async (ends) => {
      const seqs = ends.map(({ seq }) => seq);
      if (seqs.length > 0) await query.deleteFrom("topic_ends").where("id", "in", seqs).execute();
    },
    subscriptions: (filter) => subscriptions(query, service, filter).select(["node", "jid"]).orderBy("id").execute(),
    countSubscriptions: async (filter) => {
      const counted = subscriptions(query, service, filter).select(({ fn }) => fn.countAll().as("count"));
      return Number((await counted.executeTakeFirst())?.count ?? 0);
    },
    isSubscribed: async (node, jid) => {
      const found = subscriptions(query, service, { node }).where("jid", "=", jid).select("id");
      return (await found.executeTakeFirst()) !== undefined;
    },
    subscribe: async (node, jid, account) => {
      await query
        .insertInto("topic_subscriptions")
        .values({ service, node, jid, account, created_at: now() })
        .onConflict((conflict) => conflict.columns(["service", "node", "jid"]).doNothing())
        .execute();
    },
    unsubscribe: async (node, jid) => {
      const { numDeletedRows } = await query
        .deleteFrom("topic_subscriptions")
        .where("service", "=", service)
        .where("node", "=", node)
        .where("jid", "=", jid)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function selectNodes(query: Query, service: string) {
  return query.selectFrom("topics").select(["node", "created_at as createdAt"]).where("service", "=", service);
}

async function create(query: Query, service: string, node: string, createdAt: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await query
    .insertInto("topics")
    .values({ service, node, created_at: createdAt })
    .onConflict((conflict) => conflict.columns(["service", "node"]).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function deleteNode(within: Query, service: string, node: string): Promise<boolean> {
  await within.deleteFrom("topic_items").where("service", "=", service).where("node", "=", node).execute();
  await within
    .insertInto("topic_ends")
    .columns(["service", "node", "jid"])
    .expression(subscriptions(within, service, { node }).select(["service", "node", "jid"]).orderBy("id"))
    .execute();
  await within.deleteFrom("topic_subscriptions").where("service", "=", service).where("node", "=", node).execute();
  const { numDeletedRows } = await within
    .deleteFrom("topics")
    .where("service", "=", service)
    .where("node", "=", node)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

interface NewItem {
  readonly service: string;
  readonly node: string;
  readonly item_id: string;
  readonly payload: string;
  readonly published_at: number;
}

/** A new row, so that what replaces an item is the newest. */
async function put(within: Query, item: NewItem): Promise<void> {
  const { service, node, item_id } = item;
  const found = await selectNodes(within, service).where("node", "=", node).executeTakeFirst();
  if (found === undefined) throw new PubSubError("no-such-node", `node ${JSON.stringify(node)}: no-such-node`);
  await within
    .deleteFrom("topic_items")
    .where("service", "=", service)
    .where("node", "=", node)
    .where("item_id", "=", item_id)
    .execute();
  await within.insertInto("topic_items").values(item).execute();
}

/** Newest first. */
function selectPresent(query: Query, service: string, node: string) {
  return query
    .selectFrom("topic_items")
    .where("service", "=", service)
    .where("node", "=", node)
    .where("state", "<>", "retracted")
    .orderBy("id", "desc");
}

async function items(
  query: Query,
  service: string,
  node: string,
  { max, ids }: { readonly max?: number; readonly ids?: readonly string[] },
): Promise<readonly StoredItem[]> {
  const columns = selectPresent(query, service, node).select(["item_id", "payload", "published_at"]);
  const named = ids === undefined ? columns : columns.where("item_id", "in", ids);
  const rows = await (max === undefined ? named : named.limit(max)).execute();
  return rows.map(storedItem).reverse();
}

async function pending(query: Query, service: string, max: number): Promise<readonly PendingEvent[]> {
  const rows = await query
    .selectFrom("topic_items")
    .selectAll()
    .where("service", "=", service)
    // The words of the index, or it would not be used.
    .where("state", "<>", sql.lit("told"))
    .orderBy("id")
    .limit(max)
    .execute();
  return rows.map((row) => {
    return { seq: row.id, kind: row.state === "retracted" ? "retract" : "item", node: row.node, item: storedItem(row) };
  });
}

async function told(
  within: Query,
  service: string,
  events: readonly PendingEvent[],
  keep: (node: string) => number,
): Promise<void> {
  const seqs = (kind: PendingEvent["kind"]): number[] =>
    events.filter((event) => event.kind === kind).map(({ seq }) => seq);
  const [added, retracted] = [seqs("item"), seqs("retract")];
  if (added.length > 0)
    await within
      .updateTable("topic_items")
      .set({ state: "told" })
      .where("id", "in", added)
      .where("state", "=", "new")
      .execute();
  if (retracted.length > 0)
    await within.deleteFrom("topic_items").where("id", "in", retracted).where("state", "=", "retracted").execute();
  for (const node of new Set(events.map((event) => event.node))) await trim(within, service, node, keep(node));
}

/** Forgets what is older than the newest `keep`, but nothing that is still to be told. */
async function trim(within: Query, service: string, node: string, keep: number): Promise<void> {
  const oldest = await selectPresent(within, service, node).select("id").offset(keep).limit(1).executeTakeFirst();
  if (oldest === undefined) return;
  await within
    .deleteFrom("topic_items")
    .where("service", "=", service)
    .where("node", "=", node)
    .where("id", "<=", oldest.id)
    .where("state", "=", "told")
    .execute();
}

function subscriptions(query: Query, service: string, filter: SubscriptionFilter) {
  const all = query.selectFrom("topic_subscriptions").where("service", "=", service);
  return "node" in filter ? all.where("node", "=", filter.node) : all.where("account", "=", filter.bare);
}

function storedItem(row: {
  readonly item_id: string;
  readonly payload: string;
  readonly published_at: number;
}): StoredItem {
  // It was XmlText when it was written, and nobody else writes this table.
  return { id: row.item_id, payload: row.payload as XmlText, publishedAt: row.published_at };
}
