// The settings that every kept link has, and their defaults.

import { type Logger, silentLogger } from "../../observe/index.js";
import { XML_LIMITS, type XmlLimits } from "../../xml/index.js";
import { type Clock, systemClock } from "./clock.js";
import type { ConnectionOptions } from "./connection.js";
import type { KeptLinkOptions } from "./kept-link.js";

/** Limits, times and tools of a link; everything has a default. */
export interface StreamSettings {
  /** Limits of the server's stanzas once online; a stanza over one is skipped and told. Default {@link XML_LIMITS}. */
  readonly limits?: Partial<XmlLimits>;
  /** Default 10,000: until the socket is connected. */
  readonly connectTimeoutMs?: number;
  /** Default 20,000: from there until the link is online. */
  readonly onlineTimeoutMs?: number;
  /** Default 1,000: how long the server may take to close its side. */
  readonly closeTimeoutMs?: number;
  /** Default 15,000: so long may something sent stay without any byte in return before a ping, and as long the ping. */
  readonly keepAliveQuietMs?: number;
  /** Default 4 MiB: with more waiting for the network `send` takes nothing. */
  readonly maxUnsentBytes?: number;
  readonly log?: Logger;
  readonly clock?: Clock;
  /** Numbers from 0 up to, but not including, 1, for waits. Default `Math.random`. */
  readonly random?: () => number;
}

/** A server that is not authenticated yet has nothing long to say. */
const NEGOTIATING_LIMITS: XmlLimits = { ...XML_LIMITS, maxStanzaBytes: 10_000 };

type Filled = Pick<
  ConnectionOptions,
  "limits" | "connectTimeoutMs" | "onlineTimeoutMs" | "closeTimeoutMs" | "maxUnsentBytes"
> &
  Pick<KeptLinkOptions, "keepAliveQuietMs" | "maxUnacked" | "maxUnackedCharacters" | "log" | "clock" | "random">;

/** The settings with every default filled in. */
export function withStreamDefaults(settings: StreamSettings): Filled {
  return {
    limits: { negotiating: NEGOTIATING_LIMITS, online: { ...XML_LIMITS, ...settings.limits } },
    connectTimeoutMs: settings.connectTimeoutMs ?? 10_000,
    onlineTimeoutMs: settings.onlineTimeoutMs ?? 20_000,
    closeTimeoutMs: settings.closeTimeoutMs ?? 1_000,
    keepAliveQuietMs: settings.keepAliveQuietMs ?? 15_000,
    maxUnsentBytes: settings.maxUnsentBytes ?? 4 * 1024 * 1024,
    maxUnacked: 10_000,
    maxUnackedCharacters: 8 * 1024 * 1024,
    log: settings.log ?? silentLogger,
    clock: settings.clock ?? systemClock,
    random: settings.random,
  };
}
