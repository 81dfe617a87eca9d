// Before a database is used: SQLite brings its tables up to date by itself; PostgreSQL, which others use as well, has to be told to.

import { type Logger, silentLogger } from "../observe/index.js";
import type { Database } from "./database.js";
import { DatabaseProblem } from "./database-problem.js";

/**
 * Has the tables as this version needs them.
 *
 * @throws DatabaseProblem that says what to do, for a PostgreSQL whose tables are missing or old
 */
export async function prepareDatabase(database: Database, log: Logger = silentLogger): Promise<void> {
  if (database.kind === "postgresql") return checkTables(database);
  const names = await database.migrate();
  if (names.length > 0) log.info("mailbox.migrated", { migrations: names.join(" ") });
}

/**
 * Makes sure that the tables are as this version needs them, and changes nothing.
 *
 * @throws DatabaseProblem that says what to do
 */
export async function checkTables(database: Pick<Database, "missingMigrations">): Promise<void> {
  const missing = await database.missingMigrations();
  if (missing.length > 0)
    throw new DatabaseProblem(`the database lacks ${missing.join(", ")}; run jabber-rpc mailbox migrate --config FILE`);
}
