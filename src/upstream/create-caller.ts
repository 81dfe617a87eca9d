// Asks one upstream: its HTTP client with the headers that every request carries, and failures as faults.

import type { Logger } from "../observe/index.js";
import { type CallContext, whenStopped } from "../rpc/index.js";
import { causeOf, faultOfFailure, UpstreamFailure } from "./failure.js";
import type { HttpRequest } from "./http/exchange.js";
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
  // What the gateway writes itself stands last: no parameter of a call replaces it.
  const signed = (request: HttpRequest, call: CallContext): HttpRequest => ({
    ...request,
    headers: { ...request.headers, ...headers.of(call.requester.jid) },
  });
  return {
    call: (request, call, read) => {
      const failed = (error: unknown): unknown => fault(error, call.log);
      try {
        return client.ask({
          request: signed(request, call),
          read,
          maxResponseBytes,
          whenStopped: (stop) => whenStopped(call, stop),
          failed,
        });
      } catch (error) {
        throw failed(error);
      }
    },
    callTogether: async (request, calls, read) => {
      const [first] = calls;
      if (first === undefined) throw new TypeError("no calls");
      return client.ask({
        request: signed(request, first),
        read,
        maxResponseBytes,
        whenStopped: (stop) => whenAllStopped(calls, stop),
      });
    },
    problemOf: (error, call) => fault(error, call.log),
    ask: (request, read) =>
      client.ask({
        request: { ...request, headers: { ...request.headers, ...headers.fixed } },
        read,
        maxResponseBytes: maxDescriptionBytes,
      }),
  };
}

function whenAllStopped(calls: readonly CallContext[], stop: () => void): () => void {
  let left = calls.length;
  const forget = calls.map((call) =>
    whenStopped(call, () => {
      left -= 1;
      if (left === 0) stop();
    }),
  );
  return () => {
    for (const one of forget) one();
  };
}
