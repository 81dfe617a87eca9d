// The call that is running: the context that handlers see, and how it ends. What it holds is made when it is asked for.
import type { Placed } from "../bag.js";
import type { LogFields, Logger } from "../observe/index.js";
import { CallContext, type Requester } from "./call.js";

/** What the calls of one dispatcher share. */
export interface CallEnvironment {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly newCallId: () => string;
  readonly log: Logger;
}

/** What is known of a call when it starts. */
export interface CallFacts {
  readonly method: string;
  readonly requester: Requester;
  readonly via: string;
  /** The call on whose behalf this one runs. */
  readonly within?: CallContext;
}

/** One call. */
export class RunningCall extends CallContext implements Placed {
  place: number | undefined = undefined;
  readonly method: string;
  readonly requester: Requester;
  readonly via: string;
  readonly deadlineMs: number;
  readonly startedAt: number;
  readonly #environment: CallEnvironment;
  readonly #within: CallContext | undefined;
  #id: string | undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #log: Logger | undefined;
  #stopper: ((text: string) => void) | undefined;
  #stopListener: (() => void) | undefined;

  constructor(environment: CallEnvironment, facts: CallFacts, deadlineMs: number) {
    super();
    this.method = facts.method;
    this.requester = facts.requester;
    this.via = facts.via;
    this.deadlineMs = deadlineMs;
    this.startedAt = environment.now();
    this.#environment = environment;
    this.#within = facts.within;
  }

  override get id(): string {
    this.#id ??= this.#environment.newCallId();
    return this.#id;
  }

  override get remainingMs(): number {
    return Math.max(0, this.startedAt + this.deadlineMs - this.#environment.now());
  }

  override get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#abortReason !== undefined) controller.abort(this.#abortReason);
      else if (this.#within !== undefined) follow(this.#within.signal, controller);
    }
    return this.#controller.signal;
  }

  override get log(): Logger {
    this.#log ??= callLogger(this.#environment.log, { call: this.id, method: this.method });
    return this.#log;
  }

  /** See {@link callAround}. */
  get within(): CallContext | undefined {
    return this.#within;
  }

  /** How long it has been running, in milliseconds. */
  get ageMs(): number {
    return this.#environment.now() - this.startedAt;
  }

  /** Says what ends the call early; undefined once it is over. */
  onStop(stopper: ((text: string) => void) | undefined): void {
    this.#stopper = stopper;
  }

  /** See {@link whenStopped}. */
  whenStopped(listener: () => void): () => void {
    // Who comes second, or runs within another call, is served by the signal, which can do everything.
    if (this.#stopListener !== undefined || this.#within !== undefined) return whenAborted(this.signal, listener);
    if (this.#abortReason !== undefined) listener();
    this.#stopListener = listener;
    return () => {
      this.#stopListener = undefined;
    };
  }

  /** Ends the call early: aborts its signal, also one that is read later, and answers a fault with this text. */
  stop(text: string): void {
    const reason = new Error(text);
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
    this.#stopListener?.();
    this.#stopper?.(text);
  }
}

/**
 * Calls back when the call is ended early, as its signal would tell; the returned function forgets that. For handlers that
 * run very often: an AbortSignal for each call costs more than all the rest of a call.
 */
export function whenStopped(call: CallContext, listener: () => void): () => void {
  return call instanceof RunningCall ? call.whenStopped(listener) : whenAborted(call.signal, listener);
}

/** The call on whose behalf a call runs, as a slot of system.multicall does; undefined for one that came in by itself. */
export function callAround(call: CallContext): CallContext | undefined {
  return call instanceof RunningCall ? call.within : undefined;
}

function whenAborted(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

function follow(outer: AbortSignal, controller: AbortController): void {
  if (outer.aborted) controller.abort(outer.reason);
  else outer.addEventListener("abort", () => controller.abort(outer.reason), { once: true, signal: controller.signal });
}

function callLogger(log: Logger, facts: LogFields): Logger {
  const add = (fields?: LogFields): LogFields => ({ ...fields, ...facts });
  return {
    debug: (event, fields) => log.debug(event, add(fields)),
    info: (event, fields) => log.info(event, add(fields)),
    warn: (event, fields) => log.warn(event, add(fields)),
    error: (event, fields) => log.error(event, add(fields)),
  };
}
