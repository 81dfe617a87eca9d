// What the thread of an SQLite database and its owner tell each other.

/** What SQLite stores. */
export type SqliteValue = string | number | bigint | null | Uint8Array;

/** What a thread is started with. */
export interface ThreadData {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly readonly: boolean;
  /** Whether a missing file is made. One that is there, and is not ours to make, keeps its journal mode. */
  readonly isMade: boolean;
  /** How often it looks whether others have changed the database, in milliseconds. */
  readonly pollMs: number;
  /** How long one statement waits for a lock that others hold, in milliseconds, before it fails with `SQLITE_BUSY`. */
  readonly busyMs: number;
}

/** One statement for the thread. */
export interface Statement {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

/** To the thread. `reopen` answers `replaced`. */
export type Order = Statement | "reopen" | "close";

/** What a statement gives. */
export interface StatementResult {
  readonly rows: Record<string, unknown>[];
  /** How many rows it changed; undefined for what only reads. */
  readonly changes?: number;
}

/** From the thread. The first is `ready`, or the error that kept it from opening the file. */
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "changed" }
  /** Another file, or none, stands where the database was. Every statement fails until `reopen`, and then until the new one opens. */
  | { readonly kind: "replaced" }
  /** It has opened. */
  | { readonly kind: "reopened" }
  | { readonly kind: "result"; readonly id: number; readonly result: StatementResult }
  | { readonly kind: "error"; readonly id: number | undefined; readonly code: string; readonly message: string };
