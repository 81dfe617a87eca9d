// Asks one upstream: its HTTP client with the headers that every request carries, and failures as faults.

import type { Logger } from "../observe/index.js";
import { type CallContext, whenStopped } from "../rpc/index.js";
import { causeOf, faultOfFailure, UpstreamFailure } from "./failure.js";
import type { HttpClient } from "./http/http-client.js";
import type { Caller } from "./offer.js";
import type { RequesterHeaders } from "./requester-headers.js";

/** What a {@link Caller} is made of. */
export interface CallerOptions {
  readonly name: string;
  readonly client: HttpClient;
  readonly headers: RequesterHeaders;
  readonly maxResponseBytes: number;
  readonly maxDescriptionBytes: number;
}

/** A caller over a client. */
export function createCaller(options: CallerOptions): Caller {
  const { name, client, headers, maxResponseBytes, maxDescriptionBytes } = options;
  const fault = (error: unknown, log: Logger): unknown => {
    if (!(error instanceof UpstreamFailure)) return error;
    log.warn("upstream.failed", { upstream: name, reason: error.code, cause: causeOf(error) });
    return faultOfFailure(name, error);
  };
  const headersOf = (call: CallContext): Readonly<Record<string, string>> => {
    try {
      return headers.of(call.requester.jid);
    } catch (error) {
      throw fault(error, call.log);
    }
  };
  return {
    call: (request, call, read) =>
      client.ask({
        // What the gateway writes itself stands last: no parameter of a call replaces it.
        request: { ...request, headers: { ...request.headers, ...headersOf(call) } },
        read,
        maxResponseBytes,
        whenStopped: (stop) => whenStopped(call, stop),
        failed: (error) => fault(error, call.log),
      }),
    ask: (request, read) =>
      client.ask({
        request: { ...request, headers: { ...request.headers, ...headers.fixed } },
        read,
        maxResponseBytes: maxDescriptionBytes,
      }),
  };
}
