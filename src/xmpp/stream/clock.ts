// Time as the link sees it, so that tests can turn it by hand.

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds on a scale that never goes back. */
  now(): number;
  /** Calls `run` once after `delayMs`; the returned function takes the timer back. */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});
