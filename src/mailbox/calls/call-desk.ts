// Calls that wait for the application: inserted together, and asked about together whenever the database has changed.

import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Clock } from "../../xmpp/index.js";
import type { CallStore, FinishedCall, NewCall } from "./call-store.js";

/** What a desk stands on. */
export interface CallDeskOptions {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where calls wait. */
export interface CallDesk {
  /**
   * Inserts a call and resolves with the row that the application has answered.
   *
   * @param signal ends the wait: the row becomes `expired`
   * @throws what the database says when the row cannot be inserted; the signal's reason
   */
  call(call: NewCall, signal: AbortSignal): Promise<FinishedCall>;
  /** Rows may have changed. */
  wake(): void;
  /** Another database has taken the place of the one with the rows of those that wait: they are rejected. */
  abandon(): void;
  start(): void;
  stop(): Promise<void>;
}

interface Waiting {
  readonly call: NewCall;
  readonly signal: AbortSignal;
  readonly resolve: (row: FinishedCall) => void;
  readonly reject: (reason: unknown) => void;
  /** Its row, once it is inserted. */
  id?: number;
  cancelDeadline?: () => void;
}

const POLL_MS = 1_000;
const INSERT_BATCH = 200;

/** A desk; it looks for answers once it is started. */
export function createCallDesk({ store, clock, log }: CallDeskOptions): CallDesk {
  const arriving: Waiting[] = [];
  let inserting: Promise<void> | undefined;
  const waiting = new Map<number, Waiting>();
  const leaving = new Set<number>();
  let looking: Promise<void> | undefined;
  let isChanged = false;
  let cancelPoll: (() => void) | undefined;
  let isStopped = false;
  /** Grows when the database is another. */
  let generation = 0;

  const insert = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (arriving.length > 0) {
      // Who has given up meanwhile needs no row.
      const batch = arriving.splice(0, INSERT_BATCH).filter(({ signal }) => !signal.aborted);
      const before = generation;
      try {
        const ids = await store.insert(batch.map(({ call }) => call));
        if (generation !== before) throw replaced();
        for (const [index, one] of batch.entries()) admit(ids[index], one);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    inserting = undefined;
  };

  const admit = (id: number | undefined, one: Waiting): void => {
    if (id === undefined) return;
    one.id = id;
    if (one.signal.aborted) {
      leave(id);
      return;
    }
    waiting.set(id, one);
    // First the row is ended and then it is read: so what the requester gets is what the application sees.
    one.cancelDeadline = clock.after(Math.max(0, one.call.deadlineAt - clock.now()), () => leave(id));
  };

  const leave = (id: number): void => {
    leaving.add(id);
    look();
  };

  const giveUp = (one: Waiting): void => {
    one.reject(one.signal.reason);
    if (one.id === undefined) return;
    one.cancelDeadline?.();
    waiting.delete(one.id);
    leave(one.id);
  };

  /** One query at a time for all that wait; what changes meanwhile is looked at by the next. */
  const look = (): void => {
    isChanged = true;
    looking ??= lookWhileChanged();
  };

  const lookWhileChanged = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (isChanged) {
      isChanged = false;
      try {
        await lookOnce();
      } catch (error) {
        // The next change, or the clock, brings the next look.
        log.warn("calls.look-failed", { cause: messageOf(error) });
      }
    }
    looking = undefined;
  };

  const lookOnce = async (): Promise<void> => {
    if (leaving.size > 0) {
      const ids = [...leaving];
      await store.expire(ids, clock.now());
      for (const id of ids) leaving.delete(id);
    }
    if (waiting.size === 0) return;
    for (const row of await store.finished([...waiting.keys()])) {
      const one = waiting.get(row.id);
      waiting.delete(row.id);
      one?.cancelDeadline?.();
      one?.resolve(row);
    }
  };

  const poll = (): void => {
    cancelPoll = clock.after(POLL_MS, () => {
      if (waiting.size > 0 || leaving.size > 0) look();
      void store
        .expireDue(clock.now())
        .catch((error: unknown) => log.warn("calls.expire-failed", { cause: messageOf(error) }))
        .then(() => {
          if (!isStopped) poll();
        });
    });
  };

  return {
    call: (call, signal) =>
      new Promise((resolve, reject) => {
        const one: Waiting = { call, signal, resolve, reject };
        signal.addEventListener("abort", () => giveUp(one), { once: true });
        arriving.push(one);
        inserting ??= insert();
      }),
    wake: () => {
      if (waiting.size > 0) look();
    },
    abandon: () => {
      generation += 1;
      for (const one of waiting.values()) {
        one.cancelDeadline?.();
        delete one.id;
        one.reject(replaced());
      }
      waiting.clear();
      leaving.clear();
    },
    start: poll,
    stop: async () => {
      isStopped = true;
      cancelPoll?.();
      await inserting;
      await looking;
    },
  };
}

function replaced(): Error {
  return new Error("the database that had the row of this call was replaced by another");
}
