// The limits of the HTTP doors: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../limit-table.js";

/** Every limit of this folder. Size, depth and count of what a request holds are those of a stanza. */
export const HTTP_LIMIT_TABLE = Object.freeze({
  httpConnections: { unit: "connections", default: 1_000, doc: "HTTP connections that are open at a time." },
  httpRequestMs: { unit: "ms", default: 10_000, doc: "How long an HTTP request may take to arrive whole." },
  httpLoginFailuresPerAddress: {
    unit: "failures",
    default: 20,
    doc: "Failed HTTP log-ins of one address in a minute; further ones are refused unread.",
  },
  httpLoginFailuresPerName: {
    unit: "failures",
    default: 100,
    doc: "Failed HTTP log-ins under one name in a minute, from all addresses; further ones are refused unread.",
  },
  forwardedInFlight: {
    unit: "calls",
    default: 1_024,
    doc: "Calls forwarded to other responders that wait for an answer.",
  },
  forwardedInFlightPerRequester: { unit: "calls", default: 128, doc: "Such calls of one requester." },
  forwardTimeoutMs: { unit: "ms", default: 30_000, doc: "How long a forwarded call waits for its answer." },
});

/** The numbers of {@link HTTP_LIMIT_TABLE}. */
export type HttpLimits = LimitsOf<typeof HTTP_LIMIT_TABLE>;
