// The way of a call from its name to its outcome: authorise, find, check, run. Every door comes in here.
import { type Logger, silentLogger } from "../observe/index.js";
import { ValueError } from "../values/index.js";
import type { Access } from "./access.js";
import type { Arguments } from "./arguments.js";
import type { CallContext, Requester } from "./call.js";
import { createCallIds } from "./call-ids.js";
import type { CallStorage } from "./call-storage.js";
import { faultCodes } from "./fault-codes.js";
import { describeThrown, faultOutcome, sendableText } from "./fault-of-error.js";
import { InFlight } from "./in-flight.js";
import { composeInterceptors, type Interceptor } from "./interceptor.js";
import { invoke, type RunHandler } from "./invoke.js";
import { type RpcLimits, withDefaultLimits } from "./limits.js";
import type { MethodTable } from "./method-table.js";
import type { Outcome, RefusedOutcome } from "./outcome.js";
import { type CallEnvironment, RunningCall } from "./running-call.js";
import { readParams } from "./validate.js";

/** What a call within another leaves of its time, so that the outer one still answers what is done. */
const ANSWER_RESERVE_MS = 50;

const SHUTTING_DOWN = "the responder is shutting down";

/** One call as a door hands it over. */
export interface CallRequest {
  readonly method: string;
  readonly args: Arguments;
  readonly requester: Requester;
  /** The door: `xmpp`, `http`, `command`, `mailbox` … */
  readonly via: string;
  /** True runs the wizard of that name; a method of that name is then not found. */
  readonly isWizard?: boolean;
  /** The call on whose behalf this one runs, as a slot of system.multicall does: it bounds this one's time and has its place. */
  readonly within?: CallContext;
}

/** A call to a handler that is in no table, and that everybody reaches who may call anything at all. */
export interface HandlerRequest {
  /** What the context and the log call it. */
  readonly name: string;
  readonly requester: Requester;
  readonly via: string;
  readonly handler: (call: CallContext) => unknown;
}

/** Options of {@link createDispatcher}. */
export interface DispatcherOptions {
  readonly table: MethodTable;
  readonly access: Access;
  /** The first is the outermost. */
  readonly interceptors?: readonly Interceptor[];
  readonly limits?: Partial<RpcLimits>;
  readonly log?: Logger;
  /** What carries the call to injected contexts; that of the services in the table. */
  readonly storage?: CallStorage;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly newCallId?: () => string;
  /** Told of every call that has ended. Must not throw. */
  readonly onEnd?: (call: { readonly method: string; readonly requester: Requester }, outcome: Outcome) => void;
}

/** Runs calls. */
export interface Dispatcher {
  /** Runs one call. Never throws and never rejects; returns the outcome itself when the handler did not wait. */
  dispatch(request: CallRequest): Outcome | Promise<Outcome>;
  /** Runs a handler as a call runs: refused, counted, ended and logged alike, but without interceptors. Never throws and never rejects. */
  runHandler(request: HandlerRequest): Outcome | Promise<Outcome>;
  /**
   * Refuses calls from now on and resolves when none runs and every door has had its outcomes. May be called again.
   *
   * @param graceMs after so many milliseconds the calls that still run are aborted and answered with fault -32400
   */
  drain(graceMs?: number): Promise<void>;
  /** How many calls run now. */
  readonly inFlight: number;
  /** A call id for a fault that is answered before a call could be opened. */
  newCallId(): string;
}

