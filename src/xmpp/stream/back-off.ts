// How long to wait before the next connection attempt (RFC 6120 §3.3; contract: 1 s to 60 s, full jitter).

const FIRST_CEILING_MS = 1_000;
const LAST_CEILING_MS = 60_000;
const SLOW_FLOOR_MS = 30_000;

/**
 * Why the link was lost. `slow` is for what an early retry cannot mend: a wrong password, or `conflict`, which means that the server
 * still holds the old connection, or that another program uses the same address and an early retry would evict it in a circle.
 */
export type RetryPace = "normal" | "slow";

/** Counts failed attempts; one object a link. */
export class BackOff {
  readonly #random: () => number;
  #ceilingMs = FIRST_CEILING_MS;

  /** `random` gives numbers from 0 up to, but not including, 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The wait before the next attempt, in milliseconds. Each call doubles the ceiling of the next, up to 60 s. */
  next(pace: RetryPace = "normal"): number {
    const ceilingMs = this.#ceilingMs;
    this.#ceilingMs = Math.min(LAST_CEILING_MS, ceilingMs * 2);
    if (pace === "slow") return Math.round(SLOW_FLOOR_MS + this.#random() * (LAST_CEILING_MS - SLOW_FLOOR_MS));
    return Math.round(this.#random() * ceilingMs);
  }

  /** The link was good for a while: the next loss starts from the shortest wait again. */
  reset(): void {
    this.#ceilingMs = FIRST_CEILING_MS;
  }
}
