// How a call ends. Contract: docs/errors.md; each door maps the three kinds to what its protocol can say.
import type { Shape } from "../values/index.js";
import type { CallContext } from "./call.js";
import { type FaultCodeName, faultCodes } from "./fault-codes.js";

/** The method returned. `returns` is how the value is to be written; undefined: by value. */
export interface ValueOutcome {
  readonly kind: "value";
  readonly value: unknown;
  readonly returns: Shape | undefined;
  /** The call it came from: its id goes into the fault that is sent when the value cannot be. */
  readonly call: Pick<CallContext, "id" | "method" | "log">;
}

/** The call failed; the caller gets code and string, which ends in the call's id: `no state 60 [call 7f3a]`. */
export interface FaultOutcome {
  readonly kind: "fault";
  readonly code: number;
  readonly string: string;
}

/** Why a call did not run. */
export type RefusalReason = "forbidden" | "not-found" | "overloaded" | "shutting-down";

/** The call did not run: a stanza error where there is one, else {@link faultOfRefusal}. */
export interface RefusedOutcome {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  readonly text: string;
  /** What the log line of the refusal carries; {@link faultOfRefusal} shows it. */
  readonly callId: string;
}

/** How a call ended. */
export type Outcome = ValueOutcome | FaultOutcome | RefusedOutcome;

const REFUSAL_CODES = {
  forbidden: "forbidden",
  "not-found": "methodNotFound",
  overloaded: "overloaded",
  "shutting-down": "shuttingDown",
} as const satisfies Record<RefusalReason, FaultCodeName>;

/** The fault that says the same where no stanza can carry a refusal: a multicall slot, HTTP, JSON-RPC, the mailbox. */
export function faultOfRefusal(refused: RefusedOutcome): FaultOutcome {
  return {
    kind: "fault",
    code: faultCodes[REFUSAL_CODES[refused.reason]].code,
    string: `${refused.text} [call ${refused.callId}]`,
  };
}
