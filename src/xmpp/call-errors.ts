// What a request can end with besides its answer: time ran out, or the link was lost. Both leave open whether it ran.

import { hasBrand } from "../brand.js";

const CALL_TIMEOUT = Symbol.for("jabber-rpc.CallTimeout");
const DISCONNECTED = Symbol.for("jabber-rpc.Disconnected");

/** No answer came in time. The outcome is unknown: the method may have run. */
export class CallTimeout extends Error {
  override readonly name = "CallTimeout";
  readonly [CALL_TIMEOUT] = true;
  readonly timeoutMs: number;

  constructor(to: string, timeoutMs: number) {
    super(`no answer from ${to} within ${timeoutMs} ms; whether it ran is unknown`);
    this.timeoutMs = timeoutMs;
  }

  static is(error: unknown): error is CallTimeout {
    return hasBrand(error, CALL_TIMEOUT);
  }
}

/**
 * The link was lost, or was never there. `outcomeUnknown` is false only when the request was not sent at all, so that
 * it is safe to send again.
 */
export class Disconnected extends Error {
  override readonly name = "Disconnected";
  readonly [DISCONNECTED] = true;
  readonly outcomeUnknown: boolean;

  constructor(reason: string, outcomeUnknown: boolean) {
    super(outcomeUnknown ? `${reason}; whether the call ran is unknown` : `${reason}; the call was not sent`);
    this.outcomeUnknown = outcomeUnknown;
  }

  static is(error: unknown): error is Disconnected {
    return hasBrand(error, DISCONNECTED);
  }
}
