// What a room or its service refuses, as one closed set of codes (XEP-0045 §7.2, §7.4, §7.5).

/** Why it was refused; docs/rooms.md says what each means. */
export type RoomErrorCode =
  | "banned"
  | "destroyed"
  | "kicked"
  | "members-only"
  | "nick-conflict"
  | "no-such-occupant"
  | "no-voice"
  | "not-allowed"
  | "not-in-room"
  | "overloaded"
  | "password"
  | "queue-full"
  | "refused"
  | "timeout"
  | "too-long"
  | "unknown-room";

const ROOM_ERROR = Symbol.for("jabber-rpc.RoomError");

/** Something in a room did not come about; the message names the room, and `cause` is what the service said. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly [ROOM_ERROR] = true;
  readonly code: RoomErrorCode;

  constructor(code: RoomErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True for an error of this class, also of another copy of the package. */
  static is(error: unknown): error is RoomError {
    return typeof error === "object" && error !== null && ROOM_ERROR in error;
  }
}
