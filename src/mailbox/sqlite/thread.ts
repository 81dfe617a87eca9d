// An SQLite database in a thread of its own, as its owner sees it.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Order, Report, SqliteValue, StatementResult, ThreadData } from "./protocol.js";

/** How long a statement waits for a lock that others hold, and how long of that in one piece: the thread does nothing else then. */
const LOCK_WAIT_MS = 20_000;
const BUSY_MS = 1_000;
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

/** How a file is opened. */
export interface SqliteThreadOptions {
  /** Default false. */
  readonly readonly?: boolean;
  /** Whether a missing file is made. Default: unless it is only read. */
  readonly isMade?: boolean;
  /** Told when another connection has changed the database. */
  readonly onChange?: () => void;
  /** Told when the file was deleted, or another one put in its place: before any statement reaches the one that is there now. */
  readonly onReplaced?: () => void;
  /** Told when that one is open. */
  readonly onReopened?: () => void;
  /** How long a statement waits for a lock that others hold, in milliseconds. Default 20000. */
  readonly lockWaitMs?: number;
  /** How long of that in one piece. Default 1000. */
  readonly busyMs?: number;
}

/**
 * Opens a file, or `:memory:`. A file that is deleted or replaced while it is open is opened anew.
 *
 * @throws Error that names the file and says why it cannot be opened
 */
export async function openSqliteThread(file: string, options: SqliteThreadOptions = {}): Promise<SqliteThread> {
  const { lockWaitMs = LOCK_WAIT_MS, busyMs = BUSY_MS, readonly: isReadonly = false } = options;
  const isMade = options.isMade ?? !isReadonly;
  const workerData: ThreadData = { file, readonly: isReadonly, isMade, pollMs: POLL_MS, busyMs };
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
      else if (report.kind === "reopened") options.onReopened?.();
      else if (report.kind === "replaced") {
        options.onReplaced?.();
        order("reopen");
      } else if (report.kind === "result") take(report.id)?.resolve(report.result);
      else if (report.id !== undefined) take(report.id)?.reject(new SqliteFailure(report.code, report.message));
      else reject(new SqliteFailure(report.code, `${file}: ${report.message}`));
    });
    worker.on("error", (error) => {
      reject(error);
      endWith(error);
    });
    worker.on("exit", () => endWith(new Error("the database is closed")));
  });
  const order = (one: Order): void => worker.postMessage(one);
  const runOnce = (sql: string, parameters: readonly SqliteValue[]): Promise<StatementResult> => {
    if (ended !== undefined) return Promise.reject(ended);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      order({ id, sql, parameters });
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
      const until = performance.now() + lockWaitMs;
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
      order("close");
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
