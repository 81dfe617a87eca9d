// Rows of the outbox for rooms: `room` with {text} (docs/mailbox.md).

import { type OutboxKind, OutboxProblem, outboxKind, type Sending } from "../mailbox/index.js";
import { RoomError, type RoomErrorCode } from "../ports/index.js";
import { describeValue, isPlainObject } from "../values/index.js";
import type { Muc } from "../xeps/index.js";
import { Disconnected, type Link } from "../xmpp/index.js";

/** What comes to an end by itself, or when somebody mends it: the row waits, and that is no try. */
const PASSING: ReadonlySet<RoomErrorCode> = new Set([
  "kicked",
  "members-only",
  "nick-conflict",
  "not-in-room",
  "password",
  "queue-full",
]);
const POSTPONED_MS = 10_000;
/** What another try cannot mend. */
const FINAL: ReadonlySet<RoomErrorCode> = new Set(["banned", "destroyed", "not-allowed", "too-long", "unknown-room"]);

/** The kind of rows that are said in a room; a row is sent when the room has reflected it. */
export function createRoomKind(muc: Pick<Muc, "sayAs">, link: Pick<Link, "isOnline">): OutboxKind {
  return outboxKind<string>({
    name: "room",
    read: (body, recipient) => {
      if (recipient.local === "" || recipient.resource !== "")
        throw new OutboxProblem("recipient: the address of a room, room@service, expected");
      if (!isPlainObject(body)) throw new OutboxProblem(`body: an object expected, got ${describeValue(body)}`);
      const unknown = Object.keys(body).find((name) => name !== "text");
      if (unknown !== undefined) throw new OutboxProblem(`body.${unknown}: not known; text expected`);
      const { text } = body;
      if (typeof text !== "string") throw new OutboxProblem(`body.text: a text expected, got ${describeValue(text)}`);
      return text;
    },
    send: async ({ recipient, stanzaId }, text): Promise<Sending> => {
      if (!link.isOnline) throw new Disconnected("the link is down", false);
      try {
        await muc.sayAs(stanzaId, recipient.bare, text);
      } catch (error) {
        if (RoomError.is(error) && FINAL.has(error.code)) throw new OutboxProblem(error.message, { cause: error });
        if (RoomError.is(error) && PASSING.has(error.code)) return { postponedUntil: Date.now() + POSTPONED_MS };
        throw error;
      }
      return "confirmed";
    },
  });
}
