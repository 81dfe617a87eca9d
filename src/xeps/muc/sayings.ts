// What is said in one room: at the server's pace, in order, and done when the room has reflected it (XEP-0045 §7.4).

import { RoomError, type RoomErrorCode, type SaidMessage } from "../../ports/index.js";
import type { XmlText } from "../../xml/index.js";
import { type Clock, Disconnected, type StanzaCondition, type StanzaError } from "../../xmpp/index.js";
import type { RoomLimits } from "./limits.js";

/** What the sayings of a room stand on. */
export interface SayingsOptions {
  readonly room: string;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  /** Writes one message and sends it; false when the link does not take it. */
  send(id: string, text: string, more: readonly XmlText[]): boolean;
  newId(): string;
}

/** What a message may have beside its text. */
export interface SayingOptions {
  /** Default: a new one. */
  readonly id?: string | undefined;
  /** Further elements. */
  readonly more?: readonly XmlText[];
}

interface Saying {
  readonly id: string;
  readonly text: string;
  readonly more: readonly XmlText[];
  retries: number;
  resolve(said: SaidMessage): void;
  reject(error: Error): void;
  cancelTimer: (() => void) | undefined;
}

/** A message that the service finds too fast is said again so often. */
const MAX_RETRIES = 4;
const FIRST_RETRY_MS = 1_000;

/** The messages to one room. */
export class Sayings {
  readonly #options: SayingsOptions;
  readonly #queue: Saying[] = [];
  readonly #sent = new Map<string, Saying>();
  /** How many more may be said at once, at `#countedAt`. */
  #tokens: number;
  #countedAt: number;
  #cancelTurn: (() => void) | undefined;

  constructor(options: SayingsOptions) {
    this.#options = options;
    this.#tokens = options.limits.roomBurst;
    this.#countedAt = options.clock.now();
  }

  /** Says a text as soon as it is its turn. */
  say(text: string, { id = this.#options.newId(), more = [] }: SayingOptions = {}): Promise<SaidMessage> {
    const { room, limits } = this.#options;
    if (this.#queue.length + this.#sent.size >= limits.roomQueue)
      return Promise.reject(new RoomError("queue-full", `${room}: ${limits.roomQueue} messages wait already`));
    return new Promise((resolve, reject) => {
      this.#queue.push({ id, text, more, retries: 0, resolve, reject, cancelTimer: undefined });
      this.#go();
    });
  }

  /** The room has reflected a message of ours. False for an id that nobody waits for. */
  reflected(id: string, stanzaId: string | undefined): boolean {
    const saying = this.#take(id);
    saying?.resolve(stanzaId === undefined ? { id } : { id, stanzaId });
    return saying !== undefined;
  }

  /** The room has refused a message. False for an id that nobody waits for. */
  refused(id: string, error: StanzaError): boolean {
    const saying = this.#take(id);
    if (saying === undefined) return false;
    const mayRetry = error.type === "wait" && ["resource-constraint", "policy-violation"].includes(error.condition);
    if (mayRetry && saying.retries < MAX_RETRIES) {
      saying.retries += 1;
      // Whoever is told to go slower says nothing for a while, so that the order stays.
      this.#queue.unshift(saying);
      this.#tokens = 0;
      this.#countedAt = this.#options.clock.now();
      this.#waitTurn(FIRST_RETRY_MS * 2 ** (saying.retries - 1));
    } else saying.reject(refusalOf(this.#options.room, error));
    return true;
  }

  /** We are out of the room: nothing is reflected any more. */
  lost(problem: string): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    const sent = [...this.#sent.values()];
    const queued = this.#queue.splice(0);
    for (const { id, reject } of sent) {
      this.#take(id);
      reject(new Disconnected(`${this.#options.room}: ${problem}`, true));
    }
    for (const { reject } of queued) reject(new Disconnected(`${this.#options.room}: ${problem}`, false));
  }

  #go(): void {
    if (this.#cancelTurn !== undefined) return;
    const { clock, limits, room } = this.#options;
    const perMs = limits.roomMessagesPerMinute / 60_000;
    const at = clock.now();
    this.#tokens = Math.min(limits.roomBurst, this.#tokens + (at - this.#countedAt) * perMs);
    this.#countedAt = at;
    // A rounded wait may end a hair too early.
    while (this.#queue.length > 0 && this.#tokens > 0.999) {
      const saying = this.#queue.shift();
      if (saying === undefined) break;
      this.#tokens -= 1;
      if (this.#options.send(saying.id, saying.text, saying.more)) this.#await(saying);
      else saying.reject(new Disconnected(`${room}: the link is down or full`, false));
    }
    if (this.#queue.length > 0) this.#waitTurn(Math.ceil((1 - this.#tokens) / perMs));
  }

  #waitTurn(ms: number): void {
    this.#cancelTurn?.();
    this.#cancelTurn = this.#options.clock.after(ms, () => {
      this.#cancelTurn = undefined;
      this.#go();
    });
  }

  #await(saying: Saying): void {
    const { clock, limits, room } = this.#options;
    this.#sent.set(saying.id, saying);
    saying.cancelTimer = clock.after(limits.roomSayMs, () => {
      const text = `${room}: not reflected within ${limits.roomSayMs} ms; whether it was said is unknown`;
      this.#take(saying.id)?.reject(new RoomError("timeout", text));
    });
  }

  #take(id: string): Saying | undefined {
    const saying = this.#sent.get(id);
    saying?.cancelTimer?.();
    this.#sent.delete(id);
    return saying;
  }
}

/** What a refusal of the room means for who spoke (§7.4, §7.5, §7.8). */
const REFUSALS: Partial<Record<StanzaCondition, readonly [RoomErrorCode, string]>> = {
  forbidden: ["no-voice", "no voice, or no right to do this"],
  "not-acceptable": ["not-in-room", "not in the room"],
  "item-not-found": ["no-such-occupant", "nobody is called that there"],
  "recipient-unavailable": ["no-such-occupant", "nobody is called that there"],
  "not-allowed": ["not-allowed", "not allowed"],
  "resource-constraint": ["overloaded", "too fast or too much for the service"],
  "policy-violation": ["overloaded", "too fast or too much for the service"],
};

/** The error that who spoke gets for it. */
export function refusalOf(room: string, error: StanzaError): RoomError {
  const [code, text] = REFUSALS[error.condition] ?? ["refused", "refused"];
  return new RoomError(code, `${room}: ${text} (${error.message})`, { cause: error });
}
