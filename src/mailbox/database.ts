// The one database of a gateway: SQLite in a file of its own, or PostgreSQL when several gateways or programs share it.

import { Kysely, PostgresDialect, sql } from "kysely";
import { messageOf } from "../message-of.js";
import { type Logger, silentLogger } from "../observe/index.js";
import { DatabaseProblem, NO_DATABASE_URL, postgresProblem } from "./database-problem.js";
import { type DatabaseKind, FLAVORS } from "./migrations/flavor.js";
import { migrate, missingMigrations } from "./migrations/migrate.js";
import { listenForChanges } from "./postgres/changes.js";
import { openPool } from "./postgres/pool.js";
import { createSqliteDialect } from "./sqlite/dialect.js";
import { openSqliteThread } from "./sqlite/thread.js";
import type { Tables } from "./tables.js";

/** An open database. */
export interface Database {
  readonly kind: DatabaseKind;
  /** Queries. On PostgreSQL each takes a connection of a small pool; on SQLite they take turns. */
  readonly query: Kysely<Tables>;
  /** The database's clock now, in epoch milliseconds: that of this machine, put right by what the database said at the last connection. */
  now(): number;
  /**
   * Calls back when rows may have changed, by others or by {@link announce}; also when changes may have been missed. Until the returned
   * function is called.
   */
  onChange(listener: () => void): () => void;
  /** Says that rows were changed through this object, which the database does not tell its own connection. */
  announce(): void;
  /**
   * Calls back when an SQLite file was deleted, or another one put in its place, before any query reaches the one that is there now: rows
   * are not those of the same ids any more. Until the returned function is called.
   */
  onReplaced(listener: () => void): () => void;
  /** Brings the tables up to date and gives the names of what was run. */
  migrate(): Promise<readonly string[]>;
  /** The migrations that this database lacks. */
  missingMigrations(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Opens a database; its tables are as they are.
 *
 * @param url `sqlite:FILE`; `sqlite::memory:`; or `postgresql://…`
 * @param options.isMade whether a missing SQLite file is made. Default true
 * @throws DatabaseProblem that says what, where, and what was expected
 */
export async function openDatabase(
  url: string,
  log: Logger = silentLogger,
  options: { readonly isMade?: boolean } = {},
): Promise<Database> {
  const [changes, replacements] = [createListeners(), createListeners()];
  const announce = changes.tell;
  const { kind, query, offsetMs, close } = url.startsWith("sqlite:")
    ? await openSqlite({
        file: url.slice("sqlite:".length),
        isMade: options.isMade ?? true,
        onChange: changes.tell,
        tellReplaced: replacements.tell,
        log,
      })
    : await openPostgres(url, changes.tell, log);
  const untyped = untypedOf(query);
  return {
    kind,
    query,
    now: () => Math.round(Date.now() + offsetMs),
    onChange: changes.add,
    onReplaced: replacements.add,
    announce,
    migrate: () => migrate(untyped, kind),
    missingMigrations: () => missingMigrations(untyped, kind),
    close,
  };
}

interface Opened {
  readonly kind: DatabaseKind;
  readonly query: Kysely<Tables>;
  /** How far the database's clock is ahead of this machine's. */
  readonly offsetMs: number;
  close(): Promise<void>;
}

/** One that serves all: transactions are short, and a long list of connections is dear to PostgreSQL. */
const MAX_CONNECTIONS = 4;
/** How long after a failed migration of a file that has taken the place of another it is tried again. */
const MIGRATE_RETRY_MS = 1_000;

interface SqliteOptions {
  readonly file: string;
  readonly isMade: boolean;
  readonly onChange: () => void;
  readonly tellReplaced: () => void;
  readonly log: Logger;
}

async function openSqlite({ file, isMade, onChange, tellReplaced, log }: SqliteOptions): Promise<Opened> {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  /** The tables of a file that has taken the place of the first. Queries that come before them fail. */
  const migrateAgain = (): void => {
    clearTimeout(timer);
    migrate(untypedOf(query), "sqlite").then(
      (names) => {
        log.warn("mailbox.reopened", { file, migrations: names.join(" ") });
        onChange();
      },
      (error: unknown) => {
        if (isClosed) return;
        log.error("mailbox.migrate-failed", { file, cause: messageOf(error), retryMs: MIGRATE_RETRY_MS });
        timer = setTimeout(migrateAgain, MIGRATE_RETRY_MS);
      },
    );
  };
  const onReplaced = (): void => {
    const problem = "the database file was deleted or replaced while it was open; the one there now is opened";
    log.error("mailbox.replaced", { file, problem });
    tellReplaced();
  };
  const onReopened = isMade ? migrateAgain : onChange;
  const thread = await openSqliteThread(file, { isMade, onChange, onReplaced, onReopened }).catch((error: unknown) => {
    throw new DatabaseProblem(`sqlite: ${messageOf(error)}`, { cause: error });
  });
  const query = new Kysely<Tables>({ dialect: createSqliteDialect(thread) });
  return {
    kind: "sqlite",
    query,
    offsetMs: 0,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      return thread.close();
    },
  };
}

async function openPostgres(url: string, onChange: () => void, log: Logger): Promise<Opened> {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new DatabaseProblem(NO_DATABASE_URL);
  const pool = await openPool(url, MAX_CONNECTIONS).catch((error: unknown) => {
    throw postgresProblem(url, error);
  });
  const query = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  let offsetMs: number;
  try {
    // Leases of several gateways are compared with each other, so they follow one clock.
    offsetMs = (await clockOf(query)) - Date.now();
  } catch (error) {
    await query.destroy();
    throw postgresProblem(url, error);
  }
  const listening = await listenForChanges(url, onChange, log);
  return {
    kind: "postgresql",
    query,
    offsetMs,
    close: async () => {
      await listening.close();
      await query.destroy();
    },
  };
}

/** Migrations know of no tables. */
function untypedOf(query: Kysely<Tables>): Kysely<unknown> {
  return query.withoutPlugins() as unknown as Kysely<unknown>;
}

function createListeners() {
  const listeners = new Set<() => void>();
  return {
    tell: (): void => {
      for (const listener of listeners) listener();
    },
    add: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function clockOf(query: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${FLAVORS.postgresql.now} as now`.execute(query);
  return rows[0]?.now ?? Date.now();
}
