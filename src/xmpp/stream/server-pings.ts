// Pings of ours to the server (XEP-0199): the proof that what was sent before has arrived, and that the server still lives.

import { randomUUID } from "node:crypto";
import { element, type XmlElement, type XmlText } from "../../xml/index.js";
import { LinkError } from "../link.js";

interface Waiter {
  resolve(): void;
  reject(error: LinkError): void;
}

/** Between whom pings go. */
export interface PingAddresses {
  readonly to: string;
  /** Written only where nobody stamps it. */
  readonly from?: string;
  /** Who may answer beside `to`; an answer without a sender is the server's own. */
  readonly alsoFrom?: string;
}

/** What {@link ServerPings} needs; one object a connection. */
export interface ServerPingsOptions extends PingAddresses {
  readonly send: (stanza: XmlText) => boolean;
}

/**
 * A server answers in the order of the stream, so the answer to a ping confirms all that was sent before it. Whoever asks while a ping
 * is on its way shares the next one.
 */
export class ServerPings {
  readonly #options: ServerPingsOptions;
  readonly #pending = new Map<string, Waiter[]>();
  #next: Waiter[] = [];
  #isConfirming = false;

  constructor(options: ServerPingsOptions) {
    this.#options = options;
  }

  /** Sends a ping that nobody waits for: any byte in return will do. */
  ping(): void {
    this.#sendPing([]);
  }

  /** Resolves when all that was sent before is with the server; rejects with {@link LinkError} when the connection ends first. */
  confirm(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next.push({ resolve, reject });
      if (this.#isConfirming) return;
      this.#isConfirming = true;
      // The callers of one turn share a ping also when they ask one after the other.
      queueMicrotask(() => this.#confirmNext());
    });
  }

  /** True when `stanza` was the answer to a ping of ours; then it is nobody else's. Any answer counts, also an error. */
  take(stanza: XmlElement): boolean {
    const { id, type, from } = stanza.attrs;
    if (stanza.name !== "iq" || id === undefined || (type !== "result" && type !== "error")) return false;
    const waiters = this.#pending.get(id);
    const { to, alsoFrom } = this.#options;
    if (waiters === undefined || (from !== undefined && from !== to && from !== alsoFrom)) return false;
    this.#pending.delete(id);
    for (const waiter of waiters) waiter.resolve();
    if (waiters.length > 0) this.#confirmNext();
    return true;
  }

  /** The connection is over: everybody who waits is told. */
  end(error: LinkError): void {
    const waiters = [...this.#pending.values(), this.#next].flat();
    this.#pending.clear();
    this.#next = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  #confirmNext(): void {
    const waiters = this.#next;
    this.#next = [];
    this.#isConfirming = waiters.length > 0;
    if (waiters.length === 0 || this.#sendPing(waiters)) return;
    this.#isConfirming = false;
    for (const waiter of waiters)
      waiter.reject(new LinkError("stream-error", "the ping that confirms could not be sent"));
  }

  #sendPing(waiters: Waiter[]): boolean {
    const id = randomUUID();
    const { to, from, send } = this.#options;
    const stanza = element("iq", { type: "get", id, to, from }, element("ping", { xmlns: "urn:xmpp:ping" }));
    if (!send(stanza)) return false;
    this.#pending.set(id, waiters);
    return true;
  }
}
