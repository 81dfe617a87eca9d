// Stream management: who has received what, and what has to be sent again on the next connection (XEP-0198). No socket, no time of its own.

import { element as encodeElement, type XmlElement, type XmlText } from "../../xml/index.js";
import { LinkError } from "../link.js";
import type { Clock } from "./clock.js";
import { NS_MANAGEMENT } from "./namespaces.js";

/** What {@link StreamManagement} needs. */
export interface StreamManagementOptions {
  readonly clock: Clock;
  /** Writes to the current connection; what is written while there is none is lost. */
  readonly write: (text: XmlText) => void;
  /** More unacknowledged stanzas, or more characters of them, are not kept: the session cannot be resumed then. */
  readonly maxUnacked: number;
  readonly maxUnackedCharacters: number;
}

/** What the other side did wrong: a stream error ends the connection (XEP-0198 §6). */
export interface ManagementBreach {
  readonly condition: string;
  readonly message: string;
  readonly application: XmlText | "";
}

interface Waiter {
  /** Resolves when so many stanzas of ours are acknowledged. */
  readonly count: number;
  resolve(): void;
  reject(error: LinkError): void;
}

/** An acknowledgement is asked for after so many stanzas or characters, unless one is on its way already. */
const ASK_AFTER_STANZAS = 32;
const ASK_AFTER_CHARACTERS = 65_536;
/** A server that acknowledged less than was asked for is asked again after so long. */
const ASK_AGAIN_MS = 1_000;
const UINT32 = 2 ** 32;

/** One session: from `<enable/>` over all the connections it is resumed on. */
export class StreamManagement {
  readonly #options: StreamManagementOptions;
  #state: "asked" | "on" | "off" = "asked";
  #id: string | undefined;
  #resumeMs: number | undefined;
  #handled = 0;
  /** Counts of our stanzas, never wrapped; on the wire they wrap at 2^32. */
  #sent = 0;
  #acked = 0;
  #unacked: XmlText[] = [];
  #unackedCharacters = 0;
  #keepsUnacked = true;
  /** `#sent` at the last request that was not answered yet. */
  #askedAt: number | undefined;
  #waiters: Waiter[] = [];
  #cancelAskAgain: (() => void) | undefined;

  constructor(options: StreamManagementOptions) {
    this.#options = options;
  }

  /** Asks for a session that can be resumed. What is sent from now on counts. */
  enable(): void {
    this.#options.write(encodeElement("enable", { xmlns: NS_MANAGEMENT, resume: "true" }));
  }

  /** Acknowledgements can be had. */
  get isOn(): boolean {
    return this.#state === "on";
  }

