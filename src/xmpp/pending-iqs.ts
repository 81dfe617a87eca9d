// Requests that wait for their answer, matched by id and by sender (RFC 6120 §8.1.3, §8.2.3).

import { type Jid, tryParseJid } from "../jid.js";
import type { XmlElement } from "../xml/index.js";
import { CallTimeout, Disconnected } from "./call-errors.js";
import { readStanzaError } from "./stanza-error.js";

/** How long and how far a request may go. */
export interface RequestOptions {
  /** How long to wait for the answer. Default 30 000 ms. */
  readonly timeoutMs?: number;
  /** Ends the wait; the promise rejects with the signal's reason. The peer is not told: XMPP has no cancel. */
  readonly signal?: AbortSignal;
  /**
   * Sees each result that arrives; answering a number of milliseconds means "not the answer yet, wait that long from
   * now" (a peer that extends its deadline), anything else takes it as the answer.
   */
  readonly extend?: (result: XmlElement) => number | undefined;
}

interface Pending {
  readonly to: Jid | undefined;
  readonly toText: string;
  readonly extend: RequestOptions["extend"];
  resolve(result: XmlElement): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
  readonly unlisten: (() => void) | undefined;
}

export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** The table of one link's outgoing requests. */
export class PendingIqs {
  readonly #pending = new Map<string, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  /** Registers a request that is about to be sent under `id`. `to` is undefined for the own account. */
  wait(id: string, to: Jid | undefined, toText: string, options: RequestOptions): Promise<XmlElement> {
    const { timeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, signal, extend } = options;
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#take(id)?.reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#pending.set(id, {
        to,
        toText,
        extend,
        resolve,
        reject,
        timer: this.#timer(id, toText, timeoutMs),
        unlisten: signal && (() => signal.removeEventListener("abort", onAbort)),
      });
    });
  }

  /**
   * Takes an answer to the request it belongs to. Answers to nothing, or from somebody who was not asked, are left
   * alone: false is returned and the request goes on waiting.
   */
  settle(id: string, fromText: string | undefined, stanza: XmlElement, own: Jid | undefined): boolean {
    const pending = this.#expected(id, fromText, own);
    if (pending === undefined) return false;
    if (stanza.attrs["type"] === "error") {
      this.#take(id)?.reject(readStanzaError(stanza));
      return true;
    }
    const extendedMs = pending.extend?.(stanza);
    if (extendedMs !== undefined) {
      clearTimeout(pending.timer);
      pending.timer = this.#timer(id, pending.toText, extendedMs);
      return true;
    }
    this.#take(id)?.resolve(stanza);
    return true;
  }

  /** Ends a request whose answer came from the right sender but cannot be used. */
  refuse(id: string, fromText: string | undefined, own: Jid | undefined, error: unknown): void {
    if (this.#expected(id, fromText, own) !== undefined) this.reject(id, error);
  }

  /** Ends one request, if it still waits. */
  reject(id: string, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** Ends every request: the link is gone, and whether they ran is unknown. */
  disconnect(reason: string): void {
    for (const id of this.#pending.keys()) this.reject(id, new Disconnected(reason, true));
  }

  #expected(id: string, fromText: string | undefined, own: Jid | undefined): Pending | undefined {
    const pending = this.#pending.get(id);
    return pending !== undefined && isFromAsked(pending.to, fromText, own) ? pending : undefined;
  }

  #timer(id: string, toText: string, timeoutMs: number): NodeJS.Timeout {
    return setTimeout(() => this.reject(id, new CallTimeout(toText, timeoutMs)), timeoutMs);
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.unlisten?.();
    return pending;
  }
}

/** RFC 6120 §10.3.3: what is sent without an address is answered by the own account, or for it by its server. */
function isFromAsked(asked: Jid | undefined, fromText: string | undefined, own: Jid | undefined): boolean {
  const from = tryParseJid(fromText);
  const forOwnAccount = asked === undefined || asked.full === own?.bare;
  if (from === undefined) return fromText === undefined && forOwnAccount;
  if (asked !== undefined && from.full === asked.full) return true;
  return asked === undefined && own !== undefined && [own.bare, own.full, own.domain].includes(from.full);
}
