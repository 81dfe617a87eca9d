// Circuit breaker: an upstream that failed several times in a row is left alone for a while, then tried with one request.

/** What {@link Breaker} needs to know. */
export interface BreakerOptions {
  readonly failures: number;
  readonly restMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Whether an upstream may be asked now. Only transport failures count: whatever answers at all is alive. */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #restsUntil = 0;
  #isTrying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** How long to leave the upstream alone, in milliseconds; 0 if it may be asked, and then the caller reports the end. */
  admit(): number {
    if (this.#failures < this.#options.failures) return 0;
    const left = this.#restsUntil - this.#options.now();
    if (left > 0) return left;
    // One request finds out; the others wait for what it learns.
    if (this.#isTrying) return this.#options.restMs;
    this.#isTrying = true;
    return 0;
  }

  /** The upstream answered. */
  answered(): void {
    this.#failures = 0;
    this.#isTrying = false;
  }

  /** The upstream could not be reached, or did not answer in time. True if it is left alone from now on. */
  failed(): boolean {
    this.#failures += 1;
    this.#isTrying = false;
    if (this.#failures < this.#options.failures) return false;
    this.#restsUntil = this.#options.now() + this.#options.restMs;
    return true;
  }

  /** The request ended before it could tell anything: its requester gave up. */
  unknown(): void {
    this.#isTrying = false;
  }
}
