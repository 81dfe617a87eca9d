// The tables of hosted topics (docs/topics.md).

import { sql } from "kysely";
import type { BuildTables } from "./flavor.js";

/** topics, topic_items and topic_subscriptions. `service` is the address of the gateway, for several share a database. */
export const buildTopics: BuildTables = async (database, { id, bigint, now, end }) => {
  const statements = [
    sql`create table topics (
      service text not null,
      node text not null,
      created_at ${bigint} not null default ${now},
      primary key (service, node)
    ) ${end}`,

    sql`create table topic_items (
      id ${id},
      service text not null,
      node text not null,
      item_id text not null,
      payload text not null,
      state text not null default 'new' check (state in ('new', 'told', 'retracted')),
      published_at ${bigint} not null default ${now},
      unique (service, node, item_id)
    ) ${end}`,
    sql`create index topic_items_newest on topic_items (service, node, id)`,
    sql`create index topic_items_pending on topic_items (service, id) where state <> 'told'`,

    sql`create table topic_subscriptions (
      id ${id},
      service text not null,
      node text not null,
      jid text not null,
      account text not null,
      created_at ${bigint} not null default ${now},
      unique (service, node, jid)
    ) ${end}`,
    sql`create index topic_subscriptions_account on topic_subscriptions (service, account)`,
  ];
  for (const statement of statements) await statement.execute(database);
};
