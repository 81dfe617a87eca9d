// What the thread of an SQLite database and its owner tell each other.

/** What SQLite stores. */
export type SqliteValue = string | number | bigint | null | Uint8Array;

/** What a thread is started with. */
export interface ThreadData {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly readonly: boolean;
  /** How often it looks whether others have changed the database, in milliseconds. */
  readonly pollMs: number;
}

/** To the thread: one statement; undefined closes it. */
export type Question =
  | { readonly id: number; readonly sql: string; readonly parameters: readonly SqliteValue[] }
  | undefined;

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
  | { readonly kind: "result"; readonly id: number; readonly result: StatementResult }
  | { readonly kind: "error"; readonly id: number | undefined; readonly code: string; readonly message: string };
