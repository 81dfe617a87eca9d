// The limits of the stand-alone endpoint against abuse (RFC 6120 §13.12; XEP-0205) and their defaults.

import { type LimitsOf, limitDefaults } from "../../limit-table.js";

/** What strangers and accounts may cost. */
export const STANDALONE_LIMIT_TABLE = Object.freeze({
  authenticationSeconds: {
    unit: "seconds",
    default: 30,
    doc: "Time from connecting to a bound resource; after it the connection is ended.",
  },
  maxConnections: { unit: "connections", default: 1_000, doc: "Connections at a time." },
  maxConnectionsPerAddress: {
    unit: "connections",
    default: 20,
    doc: "Connections of one network address at a time; loopback is exempt.",
  },
  maxUnauthenticatedPercent: {
    unit: "percent",
    default: 25,
    doc: "Share of the connections that may be unauthenticated at a time.",
  },
  maxSaslTries: { unit: "tries", default: 5, doc: "Failed authentications on one connection." },
  maxUnauthenticatedStanzaBytes: {
    unit: "bytes",
    default: 10_000,
    doc: "Size of one element that is received before authentication.",
  },
  maxUnauthenticatedBytes: {
    unit: "bytes",
    default: 65_536,
    doc: "All that a connection may send before authentication.",
  },
  maxResourcesPerAccount: { unit: "sessions", default: 50, doc: "Sessions of one account at a time." },
  maxBytesPerSecond: {
    unit: "bytes/s",
    default: 0,
    min: 0,
    doc: "Rate at which one session is read in the long run; faster ones wait. Zero: as fast as it sends.",
  },
  burstBytes: { unit: "bytes", default: 262_144, doc: "What a session may send at once before the rate applies." },
  maxUnreadBytes: {
    unit: "bytes",
    default: 4_194_304,
    doc: "Output that a session leaves unread; with more waiting it is ended.",
  },
  silenceSeconds: {
    unit: "seconds",
    default: 300,
    doc: "Silence after which a session is pinged; after the same time again it is ended.",
  },
  closeSeconds: { unit: "seconds", default: 2, doc: "How long a peer may take to close its side of the stream." },
  evictionSeconds: {
    unit: "seconds",
    default: 30,
    doc: "After a session was replaced by a newer one with its resource, how long further ones get a resource of their own.",
  },
  offlineMessagesPerAccount: {
    unit: "messages",
    default: 100,
    min: 0,
    doc: "Messages that are kept for an account while it is away; further ones are sent back. Zero: none are kept.",
  },
  offlineMessages: {
    unit: "messages",
    default: 10_000,
    doc: "Messages that are kept for all absent accounts together.",
  },
  offlineBytes: { unit: "bytes", default: 67_108_864, doc: "Size of all messages that are kept for absent accounts." },
  offlineDays: { unit: "days", default: 30, doc: "How long a message is kept for an absent account." },
});

/** The numbers of {@link STANDALONE_LIMIT_TABLE}. */
export type StandaloneLimits = LimitsOf<typeof STANDALONE_LIMIT_TABLE>;

/** The defaults, with the given limits in their place. */
export function withStandaloneDefaults(given: Partial<StandaloneLimits> = {}): StandaloneLimits {
  return { ...limitDefaults(STANDALONE_LIMIT_TABLE), ...given };
}
