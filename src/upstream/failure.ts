// What can go wrong between the gateway and an upstream, and the fault each becomes. docs/upstreams.md shows the table.

import { messageOf } from "../message-of.js";
import { type FaultCodeName, RpcFault, serverFault } from "../rpc/index.js";

/** What the gateway itself finds wrong with an upstream, each with its fault. */
export const FAILURES = Object.freeze({
  unreachable: row("transportError", "no connection: refused, reset, unknown host, failed TLS"),
  resting: row("transportError", "not asked: it failed too often in a row, and is tried again in a while"),
  timeout: row("deadlinePassed", "no whole answer within timeoutMs, waiting for a place included"),
  busy: row("overloaded", "maxConcurrent calls run and maxQueued wait already"),
  "too-large": row("transportError", "the answer is over maxResponseBytes, or its headers are too long"),
  redirect: row("transportError", "a redirect that is not followed"),
  "server-error": row("transportError", "an HTTP status from 500"),
  "odd-status": row("transportError", "an HTTP status that means neither success nor an error"),
  "wrong-content": row("transportError", "a content type that this kind of upstream does not answer"),
  malformed: row("transportError", "the answer cannot be read: bad JSON, bad XML, bad compression"),
  undescribed: row("transportError", "the answer is not what the description says; the text has the path"),
  "no-credentials": row("forbidden", "the requester has no credentials for this upstream"),
  stopped: row("shuttingDown", "the gateway is stopping"),
});

/** One kind of failure. */
export type FailureCode = keyof typeof FAILURES;

function row(fault: FaultCodeName, meaning: string): { readonly fault: FaultCodeName; readonly meaning: string } {
  return Object.freeze({ fault, meaning });
}

/** A call that an upstream did not answer as it should. The message is for the caller: nothing of the answer is in it. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly code: FailureCode;

  /** @param options.cause what the log shows and the caller does not see */
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Longest text of an upstream's own error that a caller gets. */
const MAX_ERROR_TEXT = 300;

/** The fault of a failure. */
export function faultOfFailure(upstream: string, failure: UpstreamFailure): RpcFault {
  return serverFault(FAILURES[failure.code].fault, `upstream ${upstream}: ${failure.message}`);
}

/** A failure with what is behind it, for the log only. */
export function causeOf(error: unknown): string {
  const text = messageOf(error);
  return error instanceof Error && error.cause !== undefined ? `${text}: ${messageOf(error.cause)}` : text;
}

/** An upstream's own words as a fault may carry them: one line, shortened. */
export function shortened(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > MAX_ERROR_TEXT ? `${line.slice(0, MAX_ERROR_TEXT - 1)}…` : line;
}
