// Messages for absent accounts in the table `offline_messages`: they outlive the process.

import type { Kysely } from "kysely";
import { hasRoom, type OfflineLimits, type OfflineStore, offlineId, oldestKept } from "../../xmpp/index.js";
import type { Database } from "../database.js";
import type { Tables } from "../tables.js";

/** Keeps messages in a database. `database` is asked for when it is needed, since it opens later. */
export function createOfflineStore(database: () => Database, limits: OfflineLimits): OfflineStore {
  const rowsOf = (account: string) =>
    database().query.selectFrom("offline_messages").where("account", "=", account).orderBy("id");
  return {
    keep: (account, { from, stampMs, xml }) =>
      database()
        .query.transaction()
        .execute(async (transaction) => {
          const oldest = oldestKept(stampMs, limits);
          await transaction.deleteFrom("offline_messages").where("stamp", "<", oldest).execute();
          const bytes = Buffer.byteLength(xml);
          if (!hasRoom(await usedIn(transaction, account), bytes, limits)) return false;
          const row = { account, sender: from, stamp: stampMs, xml, bytes };
          await transaction.insertInto("offline_messages").values(row).execute();
          return true;
        }),
    list: async (account) => {
      const rows = await rowsOf(account).select(["id", "sender", "stamp", "bytes"]).execute();
      return rows.map(({ id, sender, stamp, bytes }) => ({ id: offlineId(id), from: sender, stampMs: stamp, bytes }));
    },
    read: async (account, ids) => {
      const rows = await rowsOf(account).selectAll().where("id", "in", numbersOf(ids)).execute();
      return rows.map(({ id, sender, stamp, bytes, xml }) => {
        return { id: offlineId(id), from: sender, stampMs: stamp, bytes, xml };
      });
    },
    remove: async (account, ids) => {
      const all = database().query.deleteFrom("offline_messages").where("account", "=", account);
      const { numDeletedRows } = await (ids === undefined
        ? all
        : all.where("id", "in", numbersOf(ids))
      ).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

async function usedIn(transaction: Kysely<Tables>, account: string): Promise<Parameters<typeof hasRoom>[0]> {
  const { fn } = transaction;
  const { messages, bytes } = await transaction
    .selectFrom("offline_messages")
    .select([fn.countAll().as("messages"), fn.sum("bytes").as("bytes")])
    .executeTakeFirstOrThrow();
  const { ofAccount } = await transaction
    .selectFrom("offline_messages")
    .select(fn.countAll().as("ofAccount"))
    .where("account", "=", account)
    .executeTakeFirstOrThrow();
  return { ofAccount: Number(ofAccount), messages: Number(messages), bytes: Number(bytes ?? 0) };
}

/** Ids that a client made up are numbers of no row; an empty list is no SQL. */
function numbersOf(ids: readonly string[]): readonly number[] {
  return [-1, ...ids.flatMap((id) => (/^\d{1,15}$/.test(id) ? [Number(id)] : []))];
}
