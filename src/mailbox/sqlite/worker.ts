// The thread that holds an SQLite database. libsql is synchronous, and a lock that others hold would stop everything else.

import { parentPort, workerData } from "node:worker_threads";
import { openConnection, type SqliteConnection } from "./connection.js";
import { fileIdentity } from "./file-identity.js";
import type { Order, Report, Statement, ThreadData } from "./protocol.js";

/** How often it is looked whether the file is still the same; every statement outside a transaction looks too. */
const IDENTITY_MS = 1_000;
/** A file that is gone is made anew after so many looks: whoever restores a backup may need the moment between. */
const MISSING_LOOKS = 2;

// The owner starts this file with nothing else.
const data = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error("this file is a thread's");
const report = (message: Report): void => port.postMessage(message);

try {
  serve(openConnection(data));
} catch (error) {
  report({ kind: "error", id: undefined, ...asText(error) });
}

function serve(first: SqliteConnection): void {
  const { file, pollMs } = data;
  /** Undefined from when the file was replaced until its successor is open. */
  let connection: SqliteConnection | undefined = first;
  let identity = fileIdentity(file);
  let mayReopen = false;
  let missed = 0;
  let seen = first.version();

  const lookAtFile = (): void => {
    if (connection === undefined || connection.inTransaction || fileIdentity(file) === identity) return;
    connection.close();
    connection = undefined;
    mayReopen = false;
    missed = 0;
    report({ kind: "replaced" });
  };
  const reopen = (): void => {
    if (!mayReopen || connection !== undefined) return;
    const isMissing = fileIdentity(file) === undefined;
    missed += isMissing ? 1 : 0;
    if (isMissing && (!data.isMade || missed <= MISSING_LOOKS)) return;
    try {
      connection = openConnection(data);
    } catch {
      // It may be a copy that is not complete yet; the next look tries again, and until then every statement says what is wrong.
      return;
    }
    identity = fileIdentity(file);
    seen = connection.version();
    report({ kind: "reopened" });
  };
  const lookForChanges = (): void => {
    if (connection === undefined) return;
    const current = connection.version();
    if (current === seen) return;
    seen = current;
    report({ kind: "changed" });
  };
  const timers = [
    setInterval(lookForChanges, pollMs),
    setInterval(() => {
      lookAtFile();
      reopen();
    }, IDENTITY_MS),
  ];

  const run = ({ id, sql, parameters }: Statement): void => {
    lookAtFile();
    if (connection === undefined) {
      const message = `${file}: the file was deleted or replaced; the one there now is not open yet`;
      report({ kind: "error", id, code: "SQLITE_READONLY_DBMOVED", message });
      return;
    }
    try {
      report({ kind: "result", id, result: connection.run(sql, parameters) });
    } catch (error) {
      report({ kind: "error", id, ...asText(error) });
    }
  };

  port?.on("message", (order: Order) => {
    if (order === "close") {
      for (const timer of timers) clearInterval(timer);
      // The library ends the process when it is asked about a transaction of what is closed, and orders may still be on their way.
      const open = connection;
      connection = undefined;
      open?.close();
      port.close();
    } else if (order === "reopen") {
      mayReopen = true;
      reopen();
    } else run(order);
  });
  report({ kind: "ready" });
}

function asText(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  return { code: "code" in error ? String(error.code) : "", message: error.message };
}
