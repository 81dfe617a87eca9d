// What a handler knows of the call it runs in. Design: a call is opened by the dispatcher and lives until its outcome is known.
import type { Jid } from "../jid.js";
import type { Logger } from "../observe/index.js";

const CALL_CONTEXT = Symbol.for("jabber-rpc.CallContext");

/** Who calls, as the door has authenticated them. */
export interface Requester {
  readonly jid: Jid;
}

/**
 * The context of one call: the last parameter of every handler, or injected into a service of any scope.
 *
 * An injected context reads the call that is running; outside a call every member throws. Import the class itself, never
 * with `import type`, or the compiler's metadata says `Function` instead of it.
 */
export abstract class CallContext {
  static readonly [CALL_CONTEXT] = true;

  /** What faults and log lines show as `[call 7f3a]`. Unique in this process. */
  abstract get id(): string;
  /** The name that was called. */
  abstract get method(): string;
  abstract get requester(): Requester;
  /** The door the call came in by: `xmpp`, `http`, `command`, `mailbox` … */
  abstract get via(): string;
  /** How long the call may take in all, in milliseconds. */
  abstract get deadlineMs(): number;
  /** How much of it is left, in milliseconds; never below 0. */
  abstract get remainingMs(): number;
  /** Aborted when the deadline passes or the gateway stops. Made when it is first read. */
  abstract get signal(): AbortSignal;
  /** A log whose lines carry the call's id and method. */
  abstract get log(): Logger;

  /** True for this class and its kin of another copy of the package. */
  static isContextClass(value: unknown): boolean {
    return typeof value === "function" && CALL_CONTEXT in value;
  }
}
