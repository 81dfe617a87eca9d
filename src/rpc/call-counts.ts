// How many calls ended how: in all, and of each requester. For whoever shows numbers.
import type { Jid } from "../jid.js";
import type { Requester } from "./call.js";
import type { Outcome, RefusalReason } from "./outcome.js";

/** How a call ended: `value`, `fault`, or why it did not run. */
export type CallEnding = "value" | "fault" | RefusalReason;

/** One number. */
export interface CallCount {
  /** Empty for calls that did not run: their names are the callers' own. */
  readonly method: string;
  readonly outcome: CallEnding;
  readonly count: number;
}

/** Numbers since the start. */
export interface CallCounts {
  record(call: { readonly method: string; readonly requester: Requester }, outcome: Outcome): void;
  /** Of everybody, in the order of first occurrence. */
  all(): readonly CallCount[];
  /** Of one requester, all resources together. */
  of(requester: Jid): readonly CallCount[];
}

/** More requesters than these are counted only in all. */
const MAX_REQUESTERS = 10_000;

type Counts = Map<string, Map<CallEnding, number>>;

/** Numbers that are all zero. */
export function createCallCounts(): CallCounts {
  const everybody: Counts = new Map();
  const perRequester = new Map<string, Counts>();
  const countsOf = (bare: string): Counts | undefined => {
    const known = perRequester.get(bare);
    if (known !== undefined || perRequester.size >= MAX_REQUESTERS) return known;
    const counts: Counts = new Map();
    perRequester.set(bare, counts);
    return counts;
  };
  return {
    record: ({ method, requester }, outcome) => {
      const ending = outcome.kind === "refused" ? outcome.reason : outcome.kind;
      const name = outcome.kind === "refused" ? "" : method;
      add(everybody, name, ending);
      const own = countsOf(requester.jid.bare);
      if (own !== undefined) add(own, name, ending);
    },
    all: () => listed(everybody),
    of: ({ bare }) => listed(perRequester.get(bare) ?? new Map()),
  };
}

function add(counts: Counts, method: string, ending: CallEnding): void {
  const endings = counts.get(method) ?? new Map<CallEnding, number>();
  if (endings.size === 0) counts.set(method, endings);
  endings.set(ending, (endings.get(ending) ?? 0) + 1);
}

function listed(counts: Counts): readonly CallCount[] {
  return [...counts].flatMap(([method, endings]) =>
    [...endings].map(([outcome, count]) => ({ method, outcome, count })),
  );
}
