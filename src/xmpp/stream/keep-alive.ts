// Finds out that the other side is gone although the socket looks alive (XEP-0199 §4; contract: ping only what is unanswered).

import type { Clock } from "./clock.js";

/** What {@link KeepAlive} needs; times are in milliseconds. */
export interface KeepAliveOptions {
  readonly clock: Clock;
  /** So long may something sent stay without any byte in return before a ping is sent, and as long the ping itself. */
  readonly quietMs: number;
  readonly ping: () => void;
  readonly dead: () => void;
}

/**
 * Watches one connection. A link that sends nothing is left to TCP keep-alive: a ping of ours every few seconds would cost each idle
 * link a round trip for nothing. `sent` and `received` are called for every write and read, so they only note a time; the one timer
 * looks at the notes when it fires.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #unansweredSince: number | undefined;
  #pingedAt: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
  }

  /** Something was written. */
  sent(): void {
    if (this.#unansweredSince !== undefined || this.#stopped) return;
    this.#unansweredSince = this.#options.clock.now();
    if (this.#cancelTimer === undefined) this.#lookAfter(this.#options.quietMs);
  }

  /** Bytes came in: whatever they are, the other side lives. */
  received(): void {
    this.#unansweredSince = undefined;
    this.#pingedAt = undefined;
  }

  /** Ends the watch; no timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #lookAfter(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#look();
    });
  }

  #look(): void {
    const { clock, quietMs, ping, dead } = this.#options;
    const since = this.#pingedAt ?? this.#unansweredSince;
    if (since === undefined || this.#stopped) return;
    const leftMs = since + quietMs - clock.now();
    if (leftMs > 0) {
      this.#lookAfter(leftMs);
    } else if (this.#pingedAt === undefined) {
      this.#pingedAt = clock.now();
      this.#lookAfter(quietMs);
      ping();
    } else {
      this.stop();
      dead();
    }
  }
}
