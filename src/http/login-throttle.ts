// Counts failed log-ins by address and by name, so that guessing is slow (contract: HTTP doors).

/** How many failures a minute are borne. */
export interface ThrottleLimits {
  readonly httpLoginFailuresPerAddress: number;
  readonly httpLoginFailuresPerName: number;
}

interface Window {
  readonly endsAtMs: number;
  failures: number;
}

const WINDOW_MS = 60_000;
/** More addresses and names than these are not remembered at a time; the oldest are forgotten. */
const MAX_KEYS = 10_000;

/** The failures of the last minute. */
export class LoginThrottle {
  readonly #limits: ThrottleLimits;
  readonly #now: () => number;
  /** By `address …` and `name …`, oldest first. */
  readonly #windows = new Map<string, Window>();

  constructor(limits: ThrottleLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** For how many more seconds log-ins of this address, or under this name, are refused; 0 if they are not. */
  blockedSeconds(address: string, name: string | undefined): number {
    if (this.#windows.size === 0) return 0;
    const blocked = Math.max(
      this.#blockedMs(addressKey(address), this.#limits.httpLoginFailuresPerAddress),
      name === undefined ? 0 : this.#blockedMs(nameKey(name), this.#limits.httpLoginFailuresPerName),
    );
    return Math.ceil(blocked / 1000);
  }

  /** Counts one failure. */
  failed(address: string, name: string | undefined): void {
    this.#count(addressKey(address));
    if (name !== undefined) this.#count(nameKey(name));
  }

  #blockedMs(key: string, most: number): number {
    const window = this.#windows.get(key);
    return window === undefined || window.failures < most ? 0 : Math.max(0, window.endsAtMs - this.#now());
  }

  #count(key: string): void {
    const window = this.#windows.get(key);
    if (window !== undefined && window.endsAtMs > this.#now()) {
      window.failures++;
      return;
    }
    this.#windows.delete(key);
    if (this.#windows.size >= MAX_KEYS) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(key, { endsAtMs: this.#now() + WINDOW_MS, failures: 1 });
  }
}

/** One subscriber has at least a /64 of IPv6, so that is what counts as one address. */
function addressKey(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return `address ${mapped.includes(":") ? expand(mapped).slice(0, 4).join(":") : mapped}`;
}

/** The eight groups of an IPv6 address. */
function expand(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
}

function nameKey(name: string): string {
  return `name ${name.slice(0, 256)}`;
}
