// Counts the calls that run, in all and for each requester. A handler that returns at once is never counted.
import { Bag } from "../bag.js";
import type { RunningCall } from "./running-call.js";

/** How many calls may run at a time. */
export interface InFlightLimits {
  readonly callsInFlightPerRequester: number;
  readonly callsInFlight: number;
}

/** The calls that run. */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #calls = new Bag<RunningCall>();
  readonly #perRequester = new Map<string, number>();
  readonly #emptied: (() => void)[] = [];

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The calls that run now. */
  get calls(): readonly RunningCall[] {
    return this.#calls.list();
  }

  /** Why no further call of this requester may start, or undefined if one may. */
  problem(requester: string): string | undefined {
    const { callsInFlight, callsInFlightPerRequester } = this.#limits;
    if (this.#calls.size >= callsInFlight) return `${callsInFlight} calls are in flight`;
    if ((this.#perRequester.get(requester) ?? 0) >= callsInFlightPerRequester)
      return `${callsInFlightPerRequester} of your calls are in flight`;
    return undefined;
  }

  add(call: RunningCall): void {
    this.#calls.add(call);
    const requester = call.requester.jid.full;
    this.#perRequester.set(requester, (this.#perRequester.get(requester) ?? 0) + 1);
  }

  remove(call: RunningCall): void {
    if (!this.#calls.delete(call)) return;
    const requester = call.requester.jid.full;
    const left = (this.#perRequester.get(requester) ?? 1) - 1;
    if (left === 0) this.#perRequester.delete(requester);
    else this.#perRequester.set(requester, left);
    if (this.#calls.size === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** Resolves when no call runs. */
  async whenEmpty(): Promise<void> {
    if (this.#calls.size === 0) return;
    await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }
}