/** A dispatcher over a table and an access list. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { table, access, storage } = options;
  const limits = withDefaultLimits(options.limits);
  const log = options.log ?? silentLogger;
  const environment: CallEnvironment = {
    now: options.now ?? (() => performance.now()),
    newCallId: options.newCallId ?? createCallIds(),
    log,
  };
  const inFlight = new InFlight(limits);
  const runPlain = runner([], storage);
  const run = runner(options.interceptors ?? [], storage);
  const { onEnd } = options;
  const report = log === silentLogger && onEnd === undefined ? undefined : reporter(log, onEnd);
  let isDraining = false;

  const refuse = (
    request: Pick<CallRequest, "method" | "requester" | "via">,
    reason: RefusedOutcome["reason"],
    text: string,
    rule?: string,
  ): RefusedOutcome => {
    const { requester, via } = request;
    const callId = environment.newCallId();
    log.info("call.refused", {
      call: callId,
      reason,
      method: request.method,
      requester: requester.jid.full,
      via,
      rule,
    });
    const refused = { kind: "refused", reason, text, callId } as const;
    onEnd?.(request, refused);
    return refused;
  };

  const start = (request: CallRequest): Outcome | Promise<Outcome> => {
    const { method: name, requester, within } = request;
    if (isDraining && within === undefined) return refuse(request, "shutting-down", SHUTTING_DOWN);
    const decision = access.mayCall(requester.jid, name);
    if (!decision.allowed)
      return refuse(
        request,
        "forbidden",
        `${requester.jid.bare} may not call this responder's ${shown(name)}`,
        decision.reason,
      );
    const method = request.isWizard === true ? table.findWizard(name) : table.find(name);
    if (method === undefined) return refuse(request, "not-found", `no method ${shown(name)}`);
    const problem = within === undefined ? inFlight.problem(requester.jid.full) : undefined;
    if (problem !== undefined) return refuse(request, "overloaded", problem);

    const ownDeadlineMs = method.spec.deadlineMs ?? limits.methodDeadlineMs;
    const leftMs = within === undefined ? ownDeadlineMs : Math.floor(within.remainingMs) - ANSWER_RESERVE_MS;
    const call = new RunningCall(environment, request, Math.min(ownDeadlineMs, leftMs));
    if (within !== undefined && leftMs <= 0)
      return finish(
        call,
        faultOutcome(faultCodes.deadlinePassed.code, `deadline of ${within.deadlineMs} ms passed`, call),
      );
    let args: unknown[];
    try {
      args = readParams(method, request.args);
    } catch (error) {
      return finish(call, unreadable(error, call));
    }
    const outcome = invoke(method.spec, args, call, run, within === undefined ? inFlight : undefined);
    return finish(call, outcome);
  };

  const startHandler = ({ name, requester, via, handler }: HandlerRequest): Outcome | Promise<Outcome> => {
    const facts = { method: name, requester, via };
    if (isDraining) return refuse(facts, "shutting-down", SHUTTING_DOWN);
    const decision = access.mayCallAny(requester.jid);
    if (!decision.allowed)
      return refuse(facts, "forbidden", `${requester.jid.bare} may not use this responder`, decision.reason);
    const problem = inFlight.problem(requester.jid.full);
    if (problem !== undefined) return refuse(facts, "overloaded", problem);
    const call = new RunningCall(environment, facts, limits.methodDeadlineMs);
    const spec = { name, params: [], handler: () => handler(call) };
    return finish(call, invoke(spec, [], call, runPlain, inFlight));
  };

  const finish = (call: RunningCall, outcome: Outcome | Promise<Outcome>): Outcome | Promise<Outcome> => {
    if (report === undefined) return outcome;
    if (!(outcome instanceof Promise)) return report(call, outcome);
    return outcome.then((settled) => report(call, settled));
  };

  return {
    dispatch: start,
    runHandler: startHandler,
    async drain(graceMs) {
      isDraining = true;
      const stopAll = (): void => {
        for (const call of inFlight.calls) call.stop(SHUTTING_DOWN);
      };
      const timer = graceMs === undefined ? undefined : setTimeout(stopAll, graceMs);
      await inFlight.whenEmpty();
      clearTimeout(timer);
      // The last outcome is still on its way to the door: let it be written before the door is closed.
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
    get inFlight() {
      return inFlight.size;
    },
    newCallId: environment.newCallId,
  };
}

function runner(interceptors: readonly Interceptor[], storage: CallStorage | undefined): RunHandler {
  const runHandler: RunHandler =
    storage === undefined
      ? (spec, args, call) => spec.handler(args, call)
      : (spec, args, call) => storage.run(call, spec.handler, args);
  const around = composeInterceptors(interceptors);
  if (around === undefined) return runHandler;
  return (spec, args, call) => around({ call, spec, args }, () => runHandler(spec, args, call));
}

function reporter(log: Logger, onEnd: DispatcherOptions["onEnd"]): (call: RunningCall, outcome: Outcome) => Outcome {
  return (call, outcome) => {
    onEnd?.(call, outcome);
    if (log === silentLogger) return outcome;
    log.info("call.done", {
      call: call.id,
      method: call.method,
      requester: call.requester.jid.full,
      via: call.via,
      ms: Math.round(call.ageMs),
      outcome: outcome.kind,
      code: outcome.kind === "fault" ? outcome.code : undefined,
    });
    return outcome;
  };
}

/** A wrong parameter is the caller's; any other error while reading is ours. */
function unreadable(error: unknown, call: RunningCall): Outcome {
  if (ValueError.is(error)) return faultOutcome(faultCodes.invalidParams.code, error.message, call);
  call.log.error("call.unreadable", { cause: describeThrown(error) });
  return faultOutcome(faultCodes.internalError.code, "internal error", call);
}

/** A name as a text may show it: callers choose its length and its characters. */
function shown(name: string): string {
  return sendableText(name.length <= 100 ? name : `${name.slice(0, 100)}…`);
}
