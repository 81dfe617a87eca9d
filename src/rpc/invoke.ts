// Runs one call to its outcome: at once if the handler returns at once, else under its deadline. Exactly one outcome each.

import { faultCodes } from "./fault-codes.js";
import { describeThrown, faultOfError, faultOutcome } from "./fault-of-error.js";
import type { InFlight } from "./in-flight.js";
import type { MethodSpec } from "./method-spec.js";
import type { Outcome } from "./outcome.js";
import type { RunningCall } from "./running-call.js";

/** Runs a method's handler, with everything that is around it. */
export type RunHandler = (spec: MethodSpec, args: unknown[], call: RunningCall) => unknown;

/**
 * Runs a call. A handler that returns at once costs no promise, no timer and no signal.
 *
 * @param inFlight counts the call while it runs; undefined for one that runs within another
 */
export function invoke(
  spec: MethodSpec,
  args: unknown[],
  call: RunningCall,
  run: RunHandler,
  inFlight: InFlight | undefined,
): Outcome | Promise<Outcome> {
  let result: unknown;
  let isPromise: boolean;
  try {
    result = run(spec, args, call);
    isPromise = isThenable(result);
  } catch (thrown) {
    return faultOfError(thrown, call);
  }
  return isPromise
    ? settle(spec, result, call, inFlight)
    : { kind: "value", value: result, returns: spec.returns, call };
}

function settle(
  spec: MethodSpec,
  result: unknown,
  call: RunningCall,
  inFlight: InFlight | undefined,
): Promise<Outcome> {
  inFlight?.add(call);
  return new Promise((resolve) => {
    let isOver = false;
    const end = (outcome: Outcome): void => {
      isOver = true;
      clearTimeout(timer);
      call.onStop(undefined);
      inFlight?.remove(call);
      resolve(outcome);
    };
    const timer = setTimeout(() => call.stop(`deadline of ${call.deadlineMs} ms passed`), call.deadlineMs);
    call.onStop((text) => {
      call.log.warn("call.stopped", { reason: text, ms: call.ageMs });
      end(faultOutcome(faultCodes.deadlinePassed.code, text, call));
    });
    // A foreign thenable may call back twice, at once, or throw: a promise of our own makes one answer of that.
    (result instanceof Promise ? result : Promise.resolve(result)).then(
      (value: unknown) => {
        if (isOver) call.log.warn("call.late", { ms: call.ageMs, outcome: "value" });
        else end({ kind: "value", value, returns: spec.returns, call });
      },
      (thrown: unknown) => {
        if (isOver) call.log.warn("call.late", { ms: call.ageMs, outcome: "error", cause: describeThrown(thrown) });
        else end(faultOfError(thrown, call));
      },
    );
  });
}

function isThenable(value: unknown): boolean {
  if (value instanceof Promise) return true;
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
