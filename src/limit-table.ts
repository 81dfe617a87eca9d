// Limits as data: each folder owns its table; the settings schema, docs/settings.md and the edge tests are made from them.

/** One limit: `unit` for people, `default` and `min` in that unit, `doc` one sentence. */
export interface LimitRow {
  readonly unit: string;
  readonly default: number;
  /** The least number that is accepted. Default 1. */
  readonly min?: number;
  readonly doc: string;
}

/** Limits by key. */
export type LimitTable = Readonly<Record<string, LimitRow>>;

/** The numbers of a table. */
export type LimitsOf<T extends LimitTable> = { readonly [Key in keyof T]: number };

/** Every limit of a table at its default. */
export function limitDefaults<const T extends LimitTable>(table: T): LimitsOf<T> {
  const entries = Object.entries(table).map(([key, row]) => [key, row.default] as const);
  // Object.fromEntries forgets the keys; they are those of the table.
  return Object.freeze(Object.fromEntries(entries)) as LimitsOf<T>;
}
