// The limits of rooms: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const ROOM_LIMIT_TABLE = Object.freeze({
  rooms: { unit: "rooms", default: 100, doc: "Rooms that the gateway is in, or is to be in." },
  roomOccupants: {
    unit: "occupants",
    default: 10_000,
    doc: "Occupants of one room that are remembered; commands of others are not heard.",
  },
  roomTextChars: { unit: "characters", default: 10_000, doc: "Length of one message to a room." },
  roomQueue: {
    unit: "messages",
    default: 256,
    doc: "Messages to one room that wait for their turn or for their reflection; one more is refused.",
  },
  roomMessagesPerMinute: {
    unit: "messages",
    default: 300,
    doc: "Messages to one room in a minute, beyond the first `roomBurst`; others wait for their turn.",
  },
  roomBurst: { unit: "messages", default: 20, doc: "Messages to one room that may follow each other at once." },
  roomSayMs: { unit: "ms", default: 30_000, doc: "How long a message waits, once it is sent, for its reflection." },
  roomNotifyMs: {
    unit: "ms",
    default: 300_000,
    doc: "How long a notification waits until the gateway is in the room.",
  },
  roomJoinMs: { unit: "ms", default: 30_000, doc: "How long joining a room may take." },
  roomRetryMs: {
    unit: "ms",
    default: 300_000,
    doc: "Longest wait before a room is tried again, and the wait after a refusal such as a wrong password.",
  },
  roomKickedMs: {
    unit: "ms",
    default: 60_000,
    doc: "How long the gateway stays away after a kick; twice as long after each further one.",
  },
  roomKicks: { unit: "kicks", default: 3, doc: "Kicks in a row, with the last of which the gateway stays away." },
  roomPingMs: {
    unit: "ms",
    default: 900_000,
    doc: "How long a room may be silent before the gateway asks whether it is still in it.",
  },
});

/** The numbers of {@link ROOM_LIMIT_TABLE}. */
export type RoomLimits = LimitsOf<typeof ROOM_LIMIT_TABLE>;
