// The engine of the outbox: takes rows, has their kinds send them, and writes what became of each once that is known.

import { randomUUID } from "node:crypto";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { XmlWriteError } from "../../xml/index.js";
import { type Clock, Disconnected, type StanzaErrorType } from "../../xmpp/index.js";
import type { MailboxLimits } from "../limits.js";
import { type OutboxKind, OutboxProblem, type Sending } from "../outbox-kind.js";
import type { BouncedRow, Ending, OutboxStore, Settlement, TakenRow, UnknownRow } from "./outbox-store.js";
import { type ReadRow, readRow } from "./read-row.js";

/** What an engine stands on. */
export interface OutboxEngineOptions {
  readonly store: OutboxStore;
  readonly kinds: readonly OutboxKind[];
  readonly link: { readonly isOnline: boolean; flushed(): Promise<void> };
  readonly limits: MailboxLimits;
  readonly log: Logger;
  /** `now` is the database's, in epoch milliseconds. */
  readonly clock: Clock;
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number;
}

/** Sends the rows of one gateway. */
export interface OutboxEngine {
  start(): void;
  /** There may be rows to send: they were inserted, or the link is back. */
  wake(): void;
  /** Takes nothing more, and resolves when what is on its way is settled, or after `limitMs`. */
  stop(limitMs: number): Promise<void>;
  /**
   * What the network said of something that was handed over. What may be better later (type `wait`, RFC 6120 §8.3.2) is tried again like any
   * failed try; `continue` is a warning; all else parks the row.
   *
   * @returns the row, and whether it is parked; undefined if there is none, or nothing becomes of it
   */
  bounced(bounce: Bounce): Promise<BouncedRow | undefined>;
  /** How many rows it has taken and not settled. */
  readonly held: number;
}

/** An error stanza for something that was handed over. */
export interface Bounce {
  readonly stanzaId: string;
  /** Whether whoever says so may, by the recipient as it stands in the row. */
  readonly isFrom: (recipient: string) => boolean;
  readonly type: StanzaErrorType;
  /** For the row. */
  readonly problem: string;
}

/** What a row means for those behind it: they go on; they wait; or it was not sent and waits with them. */
type Next = "go on" | "wait" | "back";

/** Looked for so often, whatever else tells of rows; also how often leases of the dead are looked for. */
const POLL_MS = 1_000;
/** Rows that are taken at a time. */
const BATCH = 250;
/** How long slow rows, such as calls, hold up the next batch. */
const SLOW_MS = 50;
/** How long the link is left alone after it took nothing. */
const LINK_PAUSE_MS = 250;
const FIRST_DATABASE_RETRY_MS = 250;
const MAX_DATABASE_RETRY_MS = 10_000;

/** An engine; it does nothing until it is started. */
export function createOutboxEngine(options: OutboxEngineOptions): OutboxEngine {
  return new Engine(options);
}

class Engine implements OutboxEngine {
  readonly #options: OutboxEngineOptions;
  readonly #kinds: ReadonlyMap<string, OutboxKind>;
  readonly #onceOnly: readonly string[];
  readonly #owner = randomUUID();
  readonly #random: () => number;
  /** Rows that were taken and whose ending is not in the database yet. */
  readonly #held = new Map<string, TakenRow>();
  #handedOver: TakenRow[] = [];
  #flushing: Promise<void> | undefined;
  #settlements: Settlement[] = [];
  #writing: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  #isWoken = false;
  #wakeUp: (() => void) | undefined;
  #isStopping = false;
  #isGivenUp = false;
  /** Epoch milliseconds. */
  #linkPausedUntil = 0;
  #lapsedNotBefore = 0;
  #nextRounds = 0;
  #databaseRetryMs = 0;
  #cancelRenewal: (() => void) | undefined;

  constructor(options: OutboxEngineOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
    this.#onceOnly = options.kinds.filter(({ isOnceOnly }) => isOnceOnly === true).map(({ name }) => name);
  }

  get held(): number {
    return this.#held.size;
  }

