// The interface between a stream to the outside and everything that lives on it. Who implements it: memory-network, client-link, component-link, standalone.

import { hasBrand } from "../brand.js";
import type { Jid } from "../jid.js";
import type { XmlElement, XmlText } from "../xml/index.js";
import type { OfflineStore } from "./standalone/offline/offline-store.js";

/** How a link attaches to the XMPP network. */
export type LinkMode = "memory" | "client" | "component" | "standalone";

/** A stanza that went past a limit and was skipped while it was scanned (contract: the link itself goes on). */
export interface OversizeStanza {
  /** Name, namespace and attributes of the stanza, without its children. */
  readonly head: XmlElement;
  /** The limit it broke, for people: `262144 bytes`. */
  readonly limit: string;
}

/** What a link tells its owner. No method may throw. */
export interface LinkListener {
  /** One complete stanza (iq, message or presence), in stream order. */
  stanza(element: XmlElement): void;
  oversize(stanza: OversizeStanza): void;
  /** The link is usable under `jid`; again after every reconnect. */
  online(jid: Jid): void;
  /** The link is lost: what was sent and not answered has an unknown outcome. A link that reconnects says `online` later. */
  offline(reason: string): void;
  /**
   * The link is down, but what was sent may still be answered: next comes `resumed`, or `offline` when that is not to be. Until then
   * `send` takes nothing. Only links that can go on with a session on another connection say so.
   */
  suspended?(reason: string): void;
  /** `send` takes stanzas again: after `suspended`, or after it had refused one because too much waited for the network. */
  resumed?(): void;
}

/** A connection that carries stanzas. It hides how it authenticates, encrypts, reconnects and keeps alive. */
export interface Link {
  readonly mode: LinkMode;
  /** The address this side is reached at; undefined before the first `online`. */
  readonly jid: Jid | undefined;
  readonly isOnline: boolean;
  /** Every address that this side answers at, when there are more than `jid`. */
  readonly addresses?: readonly string[];
  /**
   * Connects and resolves once online. Rejects with a {@link LinkError} when the first attempt fails; later losses are
   * repaired by the link itself.
   */
  start(listener: LinkListener): Promise<Jid>;
  /** Writes one stanza, in order. Returns false when the link is down or full and the stanza was not taken. Never throws. */
  send(stanza: XmlText): boolean;
  /** Takes what this side's presence holds, such as its capabilities, and shows it as far as the mode has presence. */
  announce?(content: XmlText): void;
  /** Namespaces that the link itself serves at `jid`, for service discovery. */
  readonly features?: readonly string[];
  /** Takes where messages for absent accounts are kept, before the start; only links that have accounts. */
  keepOffline?(store: OfflineStore): void;
  /** Resolves when all that was sent so far is known to be with the other side; rejects when the link is lost before. */
  flushed(): Promise<void>;
  /** Closes the stream and the connection; may be called twice. */
  stop(): Promise<void>;
}

/** Why a link could not be started, or ended for good. */
export type LinkErrorCode =
  | "connect-failed"
  | "listen-failed"
  | "websocket-listen-failed"
  | "authentication-failed"
  | "tls-required"
  | "tls-failed"
  | "stream-error"
  | "timeout"
  | "stopped";

const LINK_ERROR = Symbol.for("jabber-rpc.LinkError");

/** The link could not come up; `code` says in which phase. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly [LINK_ERROR] = true;
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static is(error: unknown): error is LinkError {
    return hasBrand(error, LINK_ERROR);
  }
}
