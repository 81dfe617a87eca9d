// Calls made on behalf of others, and what each of their endings is where no stanza error can say it (docs/errors.md).

import type { Logger } from "../../observe/index.js";
import {
  type FaultCodeName,
  type FaultOutcome,
  type Forwarder,
  type ForwardRequest,
  faultCodes,
  type Outcome,
  RpcFault,
} from "../../rpc/index.js";
import type { Shape } from "../../values/index.js";
import { CodecError } from "../../xmlrpc-codec/index.js";
import { CallTimeout, Disconnected, type StanzaCondition, StanzaError } from "../../xmpp/index.js";
import type { ExactCall } from "./requester.js";

/** What a forwarder stands on. */
export interface ForwarderOptions {
  readonly call: ExactCall;
  readonly newCallId: () => string;
  readonly log: Logger;
}

const EXACT: Shape = Object.freeze({ kind: "exact" });

/** Forwards with every value's wire type kept. The answering side sees this gateway, not the requester it asks for. */
export function createForwarder({ call, newCallId, log }: ForwarderOptions): Forwarder {
  const forward = async (request: ForwardRequest, id: string): Promise<Outcome> => {
    const { to, method, params, timeoutMs, signal } = request;
    try {
      const value = await call(to.full, method, params, {
        shapes: params.map(() => EXACT),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(signal === undefined ? {} : { signal }),
      });
      return { kind: "value", value, returns: EXACT, call: { id, method, log } };
    } catch (error) {
      // The answering side has said it, with its own call's id.
      if (RpcFault.is(error)) return { kind: "fault", code: error.code, string: error.message };
      const fault = faultOf(error) ?? (signal?.aborted === true ? stopped(signal) : undefined);
      if (fault !== undefined) return { ...fault, string: `${fault.string} [call ${id}]` };
      log.error("forward.failed", { call: id, method, cause: error instanceof Error ? error.stack : String(error) });
      return faultNamed("applicationError", `internal error [call ${id}]`);
    }
  };
  return {
    forward: async (request) => {
      const id = newCallId();
      const startedAt = performance.now();
      const outcome = await forward(request, id);
      log.info("forward.done", {
        call: id,
        method: request.method,
        requester: request.requester.jid.full,
        to: request.to.full,
        ms: Math.round(performance.now() - startedAt),
        outcome: outcome.kind,
        code: outcome.kind === "fault" ? outcome.code : undefined,
      });
      return outcome;
    },
  };
}

function faultOf(error: unknown): FaultOutcome | undefined {
  if (StanzaError.is(error)) return faultNamed(CODE_NAMES[error.condition] ?? "transportError", error.message);
  if (CallTimeout.is(error)) return faultNamed("outcomeUnknown", error.message);
  if (Disconnected.is(error))
    return faultNamed(error.outcomeUnknown ? "outcomeUnknown" : "transportError", error.message);
  if (CodecError.is(error)) return faultNamed("transportError", error.message);
  return undefined;
}

/** The call is out, so it may have run. */
function stopped({ reason }: AbortSignal): FaultOutcome {
  const text = reason instanceof Error ? reason.message : "the call was given up";
  return faultNamed("outcomeUnknown", `${text}; whether the call ran is unknown`);
}

function faultNamed(name: FaultCodeName, string: string): FaultOutcome {
  return { kind: "fault", code: faultCodes[name].code, string };
}

/** Conditions that say more than that the call did not reach a method. */
const CODE_NAMES: Partial<Record<StanzaCondition, FaultCodeName>> = {
  "bad-request": "invalidCall",
  "item-not-found": "methodNotFound",
  forbidden: "forbidden",
  "not-allowed": "forbidden",
  "not-authorized": "forbidden",
  "registration-required": "forbidden",
  "subscription-required": "forbidden",
  "policy-violation": "overloaded",
  "resource-constraint": "overloaded",
  "unexpected-request": "overloaded",
};
