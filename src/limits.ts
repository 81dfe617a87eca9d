// Every limit of a gateway, gathered from the folders that own them.

import { FEED_LIMIT_TABLE } from "./feeds/index.js";
import { HTTP_LIMIT_TABLE } from "./http/index.js";
import { type LimitsOf, limitDefaults } from "./limit-table.js";
import { MAILBOX_LIMIT_TABLE } from "./mailbox/index.js";
import { RPC_LIMIT_TABLE } from "./rpc/index.js";
import { UPSTREAM_LIMIT_TABLE } from "./upstream/index.js";
import {
  ANSWER_LIMIT_TABLE,
  CHAT_COMMAND_LIMIT_TABLE,
  COMMAND_LIMIT_TABLE,
  FOLLOW_LIMIT_TABLE,
  NOTE_LIMIT_TABLE,
  OFFLINE_LIMIT_TABLE,
  ROOM_LIMIT_TABLE,
  TOPIC_LIMIT_TABLE,
} from "./xeps/index.js";
import { XML_LIMIT_TABLE } from "./xml/index.js";
import { CODEC_LIMIT_TABLE } from "./xmlrpc-codec/index.js";
import { KEPT_ANSWER_LIMIT_TABLE, STANDALONE_LIMIT_TABLE } from "./xmpp/index.js";

/** How long the end of a gateway may take. */
const STOP_LIMIT_TABLE = Object.freeze({
  drainMs: { unit: "ms", default: 10_000, doc: "How long running calls may finish once the gateway is told to stop." },
  flushMs: { unit: "ms", default: 5_000, doc: "How long the last answers may then take to reach the server." },
});

/** One table of all; no key stands in two folders, and docs/settings.md shows them in this order. */
export const LIMIT_TABLE = Object.freeze({
  ...XML_LIMIT_TABLE,
  ...CODEC_LIMIT_TABLE,
  ...RPC_LIMIT_TABLE,
  ...ANSWER_LIMIT_TABLE,
  ...COMMAND_LIMIT_TABLE,
  ...FOLLOW_LIMIT_TABLE,
  ...NOTE_LIMIT_TABLE,
  ...OFFLINE_LIMIT_TABLE,
  ...TOPIC_LIMIT_TABLE,
  ...KEPT_ANSWER_LIMIT_TABLE,
  ...CHAT_COMMAND_LIMIT_TABLE,
  ...ROOM_LIMIT_TABLE,
  ...STOP_LIMIT_TABLE,
  ...STANDALONE_LIMIT_TABLE,
  ...HTTP_LIMIT_TABLE,
  ...UPSTREAM_LIMIT_TABLE,
  ...FEED_LIMIT_TABLE,
  ...MAILBOX_LIMIT_TABLE,
});

/** The numbers of {@link LIMIT_TABLE}. */
export type Limits = LimitsOf<typeof LIMIT_TABLE>;

/** The defaults, with the given limits in their place. */
export function withDefaultLimits(given: Partial<Limits> = {}): Limits {
  return { ...limitDefaults(LIMIT_TABLE), ...given };
}
