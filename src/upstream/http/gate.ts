// How many requests run at a time: so many at once, so many in a queue, the rest refused.

/** A place in the queue, emptied when it is left: a Set that changes all the time keeps what it held for long (see bag.ts). */
interface Waiter {
  start: (() => void) | undefined;
}

/** Places for requests. */
export class Gate {
  readonly #maxRunning: number;
  readonly #maxQueued: number;
  // A Set keeps the order of arrival, and one that gives up leaves in one step.
  readonly #waiting = new Set<Waiter>();
  #running = 0;

  constructor(maxRunning: number, maxQueued: number) {
    this.#maxRunning = maxRunning;
    this.#maxQueued = maxQueued;
  }

  /**
   * Takes a place: at once, or by calling `start` later. Whoever got one gives it back with {@link leave}.
   *
   * @returns what to call to give up waiting; undefined if there is no room even to wait
   */
  enter(start: () => void): (() => void) | undefined {
    if (this.#running < this.#maxRunning) {
      this.#running += 1;
      start();
      return () => undefined;
    }
    if (this.#waiting.size >= this.#maxQueued) return undefined;
    const waiter: Waiter = { start };
    this.#waiting.add(waiter);
    return () => void this.#take(waiter);
  }

  /** Gives a place back, to the first that waits. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#take(next)?.();
  }

  #take(waiter: Waiter): (() => void) | undefined {
    const { start } = waiter;
    waiter.start = undefined;
    this.#waiting.delete(waiter);
    return start;
  }
}
