// The port to the messages that a server keeps for the own account: read one by one, before they are sent. docs/offline.md is the guide.

import { hasBrand } from "../brand.js";

const OFFLINE_MESSAGES = Symbol.for("jabber-rpc.OfflineMessages");
const OFFLINE_ERROR = Symbol.for("jabber-rpc.OfflineError");

/**
 * `offline`: the messages that the server keeps until they are read (XEP-0013). `archive`: a server without that, but with an
 * archive of all messages (XEP-0313), where what others have written is read and nothing can be removed.
 */
export type OfflineSource = "offline" | "archive";

/** What a list tells of a message. */
export interface OfflineHeader {
  /** The server's own; it means something to that server only. */
  readonly id: string;
  /** The full address of the sender. */
  readonly from: string;
  /** When it was written; XEP-0013 tells only with the message itself. */
  readonly stamp?: Date;
}

/** A message. */
export interface OfflineMessage extends OfflineHeader {
  /** `normal` or `chat`. */
  readonly type: string;
  readonly body?: string;
  readonly subject?: string;
  readonly thread?: string;
  /** The whole stanza, with all that is not shown here. */
  readonly xml: string;
}

/**
 * Why something could not be done: there is no such message; the server has nothing that can do it; the server refuses; there is
 * more than the limits allow to read at once; or what came cannot be told apart from a forgery.
 */
export type OfflineErrorCode = "not-found" | "unsupported" | "refused" | "too-much" | "ambiguous";

/** The server could not or would not. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
  readonly [OFFLINE_ERROR] = true;
  readonly code: OfflineErrorCode;

  constructor(code: OfflineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True for an error of this class, also of another copy of the package. */
  static is(error: unknown): error is OfflineError {
    return hasBrand(error, OFFLINE_ERROR);
  }
}

/**
 * The messages that wait for the own account. Reading removes nothing. Every function rejects with {@link OfflineError}, or with
 * `CallTimeout` or `Disconnected` when the server does not answer.
 */
export abstract class OfflineMessages {
  readonly [OFFLINE_MESSAGES] = true;

  /** Where messages are read from. Rejects with `unsupported` when the server has neither. */
  abstract source(): Promise<OfflineSource>;
  /** How many there are; in an archive among the newest, as many as the limit `offlineReadMessages` says. */
  abstract count(): Promise<number>;
  /** What there is, the oldest first. */
  abstract list(): Promise<readonly OfflineHeader[]>;
  /** One message by its id. */
  abstract show(id: string): Promise<OfflineMessage>;
  /** All messages, the oldest first. */
  abstract fetch(): Promise<readonly OfflineMessage[]>;
  /** Removes messages by their ids: all of them, or none and `not-found`. An archive refuses with `unsupported`. */
  abstract remove(ids: readonly string[]): Promise<void>;
  /** Removes all messages. An archive refuses with `unsupported`. */
  abstract purge(): Promise<void>;
}
