// What a room is to be, checked.

import { type Jid, tryParseJid, withResource } from "../../jid.js";
import { RoomError, type RoomOptions } from "../../ports/index.js";

/** How a room is entered. */
export interface RoomSettings {
  /** Bare. */
  readonly jid: Jid;
  readonly nick: string;
  readonly password: string | undefined;
  readonly maxHistory: number;
  readonly commandPrefix: string;
  readonly trustRealJids: boolean;
}

const DEFAULT_NICK = "rpc";

/** The settings of one room. Throws a RoomError for an address that is no room's, and for a nick or prefix that cannot be used. */
export function readRoom(options: RoomOptions): RoomSettings {
  const {
    jid: text,
    nick = DEFAULT_NICK,
    password,
    maxHistory = 0,
    commandPrefix = "!",
    trustRealJids = false,
  } = options;
  const jid = tryParseJid(text);
  if (jid === undefined || jid.local === "" || jid.resource !== "")
    throw new RoomError("unknown-room", `${JSON.stringify(text)}: room@service expected`);
  let prepared: Jid;
  try {
    prepared = withResource(jid, nick);
  } catch (error) {
    throw new RoomError("not-allowed", `${jid.bare}: ${JSON.stringify(nick)} cannot be a nick`, { cause: error });
  }
  if (!isCommandPrefix(commandPrefix))
    throw new RoomError("not-allowed", `${jid.bare}: commandPrefix: 1 to 8 of ! # $ % & * + / : ; ? \\ ^ | ~ expected`);
  if (!Number.isInteger(maxHistory) || maxHistory < 0)
    throw new RoomError("not-allowed", `${jid.bare}: maxHistory: a whole number from 0 expected`);
  return { jid, nick: prepared.resource, password, maxHistory, commandPrefix, trustRealJids };
}

/** What commands can begin with: what no JSON, name or sentence begins with. */
export function isCommandPrefix(text: string): boolean {
  return /^[!#$%&*+/:;?\\^|~]{1,8}$/.test(text);
}
