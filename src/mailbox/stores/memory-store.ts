// The memory of what was seen, in the table `memory`: it outlives the process.

import type { Memory } from "../../memory/index.js";
import type { Database } from "../database.js";

/** So many keys stand in one query. */
const CHUNK = 500;

/** Keeps a memory in a database. `database` is asked for when it is needed, since it opens later. */
export function createMemoryStore(database: () => Database): Memory {
  return {
    find: async (name, keys) => {
      const found = new Map<string, string>();
      for (const chunk of chunksOf(keys)) {
        const rows = await database()
          .query.selectFrom("memory")
          .select(["key", "value"])
          .where("name", "=", name)
          .where("key", "in", chunk)
          .execute();
        for (const { key, value } of rows) found.set(key, value);
      }
      return found;
    },
    put: async (name, key, value) => {
      const at = database().now();
      await database()
        .query.insertInto("memory")
        .values({ name, key, value, at })
        .onConflict((conflict) => conflict.columns(["name", "key"]).doUpdateSet({ value, at }))
        .execute();
    },
    prune: async (name, keep, needed) => {
      const { count } = await database()
        .query.selectFrom("memory")
        .select(({ fn }) => fn.countAll<number | string>().as("count"))
        .where("name", "=", name)
        .executeTakeFirstOrThrow();
      if (Number(count) <= keep) return;
      const at = database().now();
      for (const chunk of chunksOf(needed))
        await database()
          .query.updateTable("memory")
          .set({ at })
          .where("name", "=", name)
          .where("key", "in", chunk)
          .execute();
      await database()
        .query.deleteFrom("memory")
        .where("name", "=", name)
        .where("key", "not in", ({ selectFrom }) =>
          selectFrom("memory").select("key").where("name", "=", name).orderBy("at", "desc").orderBy("key").limit(keep),
        )
        .execute();
    },
  };
}

function chunksOf(keys: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let at = 0; at < keys.length; at += CHUNK) chunks.push(keys.slice(at, at + CHUNK));
  return chunks;
}
