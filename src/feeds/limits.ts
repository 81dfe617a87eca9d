// The limits of feeds: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../limit-table.js";

/** Every limit of this folder. */
export const FEED_LIMIT_TABLE = Object.freeze({
  feedBytes: { unit: "bytes", default: 4_000_000, doc: "Size of a feed, unpacked." },
  feedEntries: { unit: "entries", default: 2_000, doc: "Entries of a feed; of one with more, the first are read." },
  feedTimeoutMs: { unit: "ms", default: 30_000, doc: "How long a feed may take to arrive whole, redirects included." },
  feedReadMs: { unit: "ms", default: 10_000, doc: "How long a feed may take to be read, in a process of its own." },
  feedRedirects: { unit: "redirects", default: 5, min: 0, doc: "Redirects that are followed in a row." },
  feedsAtOnce: { unit: "feeds", default: 4, doc: "Feeds that are read and published at a time." },
  feedLongestPauseMs: {
    unit: "ms",
    default: 3_600_000,
    doc: "The longest pause after failures, unless the interval is longer.",
  },
  feedMemory: {
    unit: "entries",
    default: 10_000,
    doc: "Entries of one feed that are remembered as published; never fewer than feedEntries.",
  },
});

/** The numbers of {@link FEED_LIMIT_TABLE}. */
export type FeedLimits = LimitsOf<typeof FEED_LIMIT_TABLE>;
