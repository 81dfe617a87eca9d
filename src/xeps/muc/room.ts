// One room on a link: feeds what happens to its life, does what comes out, and knows who is there.

import type { Jid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { RoomError, type RoomInfo, type RoomOccupant, type SaidMessage } from "../../ports/index.js";
import { element, type XmlElement, type XmlText } from "../../xml/index.js";
import { CallTimeout, type Clock, Disconnected, type IqRouter, StanzaError } from "../../xmpp/index.js";
import { NS } from "../namespaces.js";
import type { RoomLimits } from "./limits.js";
import { type Occupant, Occupants } from "./occupants.js";
import { readRoomPresence } from "./read-presence.js";
import {
  bornRoom,
  isIn,
  type RoomAction,
  type RoomEvent,
  type RoomLife,
  type RoomProblem,
  type RoomRules,
  stepRoom,
} from "./room-life.js";
import type { RoomSettings } from "./room-settings.js";
import { type SayingOptions, Sayings } from "./sayings.js";
import { writeJoin, writeLeave, writeSaying, writeUnlock } from "./write-stanzas.js";

/** What rooms stand on. */
export interface RoomContext {
  readonly limits: RoomLimits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly request: IqRouter["request"];
  send(stanza: XmlText): boolean;
  newId(): string;
  /** What a stanza says who it is from; undefined where the server writes that. */
  ownAddress(): string | undefined;
  caps(): XmlText;
}

interface Waiter {
  /** Waits on when something comes in between. */
  readonly isPatient: boolean;
  resolve(): void;
  reject(error: Error): void;
}

/** How long the owner's form of a new room, and a self-ping, may take. */
const REQUEST_MS = 30_000;

/** One room. */
export class Room {
  readonly settings: RoomSettings;
  readonly #context: RoomContext;
  readonly #rules: RoomRules;
  readonly #occupants: Occupants;
  readonly #sayings: Sayings;
  readonly #waiters = new Set<Waiter>();
  #life: RoomLife;
  #cancelTimer: (() => void) | undefined;
  #heardAt = 0;
  #isCrowded = false;

  constructor(settings: RoomSettings, context: RoomContext) {
    const { limits, clock, random, newId } = context;
    this.settings = settings;
    this.#context = context;
    this.#rules = {
      nick: settings.nick,
      joinMs: limits.roomJoinMs,
      retryMs: limits.roomRetryMs,
      kickedMs: limits.roomKickedMs,
      kicks: limits.roomKicks,
      pingMs: limits.roomPingMs,
      random,
    };
    this.#life = bornRoom(this.#rules);
    this.#occupants = new Occupants(limits.roomOccupants);
    this.#sayings = new Sayings({
      room: settings.jid.bare,
      limits,
      clock,
      newId,
      send: (id, text, more) => context.send(writeSaying(this.#addresses(undefined, id), text, ...more)),
    });
  }

  /** The nick that is held, or asked for. */
  get nick(): string {
    return this.#life.nick;
  }

  get isLive(): boolean {
    return this.#life.phase === "live";
  }

  info(): RoomInfo {
    const { phase, nick, problem } = this.#life;
    return {
      jid: this.settings.jid.bare,
      nick,
      // Until its past is through it is being joined, for whoever looks from outside.
      status: phase === "entered" ? "joining" : phase,
      ...(problem === undefined ? {} : { problem: problem.text }),
      occupants: this.#occupants.size,
    };
  }

  occupants(): RoomOccupant[] {
    return this.#occupants.list().map(({ nick, role, affiliation, realJid }) => ({
      nick,
      role,
      affiliation,
      ...(realJid === undefined ? {} : { realJid: realJid.full }),
    }));
  }

  findOccupant(nick: string): Occupant | undefined {
    return this.#occupants.find(nick);
  }

  /** Something happened that is not a stanza of the room. */
  tell(event: Extract<RoomEvent, { readonly kind: "online" | "offline" | "join" | "leave" }>): void {
    this.#step(event);
  }

  /** A presence from the room or one of its occupants. */
  presence(stanza: XmlElement, from: Jid): void {
    const presence = readRoomPresence(stanza, from);
    if (presence === undefined) return;
    this.#heardAt = this.#context.clock.now();
    const isKnown = isIn(this.#life) || this.#life.phase === "joining";
    if (isKnown && presence.kind !== "error" && !this.#occupants.take(presence) && !this.#isCrowded) {
      this.#isCrowded = true;
      const { log, limits } = this.#context;
      log.warn("room.crowded", { room: this.settings.jid.bare, roomOccupants: limits.roomOccupants });
    }
    this.#step({ kind: "presence", presence });
  }

  /** The subject was told, which ends the past. */
  subject(): void {
    this.#step({ kind: "subject" });
  }

  /** Something was said in the room. */
  heard(): void {
    this.#heardAt = this.#context.clock.now();
  }

  /** Says a text, if we are in the room. */
  say(text: string, saying: SayingOptions = {}): Promise<SaidMessage> {
    if (isIn(this.#life)) return this.#sayings.say(text, saying);
    return Promise.reject(this.#absent());
  }

  reflected(id: string, stanzaId: string | undefined): boolean {
    return this.#sayings.reflected(id, stanzaId);
  }

  /** An error came for a message to the room. */
  refused(id: string, error: StanzaError): boolean {
    const isOurs = this.#sayings.refused(id, error);
    if (isOurs && error.condition === "not-acceptable") this.#step({ kind: "pinged", result: "gone" });
    return isOurs;
  }

  /** Resolves when we are in it. Rejects with why not, once that is known, or after `limitMs`. */
  whenLive(limitMs: number, isPatient = false): Promise<void> {
    if (this.isLive) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const cancel = this.#context.clock.after(limitMs, () => waiter.reject(this.#absent("timeout")));
      const settle = (): void => {
        cancel();
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        isPatient,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait and timer. */
  stop(): void {
    this.#step({ kind: "leave" });
    for (const waiter of this.#waiters) waiter.reject(this.#absent());
  }

  #absent(code?: "timeout"): Error {
    const { phase, problem, isOnline } = this.#life;
    const room = this.settings.jid.bare;
    if (!isOnline && code === undefined) return new Disconnected(`${room}: the link is down`, false);
    const why = problem === undefined ? "" : `: ${problem.text}`;
    return new RoomError(code ?? problem?.code ?? "not-in-room", `${room}: not in the room, ${phase}${why}`);
  }

  #step(event: RoomEvent): void {
    const { life, actions } = stepRoom(this.#life, event, this.#rules);
    this.#life = life;
    for (const action of actions) this.#do(action);
  }

  #do(action: RoomAction): void {
    const { log, send, caps, newId } = this.#context;
    const { password, maxHistory, jid } = this.settings;
    switch (action.kind) {
      case "join":
        this.#occupants.clear();
        this.#isCrowded = false;
        send(writeJoin(this.#addresses(action.nick, newId()), { password, maxHistory, caps: caps() }));
        return;
      case "leave":
        send(writeLeave(this.#addresses(action.nick, newId())));
        return;
      case "timer":
        this.#setTimer(action.ms);
        return;
      case "in":
        for (const waiter of this.#waiters) waiter.resolve();
        return;
      case "out":
        this.#out(action.problem);
        return;
      case "unlock":
        this.#unlock().catch((error: unknown) =>
          log.warn("room.unlock-failed", { room: jid.bare, cause: messageOf(error) }),
        );
        return;
      case "ping":
        void this.#ping(action.nick);
        return;
      case "log":
        log[action.level](action.event, { room: jid.bare, ...action.fields });
    }
  }

  #setTimer(ms: number | undefined): void {
    this.#cancelTimer?.();
    const { clock } = this.#context;
    const fire = (): void => this.#step({ kind: "timer", quietMs: clock.now() - this.#heardAt });
    this.#cancelTimer = ms === undefined ? undefined : clock.after(ms, fire);
  }

  #out(problem: RoomProblem | undefined): void {
    this.#occupants.clear();
    this.#sayings.lost(problem?.text ?? "left, or the link is down");
    // Who can wait waits on, unless the room is never entered again.
    const isOver = ["banned", "destroyed", "left"].includes(this.#life.phase);
    for (const waiter of this.#waiters) {
      if (isOver || (problem !== undefined && !waiter.isPatient)) waiter.reject(this.#absent());
    }
  }

  /** §10.1.2: a room that was just created lets nobody in until its owner accepts a configuration. */
  async #unlock(): Promise<void> {
    await this.#context.request("set", this.settings.jid.bare, writeUnlock(), { timeoutMs: REQUEST_MS });
  }

  /** XEP-0410 §3.3: errors of who is pinged mean that he was found. */
  async #ping(nick: string): Promise<void> {
    const { request } = this.#context;
    let result: "here" | "gone" | "unknown" = "here";
    try {
      const ping = element("ping", { xmlns: NS.ping });
      await request("get", `${this.settings.jid.bare}/${nick}`, ping, { timeoutMs: REQUEST_MS });
    } catch (error) {
      if (Disconnected.is(error)) return;
      result =
        CallTimeout.is(error) || !StanzaError.is(error) ? "unknown" : (PING_ERRORS.get(error.condition) ?? "gone");
    }
    this.#step({ kind: "pinged", result });
  }

  #addresses(nick: string | undefined, id: string) {
    const { bare } = this.settings.jid;
    return { from: this.#context.ownAddress(), to: nick === undefined ? bare : `${bare}/${nick}`, id };
  }
}

const PING_ERRORS: ReadonlyMap<string, "here" | "unknown"> = new Map([
  ["service-unavailable", "here"],
  ["feature-not-implemented", "here"],
  ["item-not-found", "here"],
  ["remote-server-not-found", "unknown"],
  ["remote-server-timeout", "unknown"],
] as const);
