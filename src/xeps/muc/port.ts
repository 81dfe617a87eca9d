// What programs do with rooms: the port, over the rooms of one link.

import { type Jid, parseJid, tryParseJid, withResource } from "../../jid.js";
import {
  type InviteOptions,
  RoomError,
  type RoomInfo,
  type RoomOccupant,
  type RoomOptions,
  Rooms,
  type SaidMessage,
} from "../../ports/index.js";
import { isXmlText, type XmlText } from "../../xml/index.js";
import { type Clock, Disconnected } from "../../xmpp/index.js";
import type { RoomLimits } from "./limits.js";
import type { Posts } from "./posts.js";
import type { Room, RoomContext } from "./room.js";
import { type RoomSettings, readRoom } from "./room-settings.js";
import { type RoomAddresses, writeDirectInvitation, writeMediatedInvitation, writeWhisper } from "./write-stanzas.js";

/** What the port stands on. */
export interface PortOptions {
  readonly rooms: Map<string, Room>;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  readonly posts: Posts;
  readonly context: Pick<RoomContext, "ownAddress" | "newId">;
  enter(settings: RoomSettings): Room;
}

/** The port Rooms. */
export class PortOfRooms extends Rooms {
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

  /** Says a text under an id that is known from before, unless it is undefined. */
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

  async #post(room: Jid, to: Jid, write: (addresses: RoomAddresses) => XmlText) {
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
