// The limits of calls: settings, their documentation and the edge tests are made from this table.

import { type LimitsOf, limitDefaults } from "../limit-table.js";

/** Every limit of this folder. */
export const RPC_LIMIT_TABLE = Object.freeze({
  callsInFlightPerRequester: { unit: "calls", default: 1_024, doc: "Calls of one full JID that run at a time." },
  callsInFlight: { unit: "calls", default: 4_096, doc: "Calls of all requesters that run at a time." },
  methodDeadlineMs: {
    unit: "ms",
    default: 20_000,
    doc: "How long a method may run that declares no deadline of its own.",
  },
  multicallSlots: { unit: "calls", default: 1_000, doc: "Calls that one system.multicall may hold." },
});

/** The numbers of {@link RPC_LIMIT_TABLE}. */
export type RpcLimits = LimitsOf<typeof RPC_LIMIT_TABLE>;

/** The defaults, with the given limits in their place. */
export function withDefaultLimits(given: Partial<RpcLimits> = {}): RpcLimits {
  return { ...limitDefaults(RPC_LIMIT_TABLE), ...given };
}
