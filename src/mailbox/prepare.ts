// Before a database is used: SQLite brings its tables up to date by itself; PostgreSQL, which others use as well, has to be told to.

import { type Logger, silentLogger } from "../observe/index.js";
import type { Database } from "./database.js";

/**
 * Has the tables as this version needs them.
 *
 * @throws Error that says what to do, for a PostgreSQL whose tables are missing or old
 */
export async function prepareDatabase(database: Database, log: Logger = silentLogger): Promise<void> {
  if (database.kind === "sqlite") {
    const names = await database.migrate();
    if (names.length > 0) log.info("mailbox.migrated", { migrations: names.join(" ") });
    return;
  }
  const missing = await database.missingMigrations();
  if (missing.length > 0)
    throw new Error(`the database lacks ${missing.join(", ")}; run jabber-rpc mailbox migrate --config FILE`);
}
