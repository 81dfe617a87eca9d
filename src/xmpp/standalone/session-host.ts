// Where a session stands, and what it needs of the endpoint it belongs to.

import type { Logger } from "../../observe/index.js";
import type { XmlElement } from "../../xml/index.js";
import type { Channel } from "./channel.js";
import type { StreamOffer } from "./features.js";
import type { StandaloneLimits } from "./limits.js";
import type { SaslExchange, SaslMechanismName } from "./sasl.js";
import type { Seat, SeatHolder } from "./seats.js";

/** Where a session stands. Every element that arrives is judged by this alone. */
export type Phase =
  /** Waits for a stream header; with an account, for the one after authentication. */
  | { readonly at: "header"; readonly account: string | undefined }
  /** Waits for `<starttls/>` or `<auth/>`. */
  | { readonly at: "negotiating" }
  | { readonly at: "securing" }
  | { readonly at: "authenticating"; readonly mechanism: SaslMechanismName; readonly exchange: SaslExchange }
  | { readonly at: "binding"; readonly account: string }
  | { readonly at: "bound"; readonly seat: Seat }
  /** Our stream is closed, the connection not yet; whatever comes is dropped. */
  | { readonly at: "closing"; readonly since: number }
  | { readonly at: "closed" };

/** A session as its endpoint sees it. */
export interface HostedSession extends SeatHolder {
  readonly channel: Channel;
  /** The account that this connection has proved to be. */
  readonly account: string | undefined;
  /** Hands what was written to the system. */
  flush(): void;
  /** The waiting time of the rate limit is over. */
  unpause(): void;
  /** Looks at the time: called now and then. */
  sweep(now: number): void;
}

/** What a session needs of the endpoint it belongs to. */
export interface SessionHost {
  readonly domain: string;
  readonly limits: StandaloneLimits;
  /** The size of a stanza after authentication. */
  readonly maxStanzaBytes: number;
  readonly log: Logger;
  now(): number;
  newId(): string;
  /** Runs that later; the returned function prevents it. */
  after(delayMs: number, run: () => void): () => void;
  /** What may be offered on this channel as it is now. */
  offer(channel: Channel): StreamOffer;
  beginSasl(mechanism: SaslMechanismName): SaslExchange;
  authenticated(session: HostedSession): void;
  /** Gives the session an address, or throws a {@link StanzaError}. */
  bind(session: HostedSession, account: string, resource: string | undefined): Seat;
  /** A stanza of a bound session. */
  route(seat: Seat, stanza: XmlElement): void;
  /** The session is bound no more. */
  unbound(seat: Seat): void;
  /** Output waits: `flush` is to be called when this turn is over. */
  wrote(session: HostedSession): void;
  /** `unpause` is to be called then. */
  paused(session: HostedSession, delayMs: number): void;
  /** The connection is gone. */
  closed(session: HostedSession): void;
}
