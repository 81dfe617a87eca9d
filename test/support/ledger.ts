// A book of calls: what each ended with, and how often its handler ran. Nothing may be missing, and nothing may have run twice.

import { CallTimeout, Disconnected, defineMethod, RpcFault, StanzaError, string } from "../../src/index.js";
import type { MethodSpec } from "../../src/rpc/index.js";

/** How a call ended, as its caller was told; after `timed out` the outcome is unknown as well. */
export type Ending = "result" | "fault" | "stanza error" | "outcome unknown" | "timed out" | "not sent";

/** See the file's head. */
export class Ledger {
  readonly #runs = new Map<string, number>();
  readonly #endings = new Map<string, Ending>();
  #sent = 0;

  /** `ledger.work(id, ms)` answers with the id after so long. */
  readonly method: MethodSpec = defineMethod(
    "ledger.work",
    { params: [string], returns: string },
    async (id: string) => {
      this.#runs.set(id, (this.#runs.get(id) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, Number(id.split(":")[1])));
      return id;
    },
  );

  /** Makes one call that runs for `workMs`, and writes down how it ends. */
  async record(workMs: number, call: (id: string) => Promise<unknown>): Promise<void> {
    this.#sent += 1;
    const id = `${this.#sent}:${workMs}`;
    try {
      const result = await call(id);
      if (result !== id) throw new Error(`the answer of another call: ${String(result)} instead of ${id}`);
      this.#endings.set(id, "result");
    } catch (error) {
      this.#endings.set(id, endingOf(error));
    }
  }

  get sent(): number {
    return this.#sent;
  }

  /** How many calls ended in each way. */
  count(): Record<Ending, number> {
    const counts = { result: 0, fault: 0, "stanza error": 0, "outcome unknown": 0, "timed out": 0, "not sent": 0 };
    for (const ending of this.#endings.values()) counts[ending] += 1;
    return counts;
  }

  /** What cannot be: handlers that ran twice, results of calls that did not run, runs of calls that were not sent. */
  contradictions(): string[] {
    const found: string[] = [];
    for (const [id, runs] of this.#runs) {
      if (runs !== 1) found.push(`${id} ran ${runs} times`);
      if (this.#endings.get(id) === "not sent") found.push(`${id} ran although it was not sent`);
    }
    for (const [id, ending] of this.#endings) {
      if (ending === "result" && !this.#runs.has(id)) found.push(`${id} has a result but did not run`);
    }
    return found;
  }
}

function endingOf(error: unknown): Ending {
  if (RpcFault.is(error)) return "fault";
  if (StanzaError.is(error)) return "stanza error";
  if (CallTimeout.is(error)) return "timed out";
  if (Disconnected.is(error)) return error.outcomeUnknown ? "outcome unknown" : "not sent";
  throw error;
}
