// One connection of libsql, with its statements kept compiled.

import Database from "libsql";
import { fileProblem } from "./file-identity.js";
import type { SqliteValue, StatementResult, ThreadData } from "./protocol.js";

/** How long the opening waits for a lock of others, which nothing else can wait for. */
const OPEN_TIMEOUT_MS = 15_000;
/** How many statements are kept compiled. */
const MAX_STATEMENTS = 200;

/** An open connection. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  /** Changes when another connection commits; costs microseconds. */
  version(): unknown;
  /** @throws the error of libsql, with its `code` such as `SQLITE_BUSY` */
  run(sql: string, parameters: readonly SqliteValue[]): StatementResult;
  close(): void;
}

/** Opens a file, or makes it. */
export function openConnection(data: ThreadData): SqliteConnection {
  let database = openFile(data);
  let version = database.prepare("pragma data_version").pluck();
  const statements = new Map<string, Database.Statement>();
  /** The statement that found the database busy last. libsql leaves it as it is, and then SQLite commits nothing that others write. */
  let busy: string | undefined;

  const prepared = (sql: string): Database.Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.delete(sql);
    statements.set(sql, statement);
    const [oldest] = statements.keys();
    if (statements.size > MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest);
    return statement;
  };
  const runNow = (sql: string, parameters: readonly SqliteValue[]): StatementResult => {
    const statement = prepared(sql);
    if (!statement.reader) return { rows: [], changes: statement.run(...parameters).changes };
    // A row of libsql is an object with the names of its columns.
    const rows = statement.all(...parameters) as Record<string, unknown>[];
    return /^\s*select\b/i.test(sql) ? { rows } : { rows, changes: rows.length };
  };
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    version: () => version.get(),
    run: (sql, parameters) => {
      // Running it again sets it right; for any other the connection is made anew.
      if (busy !== undefined && busy !== sql && !database.inTransaction && data.file !== ":memory:") {
        statements.clear();
        database.close();
        database = openFile(data);
        version = database.prepare("pragma data_version").pluck();
      }
      busy = undefined;
      try {
        return runNow(sql, parameters);
      } catch (error) {
        if (isBusy(error)) busy = sql;
        throw error;
      }
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}

function openFile({ file, readonly: isReadonly, isMade, busyMs }: ThreadData): Database.Database {
  // The library makes a missing file whatever its options say, and its words for the rest are its own.
  const problem = fileProblem(file, isMade);
  if (problem !== undefined) throw new Error(problem);
  const database = new Database(file, { readonly: isReadonly });
  if (!isReadonly) {
    database.exec(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
    if (isMade) database.exec("pragma journal_mode = wal");
    // With WAL, a crash of the process loses nothing; one of the machine may lose the last transactions otherwise.
    database.exec("pragma synchronous = full");
  }
  database.exec(`pragma busy_timeout = ${busyMs}`);
  return database;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
