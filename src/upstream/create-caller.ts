// Asks one upstream: its HTTP client with the headers that every request carries.

import type { HttpClient } from "./http/http-client.js";
import type { Caller } from "./offer.js";
import type { RequesterHeaders } from "./requester-headers.js";

/** A caller over a client. */
export function createCaller(client: HttpClient, headers: RequesterHeaders, maxDescriptionBytes: number): Caller {
  return {
    // What the gateway writes itself stands last: no parameter of a call replaces it.
    call: (request, call) =>
      client.send(
        { ...request, headers: { ...request.headers, ...headers.of(call.requester.jid) } },
        { signal: call.signal },
      ),
    ask: (request) =>
      client.send(
        { ...request, headers: { ...request.headers, ...headers.fixed } },
        { maxResponseBytes: maxDescriptionBytes },
      ),
  };
}
