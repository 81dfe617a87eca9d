// The limits of following topics: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const FOLLOW_LIMIT_TABLE = Object.freeze({
  followQueue: {
    unit: "items",
    default: 1_000,
    doc: "Items of one followed topic that wait for their handler; beyond, they are fetched again later.",
  },
  followCatchUp: {
    unit: "items",
    default: 1_000,
    doc: "The newest items of a followed topic that are looked at after a reconnect.",
  },
  followBatch: { unit: "items", default: 16, doc: "Items that are asked for in one request." },
  followAttempts: { unit: "attempts", default: 5, doc: "How often an item is handed to a handler that throws." },
  followHandlerMs: { unit: "ms", default: 20_000, doc: "How long a handler of items may take for one." },
  followCheckMs: {
    unit: "ms",
    default: 600_000,
    doc: "How often a followed topic is looked at for items that no notification told.",
  },
  followMemory: {
    unit: "items",
    default: 10_000,
    doc: "Items of one followed topic that are remembered as seen; never fewer than followCatchUp.",
  },
});

/** The numbers of {@link FOLLOW_LIMIT_TABLE}. */
export type FollowLimits = LimitsOf<typeof FOLLOW_LIMIT_TABLE>;
