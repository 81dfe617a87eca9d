// The bound sessions by address, and what happens when two want the same one (RFC 6120 §7.7.2.2).

import { type Jid, JidError, parseJid, withResource } from "../../jid.js";
import type { XmlElement } from "../../xml/index.js";
import { StanzaError } from "../stanza-error.js";
import type { StandaloneLimits } from "./limits.js";
import type { StreamProblem } from "./stream-error.js";

/** Who sits on a seat: a session, as others see it. */
export interface SeatHolder {
  /** Sends one stanza; does nothing once the session is over. */
  send(stanza: string): void;
  end(problem?: StreamProblem): void;
  /** Whether an answer was to the endpoint's own question whether anybody is there. */
  isPong(id: string | undefined): boolean;
  /** Resolves when the system has all that was sent before: true unless the session has ended. */
  drained(): Promise<boolean>;
  /** Resolves with whether the other side has read all that was sent before, which its answer to a question shows. */
  confirmed(): Promise<boolean>;
}

/** A session's place: its address and what is known of it there. */
export interface Seat {
  readonly session: SeatHolder;
  readonly jid: Jid;
  /** The last presence for everybody, with its sender; undefined while unavailable. */
  presence: XmlElement | undefined;
  /** Requests of the gateway that wait for this session, by id: the address that asked. */
  asked: Map<string, string> | undefined;
  /** It looks through the kept messages of its account by itself, so nobody is sent them while it lives (XEP-0013 §2.6). */
  holdsOffline: boolean;
}

/** What {@link Seats} is made of. */
export interface SeatsOptions {
  readonly domain: string;
  readonly limits: Pick<StandaloneLimits, "maxResourcesPerAccount" | "evictionSeconds">;
  readonly newId: () => string;
  readonly now: () => number;
}

/** All seats. */
export class Seats {
  readonly #options: SeatsOptions;
  readonly #byFull = new Map<string, Seat>();
  readonly #byBare = new Map<string, Set<Seat>>();
  /** When somebody last lost an address to a newcomer. */
  readonly #evictions = new Map<string, number>();

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  /**
   * Gives a session an address. A session that has it already ends with `conflict`; but when that happened a moment ago
   * the newcomer gets another resource, so that two clients of one configuration cannot evict each other for ever.
   * Throws {@link StanzaError}.
   */
  take(session: SeatHolder, account: string, resource: string | undefined): Seat {
    const { domain, limits, newId, now } = this.#options;
    const bare = parseJid(`${account}@${domain}`);
    let jid = resourceJid(bare, resource ?? newId());
    let previous = this.#byFull.get(jid.full);
    if (previous !== undefined && this.#wasEvicted(jid.full, now())) {
      jid = resourceJid(bare, `${jid.resource}-${newId()}`);
      previous = undefined;
    }
    if (previous !== undefined) {
      this.#evictions.set(jid.full, now());
      previous.session.end({ condition: "conflict", text: "another session has taken this address" });
    } else if ((this.#byBare.get(bare.full)?.size ?? 0) >= limits.maxResourcesPerAccount) {
      throw new StanzaError("resource-constraint", {
        text: `at most ${limits.maxResourcesPerAccount} sessions an account`,
      });
    }
    const seat: Seat = { session, jid, presence: undefined, asked: undefined, holdsOffline: false };
    this.#byFull.set(jid.full, seat);
    const others = this.#byBare.get(bare.full);
    if (others === undefined) this.#byBare.set(bare.full, new Set([seat]));
    else others.add(seat);
    return seat;
  }

  leave(seat: Seat): void {
    const { full, bare } = seat.jid;
    this.#byFull.delete(full);
    const others = this.#byBare.get(bare);
    others?.delete(seat);
    if (others?.size === 0) this.#byBare.delete(bare);
  }

  find(full: string): Seat | undefined {
    return this.#byFull.get(full);
  }

  /** The seats of an account, by its bare address. */
  of(bare: string): readonly Seat[] {
    return [...(this.#byBare.get(bare) ?? [])];
  }

  all(): Iterable<Seat> {
    return this.#byFull.values();
  }

  get count(): number {
    return this.#byFull.size;
  }

  /** Forgets evictions that no longer matter. */
  sweep(now: number): void {
    for (const full of this.#evictions.keys()) if (!this.#wasEvicted(full, now)) this.#evictions.delete(full);
  }

  #wasEvicted(full: string, now: number): boolean {
    const at = this.#evictions.get(full);
    return at !== undefined && now - at < this.#options.limits.evictionSeconds * 1_000;
  }
}

function resourceJid(bare: Jid, resource: string): Jid {
  try {
    return withResource(bare, resource);
  } catch (error) {
    if (!JidError.is(error)) throw error;
    throw new StanzaError("bad-request", { text: error.message });
  }
}
