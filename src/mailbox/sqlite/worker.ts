// The thread that holds an SQLite database. libsql is synchronous, and a lock that others hold would stop everything else.

import { parentPort, workerData } from "node:worker_threads";
import Database from "libsql";
import type { Question, Report, StatementResult, ThreadData } from "./protocol.js";

/** A lock is waited for so long in here; then the owner decides whether to go on. */
const BUSY_TIMEOUT_MS = 1_000;
/** The same while the file is opened, which nothing else can wait for. */
const OPEN_TIMEOUT_MS = 15_000;
/** How many statements are kept compiled. */
const MAX_STATEMENTS = 200;

// The owner starts this file with nothing else.
const { file, readonly: isReadonly, pollMs } = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error("this file is a thread's");
const report = (message: Report): void => port.postMessage(message);

try {
  serve(openFile());
} catch (error) {
  report({ kind: "error", id: undefined, ...asText(error) });
}

function openFile(): Database.Database {
  const database = new Database(file, { readonly: isReadonly });
  if (!isReadonly) {
    database.exec(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
    database.exec("pragma journal_mode = wal");
    // With WAL, a crash of the process loses nothing; one of the machine may lose the last transactions otherwise.
    database.exec("pragma synchronous = full");
  }
  database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}

function serve(first: Database.Database): void {
  let database = first;
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
  const run = (question: Exclude<Question, undefined>): StatementResult => {
    // Running it again sets it right; for any other the connection is made anew.
    if (busy !== undefined && busy !== question.sql && !database.inTransaction && file !== ":memory:") {
      statements.clear();
      database.close();
      database = openFile();
      version = database.prepare("pragma data_version").pluck();
    }
    busy = undefined;
    const statement = prepared(question.sql);
    if (!statement.reader) return { rows: [], changes: statement.run(...question.parameters).changes };
    // A row of libsql is an object with the names of its columns.
    const rows = statement.all(...question.parameters) as Record<string, unknown>[];
    return /^\s*select\b/i.test(question.sql) ? { rows } : { rows, changes: rows.length };
  };

  // It changes when another connection commits, and costs microseconds.
  let version = database.prepare("pragma data_version").pluck();
  let seen = version.get();
  const timer = setInterval(() => {
    const current = version.get();
    if (current === seen) return;
    seen = current;
    report({ kind: "changed" });
  }, pollMs);

  port?.on("message", (question: Question) => {
    if (question === undefined) {
      clearInterval(timer);
      database.close();
      port.close();
      return;
    }
    try {
      report({ kind: "result", id: question.id, result: run(question) });
    } catch (error) {
      const said = asText(error);
      if (said.code.startsWith("SQLITE_BUSY")) busy = question.sql;
      report({ kind: "error", id: question.id, ...said });
    }
  });
  report({ kind: "ready" });
}

function asText(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  return { code: "code" in error ? String(error.code) : "", message: error.message };
}
