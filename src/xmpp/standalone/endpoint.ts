// All sessions of a stand-alone link: admission, authentication offers, time, and what is written at the end of a turn.

import type { Logger } from "../../observe/index.js";
import type { XmlElement } from "../../xml/index.js";
import { StanzaError } from "../stanza-error.js";
import { createIdSource } from "../stanza-id.js";
import type { Clock } from "../stream/clock.js";
import type { AccountStore } from "./accounts.js";
import { Admission } from "./admission.js";
import type { Channel } from "./channel.js";
import { type LoginPolicy, offerFor, type StreamOffer } from "./features.js";
import type { StandaloneLimits } from "./limits.js";
import type { Router } from "./router.js";
import { beginSasl, createServerNonce, type SaslExchange, type SaslMechanismName } from "./sasl.js";
import type { Seat, Seats } from "./seats.js";
import { Session } from "./session.js";
import type { HostedSession, SessionHost } from "./session-host.js";
import type { StreamProblem } from "./stream-error.js";

/** What an {@link Endpoint} is made of. */
export interface EndpointOptions {
  readonly domain: string;
  readonly accounts: AccountStore;
  /** A local part that no account may have: the gateway's own. */
  readonly reservedName: string;
  readonly policy: LoginPolicy;
  readonly limits: StandaloneLimits;
  readonly maxStanzaBytes: number;
  readonly seats: Seats;
  readonly router: Router;
  readonly log: Logger;
  readonly clock: Clock;
}

const SWEEP_MS = 1_000;
/** More names are not remembered. */
const MAX_SEEN = 100_000;

/** The sessions and their common life. */
export class Endpoint implements SessionHost {
  readonly domain: string;
  readonly limits: StandaloneLimits;
  readonly maxStanzaBytes: number;
  readonly log: Logger;
  readonly newId = createIdSource();
  readonly #options: EndpointOptions;
  readonly #admission: Admission;
  readonly #sessions = new Map<HostedSession, "refused" | "stranger" | "authenticated">();
  readonly #dirty: HostedSession[] = [];
  readonly #throttled = new Set<() => void>();
  /** Names that have logged in, where nobody can be asked which accounts there are. */
  readonly #seen = new Set<string>();
  #isFlushPlanned = false;
  #cancelSweep: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(options: EndpointOptions) {
    this.domain = options.domain;
    this.limits = options.limits;
    this.maxStanzaBytes = options.maxStanzaBytes;
    this.log = options.log;
    this.#options = options;
    this.#admission = new Admission(options.limits);
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Takes a new connection, or turns it away. */
  accept(channel: Channel): void {
    const admittance = this.#admission.enter(channel);
    if (admittance === "drop") {
      channel.destroy();
      return;
    }
    const session = new Session(channel, this);
    this.#sessions.set(session, admittance === "admit" ? "stranger" : "refused");
    if (this.#cancelSweep === undefined) this.#planSweep();
    if (admittance === "refuse") {
      this.log.warn("session.refused", { address: channel.address });
      session.end({ condition: "resource-constraint", text: "too many connections" });
    }
  }

  now(): number {
    return this.#options.clock.now();
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#options.clock.after(delayMs, run);
  }

  offer(channel: Channel): StreamOffer {
    return offerFor(channel, this.#options.accounts.kind, this.#options.policy);
  }

  beginSasl(mechanism: SaslMechanismName): SaslExchange {
    const { accounts } = this.#options;
    return beginSasl(mechanism, { accounts, domain: this.domain, nonce: createServerNonce });
  }

  authenticated(session: HostedSession): void {
    if (this.#sessions.get(session) !== "stranger") return;
    this.#sessions.set(session, "authenticated");
    this.#admission.authenticated();
  }

  bind(session: HostedSession, account: string, resource: string | undefined): Seat {
    if (account === this.#options.reservedName) {
      throw new StanzaError("not-allowed", { text: "this name belongs to the gateway" });
    }
    const seat = this.#options.seats.take(session, account, resource);
    if (this.#options.accounts.kind === "passwords" && this.#seen.size < MAX_SEEN) this.#seen.add(account);
    this.log.info("session.bound", { jid: seat.jid.full, address: session.channel.address });
    return seat;
  }

  /** Whether an account of that name has logged in, among accounts that only their owner can check. */
  hasSeen(name: string): boolean {
    return this.#seen.has(name);
  }

  route(seat: Seat, stanza: XmlElement): void {
    this.#options.router.route(seat, stanza);
  }

  unbound(seat: Seat): void {
    this.#options.seats.leave(seat);
    this.#options.router.left(seat);
    this.log.info("session.ended", { jid: seat.jid.full });
  }

  /** What one turn of the event loop wrote to a session leaves in one piece. */
  wrote(session: HostedSession): void {
    this.#dirty.push(session);
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    setImmediate(() => this.flush());
  }

  /** Hands everything that was written to the system. */
  flush(): void {
    this.#isFlushPlanned = false;
    for (const session of this.#dirty.splice(0)) session.flush();
  }

  paused(session: HostedSession, delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#throttled.delete(cancel);
      session.unpause();
    });
    this.#throttled.add(cancel);
  }

  closed(session: HostedSession): void {
    const was = this.#sessions.get(session);
    if (was === undefined) return;
    this.#sessions.delete(session);
    this.#admission.leave(session.channel, was);
    if (this.#sessions.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#whenEmpty?.();
  }

  /** Ends every session of an account, which was removed or has another password now. */
  expel(account: string): void {
    for (const session of this.#sessions.keys()) {
      if (session.account === account)
        session.end({ condition: "not-authorized", text: "the account was changed or removed" });
    }
  }

  /** Resolves when the system has all that was written before; a session that ends does not hold it up. */
  async drained(): Promise<void> {
    this.flush();
    await Promise.all(
      [...this.#sessions.keys()].map(({ channel }) => new Promise<void>((run) => channel.whenDrained(run))),
    );
  }

  /** Ends every session and resolves when the last connection is gone. */
  async stop(problem: StreamProblem): Promise<void> {
    for (const session of this.#sessions.keys()) session.end(problem);
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    for (const cancel of this.#throttled) cancel();
  }

  #planSweep(): void {
    this.#cancelSweep = this.#options.clock.after(SWEEP_MS, () => {
      this.#planSweep();
      const now = this.now();
      for (const session of this.#sessions.keys()) session.sweep(now);
      this.#options.seats.sweep(now);
    });
  }
}
