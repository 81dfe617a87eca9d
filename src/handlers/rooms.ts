// The service `rooms`: what is said in rooms, for whoever the access list lets.

import { JidError } from "../jid.js";
import { RoomError, type RoomErrorCode, Rooms } from "../ports/index.js";
import {
  array,
  boolean,
  enumeration,
  int,
  named,
  optional,
  RpcFault,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "../rpc/index.js";

/** Faults by what went wrong; docs/rooms.md lists them. */
const FAULTS: Record<RoomErrorCode, number> = {
  "unknown-room": 1,
  "not-in-room": 2,
  "no-voice": 3,
  "no-such-occupant": 4,
  "too-long": 5,
  "queue-full": 6,
  overloaded: 6,
  timeout: 7,
  refused: 8,
  "not-allowed": 8,
  banned: 9,
  kicked: 9,
  destroyed: 9,
  "members-only": 9,
  password: 9,
  "nick-conflict": 9,
};
/** A notification may wait for the room, and so may the call. */
const NOTIFY_DEADLINE_MS = 360_000;

const said = struct({ id: string, stanzaId: optional(string) });
const info = struct({
  jid: string,
  nick: string,
  status: enumeration("offline", "joining", "live", "waiting", "kicked", "refused", "banned", "destroyed", "left"),
  problem: optional(string),
  occupants: int,
});
const occupant = struct({ nick: string, role: string, affiliation: string, realJid: optional(string) });

/** What the port does, as methods. */
@rpcService("rooms")
export class RoomsService {
  constructor(private readonly rooms: Rooms) {}

  @rpcMethod({ params: [], returns: array(info), doc: "The rooms that the gateway is in, or is to be in." })
  list() {
    return this.rooms.list();
  }

  @rpcMethod({ params: [named("room", string)], returns: array(occupant), doc: "Who is in a room." })
  occupants(room: string) {
    return faulty(async () => this.rooms.occupants(room));
  }

  @rpcMethod({
    params: [named("room", string), named("text", string)],
    returns: said,
    doc: "Says a text in a room, and answers when the room has shown it to all.",
  })
  say(room: string, text: string) {
    return faulty(() => this.rooms.say(room, text));
  }

  @rpcMethod({
    params: [named("room", string), named("texts", array(string))],
    returns: array(said),
    deadlineMs: NOTIFY_DEADLINE_MS,
    doc: "Says texts in a room, one after the other; where the gateway is not in it at the moment they wait.",
  })
  notify(room: string, texts: string[]) {
    return faulty(() => this.rooms.notify(room, ...texts));
  }

  @rpcMethod({
    params: [named("room", string), named("nick", string), named("text", string)],
    doc: "Sends a private note to somebody in a room.",
  })
  whisper(room: string, nick: string, text: string): Promise<void> {
    return faulty(() => this.rooms.whisper(room, nick, text));
  }

  @rpcMethod({
    params: [
      named("room", string),
      named("jid", string),
      named("options", optional(struct({ reason: optional(string), direct: optional(boolean) }))),
    ],
    doc: "Invites somebody into a room: through the room, or directly.",
  })
  invite(
    room: string,
    jid: string,
    { reason, direct }: { reason?: string | undefined; direct?: boolean | undefined } = {},
  ): Promise<void> {
    const given = { ...(reason === undefined ? {} : { reason }), ...(direct === undefined ? {} : { direct }) };
    return faulty(() => this.rooms.invite(room, jid, given));
  }
}

/** What a room refuses is told to the caller. */
async function faulty<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (RoomError.is(error)) throw new RpcFault(FAULTS[error.code], error.message, { cause: error });
    if (JidError.is(error)) throw new RpcFault(FAULTS["unknown-room"], error.message, { cause: error });
    throw error;
  }
}
