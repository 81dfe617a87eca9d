// The part for rooms, and for commands in chat, whether they are given in a room or not (docs/rooms.md).

import { RoomError, type RoomOptions, Rooms } from "../ports/index.js";
import {
  createChatCommands,
  createCommandRunner,
  createMuc,
  createRoomCommands,
  isCommandPrefix,
  NS,
} from "../xeps/index.js";
import { element } from "../xml/index.js";
import { type Clock, systemClock } from "../xmpp/index.js";
import type { Part, PartContext } from "./part.js";
import { createRoomKind } from "./rooms-outbox.js";

/** Commands in one-to-one chat. */
export interface ChatCommandOptions {
  /** What they begin with. Default `!`. */
  readonly prefix?: string;
}

/** What the part is made of. */
export interface RoomsPartOptions {
  readonly rooms: readonly RoomOptions[];
  /** False: no commands in one-to-one chat. */
  readonly chatCommands: ChatCommandOptions | false;
  readonly clock?: Clock;
}

/** The part, and what programs use it by. */
export interface RoomsPart extends Part {
  readonly rooms: Rooms;
}

const DISCO_TIMEOUT_MS = 10_000;

/** Makes the part. Throws a {@link RoomError} for a room that cannot be, and a TypeError for a prefix. */
export function createRoomsPart(options: RoomsPartOptions, context: PartContext): RoomsPart {
  const { link, request, dispatch, table, access, rooms, limits, caps, log } = context;
  const { chatCommands, clock = systemClock } = options;
  const runner = (prefix: string) =>
    createCommandRunner({ dispatch, table, access, prefix, maxChars: limits.chatAnswerChars });
  const muc = createMuc({
    rooms: options.rooms,
    link,
    request,
    caps,
    commands: createRoomCommands({ runner, limits, clock, log }),
    isInviter: (jid) => access.isAdmin(jid),
    learned: rooms.declare,
    limits,
    clock,
    log,
  });
  const features = [muc.feature];
  if (chatCommands !== false) {
    const { prefix = "!" } = chatCommands;
    if (!isCommandPrefix(prefix))
      throw new TypeError("chatCommands.prefix: 1 to 8 of ! # $ % & * + / : ; ? \\ ^ | ~ expected");
    const { isOwn } = muc;
    features.push(createChatCommands({ run: runner(prefix), prefix, access, rooms, link, limits, clock, log, isOwn }));
  }
  return {
    rooms: muc.rooms,
    features,
    outbox: [createRoomKind(muc, link)],
    bind: (container) => container.bind(Rooms).toConstantValue(muc.rooms),
    start: async () => {
      // Everywhere else the room is tried again until its service is there; a gateway that stands alone knows no other server.
      if (link.mode !== "standalone") return;
      for (const { jid } of muc.rooms.list()) await checkReachable(request, jid);
    },
    stop: async () => muc.stop(),
    close: async () => muc.stop(),
  };
}

async function checkReachable(request: PartContext["request"], room: string): Promise<void> {
  const service = room.slice(room.indexOf("@") + 1);
  try {
    await request("get", service, element("query", { xmlns: NS.discoInfo }), { timeoutMs: DISCO_TIMEOUT_MS });
  } catch (error) {
    throw new RoomError(
      "unknown-room",
      `rooms: ${room}: ${service} cannot be reached; a gateway that stands alone has no room service, so log in to a server (link.mode client) or be its component`,
      { cause: error },
    );
  }
}
