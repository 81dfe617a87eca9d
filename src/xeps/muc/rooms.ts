// All rooms of a gateway: the feature that hears them, and the port that programs use (XEP-0045, XEP-0249, XEP-0410).

import { type Jid, tryParseJid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import { RoomError, type RoomOptions, Rooms, type SaidMessage } from "../../ports/index.js";
import { type XmlElement, type XmlText } from "../../xml/index.js";
import { type Clock, createIdSource, type IqRouter, type Link, readStanzaError } from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import { createInvitations } from "./invitations.js";
import type { RoomLimits } from "./limits.js";
import { PortOfRooms } from "./port.js";
import { Posts } from "./posts.js";
import { readInvitation, readRoomMessage } from "./read-message.js";
import { Room, type RoomContext } from "./room.js";
import type { RoomCommands } from "./room-commands.js";
import { type RoomSettings, readRoom } from "./room-settings.js";

/** What rooms are made of. */
export interface MucOptions {
  readonly rooms: readonly RoomOptions[];
  readonly link: Pick<Link, "mode" | "jid" | "isOnline" | "send" | "flushed">;
  readonly request: IqRouter["request"];
  readonly caps: () => XmlText;
  readonly commands: RoomCommands;
  /** Whether a direct invitation of his is followed. */
  readonly isInviter: (jid: Jid) => boolean;
  /** The domain of a room is a room service. */
  readonly learned: (domain: string) => void;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. Default: the machine's. */
  readonly random?: () => number;
  readonly log: Logger;
}

/** Rooms as a part of a gateway has them. */
export interface Muc {
  readonly rooms: Rooms;
  readonly feature: Feature;
  /** Says a text under an id that is known from before. */
  sayAs(id: string, room: string, text: string): Promise<SaidMessage>;
  /** True for the own address in a room. */
  isOwn(jid: Jid): boolean;
  /** Leaves every room. */
  stop(): void;
}

/** Makes the rooms; nothing is entered before the link is online. Throws what {@link readRoom} throws. */
export function createMuc(options: MucOptions): Muc {
  const { link, limits, clock, log, random = Math.random } = options;
  const newId = createIdSource();
  const rooms = new Map<string, Room>();
  const context: RoomContext = {
    limits,
    clock,
    random,
    log,
    newId,
    request: options.request,
    caps: options.caps,
    send: (stanza) => link.send(stanza),
    ownAddress: () => (link.mode === "client" ? undefined : link.jid?.full),
  };
  const posts = new Posts(link, context);

  const add = (settings: RoomSettings): Room => {
    const { bare } = settings.jid;
    if (rooms.size >= limits.rooms)
      throw new RoomError("queue-full", `${bare}: at most ${limits.rooms} rooms are joined`);
    const room = new Room(settings, context);
    rooms.set(bare, room);
    return room;
  };
  for (const one of options.rooms) {
    const settings = readRoom(one);
    if (rooms.has(settings.jid.bare))
      throw new RoomError("not-allowed", `${settings.jid.bare}: the room stands there twice`);
    add(settings);
  }

  const enter = (settings: RoomSettings): Room => {
    const room = add(settings);
    options.learned(settings.jid.domain);
    if (link.isOnline) room.tell({ kind: "online" });
    return room;
  };

  const port = new PortOfRooms({ rooms, limits, clock, posts, context, enter });
  const followInvitation = createInvitations({
    find: (bare) => rooms.get(bare),
    enter: (jid, password) => enter(readRoom({ jid, ...(password === undefined ? {} : { password }) })),
    isInviter: options.isInviter,
    log,
  });

  const hear = (stanza: XmlElement, from: Jid): void => {
    const room = rooms.get(from.bare);
    if (room === undefined) {
      log.warn("room.unknown", { room: from.bare });
      return;
    }
    room.heard();
    const message = readRoomMessage(stanza, room.settings.jid);
    const wasLive = room.isLive;
    if (message.isSubject) room.subject();
    if (message.isSubject || from.resource === "") return;
    if (from.resource === room.nick) {
      for (const id of message.ids) if (room.reflected(id, message.stanzaId)) return;
      return;
    }
    if (wasLive) options.commands(room, from.resource, message, stanza);
  };

  const message = (stanza: XmlElement): boolean => {
    const { type, id } = stanza.attrs;
    const from = tryParseJid(stanza.attrs["from"]);
    if (from === undefined) return false;
    if (type === "error") return id !== undefined && refused(id, from, stanza);
    if (type === "groupchat") {
      hear(stanza, from);
      return true;
    }
    const invitation = readInvitation(stanza);
    if (invitation === undefined) return false;
    followInvitation(invitation);
    return true;
  };

  const refused = (id: string, from: Jid, stanza: XmlElement): boolean => {
    const error = readStanzaError(stanza);
    return rooms.get(from.bare)?.refused(id, error) === true || posts.refused(id, from, error);
  };

  const presence = (stanza: XmlElement): void => {
    const from = tryParseJid(stanza.attrs["from"]);
    if (from !== undefined) rooms.get(from.bare)?.presence(stanza, from);
  };

  return {
    rooms: port,
    feature: {
      name: "rooms",
      features: [NS.conference],
      message,
      presence,
      online: () => {
        for (const room of rooms.values()) room.tell({ kind: "online" });
      },
      offline: () => {
        for (const room of rooms.values()) room.tell({ kind: "offline" });
      },
    },
    sayAs: (id, room, text) => port.sayAs(id, room, text),
    isOwn: (jid) => rooms.get(jid.bare)?.nick === jid.resource,
    stop: () => {
      for (const room of rooms.values()) room.stop();
      posts.stop();
    },
  };
}
