// Bringing a database to the newest tables, and telling what it lacks. kysely's Migrator keeps the books in the database.

import { type Kysely, Migrator } from "kysely";
import { buildMailbox } from "./0001-mailbox.js";
import { buildMemory } from "./0005-memory.js";
import { buildTopics } from "./0006-topics.js";
import { buildOffline } from "./0007-offline.js";
import { buildTopicEnds } from "./0008-topic-ends.js";
import { type BuildTables, type DatabaseKind, FLAVORS } from "./flavor.js";

/** Every migration by the name that the database remembers. One area, one file, one line; a name never changes once released. */
const MIGRATIONS: Readonly<Record<string, BuildTables>> = Object.freeze({
  "0001-mailbox": buildMailbox,
  "0005-memory": buildMemory,
  "0006-topics": buildTopics,
  "0007-offline": buildOffline,
  "0008-topic-ends": buildTopicEnds,
});

/** Runs what has not run yet, all or nothing. Two processes may do so at once. Gives the names of what it ran. */
export async function migrate(database: Kysely<unknown>, kind: DatabaseKind): Promise<readonly string[]> {
  const { error, results = [] } = await migratorOf(database, kind).migrateToLatest();
  if (error !== undefined) throw error;
  return results.map(({ migrationName }) => migrationName);
}

/** The names of the migrations that this database lacks. */
export async function missingMigrations(database: Kysely<unknown>, kind: DatabaseKind): Promise<readonly string[]> {
  const migrations = await migratorOf(database, kind).getMigrations();
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

function migratorOf(database: Kysely<unknown>, kind: DatabaseKind): Migrator {
  const flavor = FLAVORS[kind];
  const migrations = Object.entries(MIGRATIONS).map(([name, build]) => [
    name,
    { up: (inTransaction: Kysely<unknown>) => build(inTransaction, flavor) },
  ]);
  return new Migrator({
    db: database,
    provider: { getMigrations: async () => Object.fromEntries(migrations) },
    migrationTableName: "jabber_rpc_migration",
    migrationLockTableName: "jabber_rpc_migration_lock",
    // Areas add theirs independently of each other.
    allowUnorderedMigrations: true,
  });
}
