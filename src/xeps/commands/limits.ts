// The limits of ad-hoc commands: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const COMMAND_LIMIT_TABLE = Object.freeze({
  commandSessions: { unit: "sessions", default: 4_096, doc: "Commands of all requesters that wait for a form." },
  commandSessionsPerRequester: {
    unit: "sessions",
    default: 16,
    doc: "Commands of one account that wait for a form; one more ends the one that was left alone longest.",
  },
  commandIdleMs: { unit: "ms", default: 600_000, doc: "How long a command waits for its next form." },
  commandEndedSessions: {
    unit: "sessions",
    default: 10_000,
    doc: "Ended commands that are remembered, so that a late form is told from a wrong one.",
  },
});

/** The numbers of {@link COMMAND_LIMIT_TABLE}. */
export type CommandLimits = LimitsOf<typeof COMMAND_LIMIT_TABLE>;
