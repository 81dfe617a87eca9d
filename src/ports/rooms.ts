// The port to rooms: what a handler may have injected, and a gateway offers (XEP-0045). docs/rooms.md is the guide.

const ROOMS = Symbol.for("jabber-rpc.Rooms");

/**
 * How it stands with a room: `joining`; `live`, so in it; `offline`, until the link is back; `waiting`, to try again soon;
 * `kicked` and `refused`, to try again late or not at all; `banned`, `destroyed` and `left`, which nothing is tried after.
 */
export type RoomStatus =
  | "offline"
  | "joining"
  | "live"
  | "waiting"
  | "kicked"
  | "refused"
  | "banned"
  | "destroyed"
  | "left";

/** A room to be in. */
export interface RoomOptions {
  /** `room@service`. */
  readonly jid: string;
  /** What the gateway is called there; another one is taken where it is in use. Default `rpc`. */
  readonly nick?: string;
  readonly password?: string;
  /** How many messages of the room's past are asked for; none of them is a command. Default 0. */
  readonly maxHistory?: number;
  /** What commands in the room begin with. Default `!`. */
  readonly commandPrefix?: string;
  /**
   * Runs commands for the real addresses that the room's service states. A service can state any address, so it is trusted with
   * all that its occupants may call. Default false: commands in the room are refused.
   */
  readonly trustRealJids?: boolean;
}

/** What is known of a room. */
export interface RoomInfo {
  readonly jid: string;
  /** As it is at the moment. */
  readonly nick: string;
  readonly status: RoomStatus;
  /** Why it is not live, when something went wrong. */
  readonly problem?: string;
  /** How many are in it, with the gateway. */
  readonly occupants: number;
}

/** Somebody in a room. */
export interface RoomOccupant {
  readonly nick: string;
  /** `moderator`, `participant`, `visitor` or `none`. */
  readonly role: string;
  /** `owner`, `admin`, `member`, `outcast` or `none`. */
  readonly affiliation: string;
  /** His real address, where the service states one: its word, and no more. */
  readonly realJid?: string;
}

/** A message as the room has reflected it. */
export interface SaidMessage {
  readonly id: string;
  /** The room's own id of it, where it gives one (XEP-0359). */
  readonly stanzaId?: string;
}

/** An invitation. */
export interface InviteOptions {
  readonly reason?: string;
  /** Sent to the person himself instead of through the room (XEP-0249): it carries the password, and makes nobody a member. Default false. */
  readonly direct?: boolean;
}

/** Rooms. Every method rejects with a `RoomError`, or with `Disconnected` where the link is down. */
export abstract class Rooms {
  readonly [ROOMS] = true;

  /** True for an object of this class, also of another copy of the package. */
  static is(value: unknown): value is Rooms {
    return typeof value === "object" && value !== null && ROOMS in value;
  }

  /** The rooms that the gateway is in, or is to be in. */
  abstract list(): RoomInfo[];

  /** Who is in a room. Throws a `RoomError` for a room that is not in the list. */
  abstract occupants(room: string): RoomOccupant[];

  /**
   * Resolves when the gateway is in the room, and rejects when that is refused or takes longer than the limit `roomJoinMs`. A
   * room that is in the list already is tried at once, unless the gateway is banned there.
   */
  abstract join(room: RoomOptions | string): Promise<RoomInfo>;

  /** Leaves a room for good. */
  abstract leave(room: string): Promise<void>;

  /** Says a text, now: rejects where the gateway is not in the room. Resolves when the room has reflected it. */
  abstract say(room: string, text: string): Promise<SaidMessage>;

  /**
   * Says texts, one after the other. Where the gateway is not in the room at the moment they wait, up to the limit
   * `roomNotifyMs`. Resolves when the room has reflected all.
   */
  abstract notify(room: string, ...texts: string[]): Promise<SaidMessage[]>;

  /** A private note to an occupant. Resolves when it is with the server. */
  abstract whisper(room: string, nick: string, text: string): Promise<void>;

  /** Invites somebody. Resolves when the invitation is with the server. */
  abstract invite(room: string, jid: string, options?: InviteOptions): Promise<void>;
}
