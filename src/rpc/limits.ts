// The limits of calls: one row each; settings, their documentation and the edge tests are made from this table.

/** One limit. */
export interface LimitRow {
  readonly key: string;
  readonly unit: string;
  readonly default: number;
  readonly doc: string;
}

/** Every limit of this folder. */
export const rpcLimits = Object.freeze([
  { key: "callsInFlightPerRequester", unit: "calls", default: 1024, doc: "calls of one full JID that run at a time" },
  { key: "callsInFlight", unit: "calls", default: 4096, doc: "calls of all requesters that run at a time" },
  {
    key: "methodDeadlineMs",
    unit: "ms",
    default: 20_000,
    doc: "how long a method may run that declares no deadline of its own",
  },
  { key: "multicallSlots", unit: "calls", default: 1000, doc: "calls that one system.multicall may hold" },
] as const satisfies readonly LimitRow[]);

/** A value for each limit. */
export type RpcLimits = { readonly [Row in (typeof rpcLimits)[number] as Row["key"]]: number };

/** The defaults, with the given limits in their place. */
export function withDefaultLimits(given: Partial<RpcLimits> = {}): RpcLimits {
  const defaults = Object.fromEntries(rpcLimits.map((row) => [row.key, row.default]));
  // Every key of RpcLimits is a row of the table.
  return { ...defaults, ...given } as RpcLimits;
}
