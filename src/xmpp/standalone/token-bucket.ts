// A rate in bytes with a burst: who sends faster is not read for a while, and nothing is dropped.

/** Begins full. */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  readonly #burstBytes: number;
  #tokens: number;
  #at: number;

  constructor(bytesPerSecond: number, burstBytes: number, now: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#burstBytes = burstBytes;
    this.#tokens = burstBytes;
    this.#at = now;
  }

  /** Takes what was read; the answer is how many milliseconds to wait before reading on, 0 for none. */
  take(bytes: number, now: number): number {
    const refilled = this.#tokens + ((now - this.#at) / 1_000) * this.#bytesPerSecond;
    this.#tokens = Math.min(this.#burstBytes, refilled) - bytes;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#bytesPerSecond) * 1_000);
  }
}
