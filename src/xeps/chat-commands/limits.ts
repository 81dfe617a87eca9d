// The limits of commands in chat: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const CHAT_COMMAND_LIMIT_TABLE = Object.freeze({
  chatCommandsPerMinute: {
    unit: "commands",
    default: 30,
    doc: "Commands in chat that one address or occupant may give in a minute; more are not answered, since a program may be writing.",
  },
  chatAnswerChars: { unit: "characters", default: 4_000, doc: "Length of an answer in chat; a longer one is cut." },
});

/** The numbers of {@link CHAT_COMMAND_LIMIT_TABLE}. */
export type ChatCommandLimits = LimitsOf<typeof CHAT_COMMAND_LIMIT_TABLE>;