  /** What another connection needs to go on with this session; undefined when it cannot. */
  get resumption(): { readonly id: string; readonly handled: number } | undefined {
    if (this.#state !== "on" || this.#id === undefined || !this.#keepsUnacked) return undefined;
    return { id: this.#id, handled: this.#handled };
  }

  /** So long the server said to keep the session, in milliseconds. */
  get resumeMs(): number | undefined {
    return this.#resumeMs;
  }

  /** How many of our stanzas are not known to be with the server. */
  get unacked(): number {
    return this.#sent - this.#acked;
  }

  /** A stanza of ours was written. */
  sent(stanza: XmlText): void {
    if (this.#state === "off") return;
    this.#sent += 1;
    this.#unackedCharacters += stanza.length;
    if (this.#keepsUnacked) this.#keep(stanza);
    const isMuch = this.unacked >= ASK_AFTER_STANZAS || this.#unackedCharacters >= ASK_AFTER_CHARACTERS;
    if (isMuch && this.#askedAt === undefined) this.ask();
  }

  /** A stanza of the server has arrived. */
  received(): void {
    if (this.#state === "on") this.#handled = (this.#handled + 1) % UINT32;
  }

  /** Asks for an acknowledgement of all that was sent so far. */
  ask(): void {
    if (this.#state !== "on") return;
    this.#askedAt = this.#sent;
    this.#options.write(encodeElement("r", { xmlns: NS_MANAGEMENT }));
  }

  /** The acknowledgement of what we handled, as the last words before the stream is closed. */
  writeAck(): XmlText {
    return encodeElement("a", { xmlns: NS_MANAGEMENT, h: String(this.#handled) });
  }

  /** Resolves when all that was sent before is with the server; rejects when the session ends first. */
  confirm(): Promise<void> {
    if (this.unacked === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ count: this.#sent, resolve, reject });
      // The callers of one turn share a request.
      queueMicrotask(() => this.#askForWaiters());
    });
  }

  /** Takes one element of the server that belongs to stream management. */
  read(element: XmlElement): ManagementBreach | undefined {
    const { name, attrs } = element;
    if (name === "r") {
      if (this.#state === "on") this.#options.write(this.writeAck());
    } else if (name === "a") {
      return this.#state === "on" ? this.#readAck(attrs["h"]) : undefined;
    } else if (name === "enabled" && this.#state === "asked") {
      this.#state = "on";
      this.#readEnabled(attrs);
    } else if (name === "failed" && this.#state === "asked") {
      this.end(new LinkError("stream-error", "the server refused stream management"));
    }
    return undefined;
  }

  /** The session goes on on a new connection: what the server has not handled is written again. */
  resume(handled: string | undefined): ManagementBreach | undefined {
    this.#askedAt = undefined;
    const breach = this.#readAck(handled);
    if (breach !== undefined) return breach;
    for (const stanza of this.#unacked) this.#options.write(stanza);
    this.#askForWaiters();
    return undefined;
  }

  /** The session is over: what is not acknowledged has an unknown outcome. */
  end(error: LinkError): void {
    this.#state = "off";
    this.#unacked = [];
    this.#cancelAskAgain?.();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #keep(stanza: XmlText): void {
    const { maxUnacked, maxUnackedCharacters } = this.#options;
    this.#unacked.push(stanza);
    if (this.#unacked.length <= maxUnacked && this.#unackedCharacters <= maxUnackedCharacters) return;
    this.#keepsUnacked = false;
    this.#unacked = [];
  }

  #readEnabled(attrs: Readonly<Record<string, string>>): void {
    const { id, resume, max } = attrs;
    if (resume === "true" || resume === "1") this.#id = id;
    if (max !== undefined && /^\d{1,9}$/.test(max)) this.#resumeMs = Number(max) * 1_000;
    this.#askForWaiters();
  }

  #readAck(handled: string | undefined): ManagementBreach | undefined {
    if (handled === undefined || !/^\d{1,10}$/.test(handled)) {
      return {
        condition: "undefined-condition",
        message: "the server acknowledged stanzas without saying how many",
        application: "",
      };
    }
    // Wraps as the wire does; an acknowledgement that goes back looks like one of far too many.
    const count = (Number(handled) - (this.#acked % UINT32) + UINT32) % UINT32;
    if (count > this.unacked) return tooMany(handled, this.#sent);
    this.#acked += count;
    for (const stanza of this.#unacked.splice(0, count)) this.#unackedCharacters -= stanza.length;
    if (this.unacked === 0) this.#unackedCharacters = 0;
    this.#settle();
    return undefined;
  }

  #settle(): void {
    while (this.#waiters[0] !== undefined && this.#waiters[0].count <= this.#acked) this.#waiters.shift()?.resolve();
    const askedAt = this.#askedAt;
    if (askedAt === undefined) return;
    this.#askedAt = undefined;
    if (this.#acked >= askedAt) this.#askForWaiters();
    else this.#askAgainLater();
  }

  #askForWaiters(): void {
    if (this.#waiters.length > 0 && this.#askedAt === undefined) this.ask();
  }

  #askAgainLater(): void {
    this.#cancelAskAgain?.();
    this.#cancelAskAgain = this.#options.clock.after(ASK_AGAIN_MS, () => {
      this.#cancelAskAgain = undefined;
      this.#askForWaiters();
    });
  }
}

function tooMany(handled: string, sent: number): ManagementBreach {
  return {
    condition: "undefined-condition",
    message: `the server acknowledged ${handled} stanzas of ${sent}`,
    application: encodeElement("handled-count-too-high", {
      xmlns: NS_MANAGEMENT,
      h: handled,
      "send-count": String(sent % UINT32),
    }),
  };
}