  start(): void {
    if (this.#loop !== undefined) return;
    this.#loop = this.#run();
    this.#renewLater();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeUp?.();
  }

  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    this.wake();
    let cancel: (() => void) | undefined;
    const tooLong = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(limitMs, resolve);
    });
    await Promise.race([this.#allSettled(), tooLong]);
    cancel?.();
    this.#isGivenUp = true;
    this.#cancelRenewal?.();
  }

  async bounced({ stanzaId, isFrom, type, problem }: Bounce): Promise<BouncedRow | undefined> {
    if (type === "continue") return undefined;
    const { store, limits, clock } = this.#options;
    // First the row is sent and then it comes back, or the end of the sending would be written over this one.
    if (type === "wait") await this.#settled(({ stanza_id }) => stanza_id === stanzaId);
    return store.bounced(stanzaId, isFrom, ({ kind, attempts }) => {
      if (type !== "wait" || this.#onceOnly.includes(kind)) return { kind: "parked", error: problem };
      if (attempts >= limits.outboxTries) return { kind: "parked", error: lastTry(problem, attempts) };
      return { kind: "retry", at: clock.now() + this.#retryMs(attempts), error: problem };
    });
  }

  /** How long a row waits after that try. */
  #retryMs(attempt: number): number {
    const { outboxRetryMs, outboxMaxRetryMs } = this.#options.limits;
    return Math.round(Math.min(outboxMaxRetryMs, outboxRetryMs * 2 ** (attempt - 1)) * (0.75 + this.#random() / 4));
  }

  async #allSettled(): Promise<void> {
    await this.#loop;
    await this.#settled(() => true);
  }

  /** Resolves when no row like that is on its way. */
  async #settled(isMeant: (row: TakenRow) => boolean): Promise<void> {
    while ([...this.#held.values()].some(isMeant) && !this.#isGivenUp) {
      await (this.#flushing ?? this.#writing ?? this.#delay(SLOW_MS));
    }
  }

  /** A lease is for the dead: as long as this gateway lives, nobody takes its rows, however slow the network is. */
  #renewLater(): void {
    const { store, clock, limits, log } = this.#options;
    this.#cancelRenewal = clock.after(limits.outboxLeaseMs / 3, () => {
      const renewal =
        this.#held.size === 0
          ? Promise.resolve()
          : store.renew(this.#owner, this.#heldIds(), clock.now() + limits.outboxLeaseMs);
      void renewal
        .catch((error: unknown) => log.warn("mailbox.renew-failed", { cause: messageOf(error) }))
        .then(() => {
          if (!this.#isGivenUp) this.#renewLater();
        });
    });
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#isWoken = false;
      let taken: TakenRow[] = [];
      try {
        await this.#housekeeping();
        taken = await this.#take();
        this.#databaseRetryMs = 0;
      } catch (error) {
        await this.#databaseAway("mailbox.take-failed", error);
        continue;
      }
      if (taken.length > 0) await this.#send(taken);
      // More than a batch may be due; else the next insertion, or the clock, says so.
      else if (!this.#isWoken) await this.#sleep(this.#pauseMs());
    }
  }

  #pauseMs(): number {
    const pausedMs = this.#linkPausedUntil - this.#options.clock.now();
    return pausedMs > 0 ? Math.min(pausedMs, POLL_MS) : POLL_MS;
  }

  async #housekeeping(): Promise<void> {
    const { store, clock, limits, log } = this.#options;
    const now = clock.now();
    if (now < this.#nextRounds) return;
    this.#nextRounds = now + POLL_MS;
    const expired = await store.parkExpired(now);
    if (expired > 0) log.info("outbox.expired", { rows: expired });
    // Leases may have run out only because nobody could renew them: their owners get the time to do so.
    if (now < this.#lapsedNotBefore) return;
    const lapsed = {
      owner: this.#owner,
      now,
      held: this.#heldIds(),
      onceOnly: this.#onceOnly,
      maxTries: limits.outboxTries,
    };
    const unknown = await store.unknownLapsed(lapsed);
    for (const row of unknown) {
      log.warn("outbox.outcome-unknown", { row: row.id });
      // Before the row is parked: a gateway that dies here has it told once more, which changes nothing.
      await this.#tellUnknown(row);
    }
    await store.putBackLapsed({ ...lapsed, told: unknown.map(({ id }) => id) });
  }

  async #tellUnknown(row: UnknownRow): Promise<void> {
    const { id, recipient, stanza_id: stanzaId } = row;
    await this.#kinds.get(row.kind)?.outcomeUnknown?.({ id, recipient, stanzaId });
  }

  async #take(): Promise<TakenRow[]> {
    const { store, clock, limits, link } = this.#options;
    const now = clock.now();
    const limit = Math.min(BATCH, limits.outboxInFlight - this.#held.size);
    if (limit <= 0 || !link.isOnline || now < this.#linkPausedUntil) return [];
    const taken = await store.take({ owner: this.#owner, limit, now, leaseUntil: now + limits.outboxLeaseMs });
    // A database that has taken the place of another may have a row again, unsent, that is on its way.
    const others = taken.filter((row) => !this.#held.has(keyOf(row)));
    for (const row of others) this.#held.set(keyOf(row), row);
    return others;
  }

  #heldIds(): number[] {
    return [...this.#held.values()].map(({ id }) => id);
  }

  /** Resolves when what was handed over is settled, and the rest too or too slow to be waited for. */
  async #send(taken: readonly TakenRow[]): Promise<void> {
    const byRecipient = new Map<string, TakenRow[]>();
    for (const row of taken) {
      const group = byRecipient.get(row.recipient);
      if (group === undefined) byRecipient.set(row.recipient, [row]);
      else group.push(row);
    }
    const groups = Promise.all([...byRecipient.values()].map((group) => this.#sendGroup(group)));
    let cancel: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(SLOW_MS, resolve);
    });
    await Promise.race([groups, slow]);
    cancel?.();
    await this.#flushing;
    await this.#writing;
  }

  /** The rows of one recipient, one after the other. Behind one that has to wait the others wait too. */
  async #sendGroup(group: readonly TakenRow[]): Promise<void> {
    for (const [index, taken] of group.entries()) {
      const next = this.#isStopping || this.#isLinkPaused() ? "back" : await this.#sendOne(taken);
      if (next === "go on") continue;
      for (const row of group.slice(next === "back" ? index : index + 1)) this.#settle(row, { kind: "back" });
      return;
    }
  }

  #isLinkPaused(): boolean {
    return this.#options.clock.now() < this.#linkPausedUntil;
  }

  async #sendOne(taken: TakenRow): Promise<Next> {
    let read: ReadRow | undefined;
    try {
      read = readRow(taken, this.#kinds, this.#options.limits.outboxBodyBytes);
      const sending = read.kind.send(read.row, read.value);
      this.#sentAs(taken, sending instanceof Promise ? await sending : sending);
      return "go on";
    } catch (error) {
      // What XML cannot carry today it cannot carry tomorrow.
      if (OutboxProblem.is(error) || error instanceof XmlWriteError) return this.#park(taken, messageOf(error));
      if (Disconnected.is(error) && !(error.outcomeUnknown && read?.kind.isOnceOnly === true)) {
        this.#linkPausedUntil = this.#options.clock.now() + LINK_PAUSE_MS;
        return "back";
      }
      return this.#failed(taken, read, error);
    }
  }

  #sentAs(taken: TakenRow, sending: Sending): void {
    if (sending === "handed over") {
      this.#handedOver.push(taken);
      this.#flushing ??= this.#flush();
    } else if (sending === "confirmed") {
      this.#settle(taken, { kind: "sent" });
    } else {
      const until = Math.max(sending.postponedUntil, this.#options.clock.now() + POLL_MS);
      this.#settle(taken, { kind: "postponed", until });
    }
  }

  #failed(taken: TakenRow, read: ReadRow | undefined, error: unknown): Next {
    const { limits, clock, log } = this.#options;
    const cause = messageOf(error);
    if (read?.kind.isOnceOnly === true) return this.#park(taken, `${cause}; it is not sent again by itself`);
    if (taken.attempts >= limits.outboxTries) return this.#park(taken, lastTry(cause, taken.attempts));
    const waitMs = this.#retryMs(taken.attempts);
    log.warn("outbox.retry", { row: taken.id, kind: taken.kind, attempt: taken.attempts, waitMs, cause });
    this.#settle(taken, { kind: "retry", at: clock.now() + waitMs, error: cause });
    return "wait";
  }

  #park(taken: TakenRow, error: string): Next {
    const { id, kind } = taken;
    this.#options.log.warn("outbox.parked", { row: id, kind, problem: error });
    this.#settle(taken, { kind: "parked", error });
    return "go on";
  }

  /** Asks once for everything that was handed over meanwhile whether it is with the server. */
  async #flush(): Promise<void> {
    // What is sent in this turn of the event loop is one batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#handedOver.length > 0) {
      const rows = this.#handedOver;
      this.#handedOver = [];
      try {
        await this.#options.link.flushed();
        for (const row of rows) this.#settle(row, { kind: "sent" });
      } catch (error) {
        this.#options.log.warn("outbox.unconfirmed", { rows: rows.length, cause: messageOf(error) });
        for (const row of rows) this.#settle(row, { kind: "back" });
      }
    }
    this.#flushing = undefined;
  }

  #settle({ id, created_at }: TakenRow, ending: Ending): void {
    this.#settlements.push({ id, created_at, ...ending });
    this.#writing ??= this.#write();
  }

  /** Writes what became of rows, however long the database is away: only then may others be taken. */
  async #write(): Promise<void> {
    const { store, clock } = this.#options;
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#settlements.length > 0 && !this.#isGivenUp) {
      const settlements = this.#settlements.slice();
      try {
        await store.settle(this.#owner, settlements, clock.now());
        this.#databaseRetryMs = 0;
      } catch (error) {
        await this.#databaseAway("mailbox.settle-failed", error);
        continue;
      }
      this.#settlements = this.#settlements.slice(settlements.length);
      for (const settlement of settlements) this.#held.delete(keyOf(settlement));
    }
    this.#writing = undefined;
  }

  async #databaseAway(event: string, error: unknown): Promise<void> {
    const { log, limits, clock } = this.#options;
    this.#databaseRetryMs = Math.min(
      MAX_DATABASE_RETRY_MS,
      Math.max(FIRST_DATABASE_RETRY_MS, this.#databaseRetryMs * 2),
    );
    log.warn(event, { cause: messageOf(error), retryMs: this.#databaseRetryMs });
    await this.#delay(this.#databaseRetryMs);
    this.#lapsedNotBefore = clock.now() + limits.outboxLeaseMs;
  }

  /** Until woken, or for that long. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#wakeUp = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      this.#wakeUp = done;
    });
  }

  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }
}

function keyOf({ id, created_at }: Pick<TakenRow, "id" | "created_at">): string {
  return `${id} ${created_at}`;
}

function lastTry(problem: string, attempts: number): string {
  return `${problem} (try ${attempts}, the last)`;
}
