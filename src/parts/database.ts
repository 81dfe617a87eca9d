// The database of a gateway as its first part: opened before everything that keeps something in it, closed after.

import { type Database, openDatabase, prepareDatabase } from "../mailbox/index.js";
import type { Logger } from "../observe/index.js";
import type { Part } from "./part.js";

/** The part, and what it has opened. */
export interface DatabasePart extends Part {
  /** Throws before `open` and after `close`. */
  database(): Database;
}

/** A PostgreSQL that was not migrated ends the start. */
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
        await prepareDatabase(database, log);
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
