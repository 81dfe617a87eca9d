// What reading the messages of the own account may cost.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const OFFLINE_LIMIT_TABLE = Object.freeze({
  offlineReadMessages: {
    unit: "messages",
    default: 1_000,
    doc: "Messages of the own account that are read at once; of an archive, the newest so many are looked at.",
  },
  offlineReadBytes: {
    unit: "bytes",
    default: 16_777_216,
    doc: "Size of the messages of the own account that are read at once.",
  },
});

/** The numbers of {@link OFFLINE_LIMIT_TABLE}. */
export type OfflineReadLimits = LimitsOf<typeof OFFLINE_LIMIT_TABLE>;
