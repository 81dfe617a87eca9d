// The database of a gateway as its first part: opened before everything that keeps something in it, closed after.

import { type Database, openDatabase } from "../mailbox/index.js";
import type { Logger } from "../observe/index.js";
import type { Part } from "./part.js";

/** The part, and what it has opened. */
export interface DatabasePart extends Part {
  /** Throws before `open` and after `close`. */
  database(): Database;
}

/** SQLite brings its tables up to date by itself; PostgreSQL, which others use as well, has to be told to. */
export function createDatabasePart(url: string, log: Logger): DatabasePart {
  let opened: Database | undefined;
  return {
    database: () => {
      if (opened === undefined) throw new Error("the database is not open");
      return opened;
    },
    open: async () => {
      const database = await openDatabase(url, log);
      try {
        await bringUpToDate(database, log);
      } catch (error) {
        await database.close();
        throw error;
      }
      opened = database;
    },
    close: async () => {
      const database = opened;
      opened = undefined;
      await database?.close().catch((error: unknown) => log.warn("mailbox.close-failed", { cause: String(error) }));
    },
  };
}

async function bringUpToDate(database: Database, log: Logger): Promise<void> {
  if (database.kind === "sqlite") {
    const names = await database.migrate();
    if (names.length > 0) log.info("mailbox.migrated", { migrations: names.join(" ") });
    return;
  }
  const missing = await database.missingMigrations();
  if (missing.length > 0)
    throw new Error(`the database lacks ${missing.join(", ")}; run jabber-rpc mailbox migrate --config FILE`);
}
