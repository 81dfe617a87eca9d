// The limits of the mailbox: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../limit-table.js";

/** Every limit of this folder. */
export const MAILBOX_LIMIT_TABLE = Object.freeze({
  outboxInFlight: { unit: "rows", default: 1_000, doc: "Rows of the outbox that one gateway sends at a time." },
  outboxBodyBytes: { unit: "bytes", default: 200_000, doc: "Size of the body of one row of the outbox." },
  outboxTries: { unit: "tries", default: 10, doc: "How often a row of the outbox is tried before it is parked." },
  outboxRetryMs: {
    unit: "ms",
    default: 1_000,
    doc: "How long a row of the outbox waits after its first failed try; twice as long after each further one.",
  },
  outboxMaxRetryMs: { unit: "ms", default: 300_000, doc: "The longest wait between two tries." },
  outboxLeaseMs: {
    unit: "ms",
    default: 15_000,
    min: 500,
    doc: "How long after the death of a gateway another one, or the same started again, takes over the rows it was sending.",
  },
  inboxWaiting: {
    unit: "messages",
    default: 1_000,
    doc: "Messages that wait in memory while the database is away; handlers see those beyond, the inbox does not.",
  },
  inboxWaitMs: {
    unit: "ms",
    default: 5_000,
    doc: "How long a message waits for the database before its handler sees it all the same.",
  },
});

/** The numbers of {@link MAILBOX_LIMIT_TABLE}. */
export type MailboxLimits = LimitsOf<typeof MAILBOX_LIMIT_TABLE>;
