// An SQLite database in a thread of its own, as its owner sees it.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Report, SqliteValue, StatementResult, ThreadData } from "./protocol.js";

/** How long a statement waits for a lock that others hold. */
const LOCK_WAIT_MS = 20_000;
const POLL_MS = 20;
/** How long the thread has to close the file when it is told to; one that waits for a lock cannot be interrupted. */
const CLOSE_WAIT_MS = 3_000;

/** An open database. */
export interface SqliteThread {
  /**
   * Runs one statement. Statements run in the order they are given.
   *
   * @throws Error with SQLite's text, and its `code` such as `SQLITE_BUSY`
   */
  run(sql: string, parameters: readonly unknown[]): Promise<StatementResult>;
  close(): Promise<void>;
}

/** What a statement failed with. */
class SqliteFailure extends Error {
  override readonly name = "SqliteFailure";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens a file, or `:memory:`.
 *
 * @param onChange told when another connection has changed the database
 */
export async function openSqliteThread(
  file: string,
  options: { readonly readonly?: boolean; readonly onChange?: () => void } = {},
): Promise<SqliteThread> {
  const workerData: ThreadData = { file, readonly: options.readonly ?? false, pollMs: POLL_MS };
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: Error | undefined;

  const endWith = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const take = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    return one;
  };
  const opened = new Promise<void>((resolve, reject) => {
    worker.on("message", (report: Report) => {
      if (report.kind === "ready") resolve();
      else if (report.kind === "changed") options.onChange?.();
      else if (report.kind === "result") take(report.id)?.resolve(report.result);
      else if (report.id !== undefined) take(report.id)?.reject(new SqliteFailure(report.code, report.message));
      else reject(new SqliteFailure(report.code, `${file}: ${report.message}`));
    });
    worker.on("error", (error) => {
      reject(error);
      endWith(error);
    });
    worker.on("exit", () => endWith(new Error("the database is closed")));
  });
  const runOnce = (sql: string, parameters: readonly SqliteValue[]): Promise<StatementResult> => {
    if (ended !== undefined) return Promise.reject(ended);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, sql, parameters });
    });
  };
  try {
    await opened;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    run: async (sql, parameters) => {
      const values = parameters.map(sqliteValue);
      const until = performance.now() + LOCK_WAIT_MS;
      for (;;) {
        try {
          return await runOnce(sql, values);
        } catch (error) {
          const isBusy = error instanceof SqliteFailure && error.code.startsWith("SQLITE_BUSY");
          if (!isBusy || performance.now() > until) throw error;
        }
      }
    },
    close: async () => {
      if (ended !== undefined) return;
      const exit = once(worker, "exit");
      worker.postMessage(undefined);
      const timer = setTimeout(() => void worker.terminate(), CLOSE_WAIT_MS);
      await exit;
      clearTimeout(timer);
    },
  };
}

/** The library ends the process over a boolean. */
function sqliteValue(value: unknown): SqliteValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite stores no ${typeof value}`);
}
