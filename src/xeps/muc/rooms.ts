// All rooms of a gateway: the feature that hears them, and the port that programs use (XEP-0045, XEP-0249, XEP-0410).

import { type Jid, parseJid, tryParseJid, withResource } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import {
  type InviteOptions,
  RoomError,
  type RoomInfo,
  type RoomOccupant,
  type RoomOptions,
  Rooms,
  type SaidMessage,
} from "../../ports/index.js";
import { isXmlText, type XmlElement, type XmlText } from "../../xml/index.js";
import {
  type Clock,
  createIdSource,
  Disconnected,
  type IqRouter,
  type Link,
  readStanzaError,
} from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import { createInvitations } from "./invitations.js";
import type { RoomLimits } from "./limits.js";
import { Posts } from "./posts.js";
import { readInvitation, readRoomMessage } from "./read-message.js";
import { Room, type RoomContext, type RoomSettings } from "./room.js";
import type { RoomCommands } from "./room-commands.js";
import { writeDirectInvitation, writeMediatedInvitation, writeWhisper } from "./write-stanzas.js";

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
    if (message.isSubject || message.isPast || from.resource === "") return;
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

interface PortOptions {
  readonly rooms: Map<string, Room>;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  readonly posts: Posts;
  readonly context: Pick<RoomContext, "ownAddress" | "newId">;
  enter(settings: RoomSettings): Room;
}

class PortOfRooms extends Rooms {
  readonly #options: PortOptions;

  constructor(options: PortOptions) {
    super();
    this.#options = options;
  }

  list(): RoomInfo[] {
    return [...this.#options.rooms.values()].map((room) => room.info());
  }

  occupants(room: string): RoomOccupant[] {
    return this.#find(room).occupants();
  }

  async join(given: RoomOptions | string): Promise<RoomInfo> {
    const { rooms, limits, enter } = this.#options;
    const settings = readRoom(typeof given === "string" ? { jid: given } : given);
    const known = rooms.get(settings.jid.bare);
    const room = known ?? enter(settings);
    known?.tell({ kind: "join" });
    await room.whenLive(limits.roomJoinMs);
    return room.info();
  }

  async leave(room: string): Promise<void> {
    const left = this.#find(room);
    left.stop();
    this.#options.rooms.delete(left.settings.jid.bare);
  }

  async say(room: string, text: string): Promise<SaidMessage> {
    return this.sayAs(undefined, room, text);
  }

  async sayAs(id: string | undefined, room: string, text: string): Promise<SaidMessage> {
    const found = this.#find(room);
    return found.say(this.#checked(found, text), { id });
  }

  async notify(room: string, ...texts: string[]): Promise<SaidMessage[]> {
    const found = this.#find(room);
    const { limits, clock } = this.#options;
    for (const text of texts) this.#checked(found, text);
    const until = clock.now() + limits.roomNotifyMs;
    const said: SaidMessage[] = [];
    for (const text of texts) said.push(await this.#sayUntil(found, text, until));
    return said;
  }

  async whisper(room: string, nick: string, text: string): Promise<void> {
    const found = this.#find(room);
    this.#checked(found, text);
    const { jid } = found.settings;
    if (!found.isLive) throw new RoomError("not-in-room", `${jid.bare}: not in the room`);
    if (found.findOccupant(nick) === undefined)
      throw new RoomError("no-such-occupant", `${jid.bare}: nobody is called ${JSON.stringify(nick)} there`);
    await this.#post(jid, withResource(jid, nick), (addresses) => writeWhisper(addresses, text));
  }

  async invite(room: string, jid: string, { reason, direct = false }: InviteOptions = {}): Promise<void> {
    const { jid: at, password } = this.#find(room).settings;
    const invited = parseJid(jid);
    if (direct) {
      await this.#post(at, invited, (addresses) =>
        writeDirectInvitation(addresses, { jid: at.bare, reason, password }),
      );
    } else await this.#post(at, at, (addresses) => writeMediatedInvitation(addresses, invited.full, reason));
  }

  /** What was surely not said is said again when we are back. */
  async #sayUntil(room: Room, text: string, until: number): Promise<SaidMessage> {
    const { clock } = this.#options;
    for (;;) {
      await room.whenLive(Math.max(0, until - clock.now()), true);
      try {
        return await room.say(text);
      } catch (error) {
        const isUnsaid = Disconnected.is(error) && !error.outcomeUnknown;
        if (!isUnsaid || clock.now() >= until) throw error;
        // A link that is full for now has room again soon; a moment is left to it.
        await new Promise<void>((resolve) => void clock.after(100, resolve));
      }
    }
  }

  async #post(room: Jid, to: Jid, write: (addresses: { from: string | undefined; to: string; id: string }) => XmlText) {
    const { posts, context } = this.#options;
    const id = context.newId();
    await posts.send({ id, room: room.bare, to, stanza: write({ from: context.ownAddress(), to: to.full, id }) });
  }

  #find(text: string): Room {
    const room = this.#options.rooms.get(tryParseJid(text)?.bare ?? "");
    if (room === undefined) throw new RoomError("unknown-room", `${JSON.stringify(text)}: no room of this gateway`);
    return room;
  }

  #checked({ settings }: Room, text: string): string {
    const { roomTextChars } = this.#options.limits;
    const room = settings.jid.bare;
    if (text.length > roomTextChars)
      throw new RoomError("too-long", `${room}: ${text.length} characters, at most ${roomTextChars} are said`);
    if (text.trim() === "") throw new RoomError("not-allowed", `${room}: a text expected`);
    if (!isXmlText(text)) throw new RoomError("not-allowed", `${room}: a character that XML cannot carry`);
    return text;
  }
}
