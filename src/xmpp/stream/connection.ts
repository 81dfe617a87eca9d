// One connection, from the socket to the end of its stream (RFC 6120 §4). It never comes back: a link that reconnects makes a new one.

import { type Jid, parseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import {
  element as encodeElement,
  type XmlElement,
  type XmlError,
  type XmlLimits,
  type XmlText,
} from "../../xml/index.js";
import { LinkError, type OversizeStanza } from "../link.js";
import type { Clock } from "./clock.js";
import { brokenXmlEnd, type ConnectionEnd, isStreamError, thrownEnd } from "./connection-end.js";
import { NS_STREAM, NS_STREAM_ERRORS } from "./namespaces.js";
import type { Opened, Opening, OpeningHost } from "./opening.js";
import { StreamReader } from "./stream-reader.js";
import { StreamSocket } from "./stream-socket.js";

const STREAM_END = "</stream:stream>";

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly createOpening: (host: OpeningHost) => Opening;
  /** What the server's `<stream:error/>` means. */
  readonly readStreamError: (error: XmlElement) => ConnectionEnd;
  /** Limits of the server's stanzas until the link is online, and after. */
  readonly limits: { readonly negotiating: XmlLimits; readonly online: XmlLimits };
  readonly connectTimeoutMs: number;
  readonly onlineTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxUnsentBytes: number;
  readonly clock: Clock;
}

/** A connection that is online. */
export interface Online {
  readonly jid: Jid;
  readonly mechanism: string;
  readonly encrypted: boolean;
  readonly management: Opened["management"];
}

/** What a connection tells its link. After `ended`, which comes exactly once, it says nothing more. */
export interface ConnectionEvents {
  online(online: Online): void;
  /** Bytes came in. */
  received(): void;
  element(element: XmlElement): void;
  oversize(stanza: OversizeStanza): void;
  /** `send` takes stanzas again after it had refused one for `maxUnsentBytes`. */
  drained(): void;
  ended(end: ConnectionEnd): void;
}

type Phase = "connecting" | "negotiating" | "online" | "closing" | "ended";

/** Starts to connect when it is made. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #socket = new StreamSocket();
  readonly #reader: StreamReader;
  readonly #opening: Opening;
  #phase: Phase = "connecting";
  #cancelTimer: () => void;
  /** A stanza was refused because too much waits for the network. */
  #isFull = false;
  /** Why `close` was called; then the end has this reason, however the server takes it. */
  #closing: ConnectionEnd | undefined;
  readonly #whenEnded: (() => void)[] = [];

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#reader = new StreamReader(options.limits.negotiating, {
      header: (root) => this.#readHeader(root),
      element: (element) => this.#readElement(element),
      oversize: (stanza) => this.#readOversize(stanza),
      footer: () => this.#readFooter(),
      broken: (error) => this.#readBroken(error),
    });
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#events.received();
      this.#reader.write(chunk);
    });
    this.#opening = options.createOpening({
      socket: this.#socket,
      reader: this.#reader,
      opened: (opened) => this.#goOnline(opened),
      failed: (thrown) => this.#failOpening(thrown),
      end: (end) => this.#end(end),
      refuse: (condition, message) => this.refuse(condition, message),
    });
    this.#socket.on("error", (error: Error) => this.#end({ ...thrownEnd(error, "connect-failed"), isCut: true }));
    this.#socket.on("close", () => {
      this.#end({ ...thrownEnd(new Error("the server closed the connection"), "stream-error"), isCut: true });
    });
    this.#cancelTimer = this.#deadline(options.connectTimeoutMs, "no connection");
    void this.#open();
  }

  /** Writes a stanza. False when the connection is not online, or `maxUnsentBytes` or more wait for the network. */
  send(stanza: XmlText): boolean {
    if (this.#socket.unsentBytes < this.#options.maxUnsentBytes) return this.sendAnyway(stanza);
    if (!this.#isFull && this.#phase === "online") {
      this.#isFull = true;
      this.handedOver().then(
        () => this.#drain(),
        () => undefined,
      );
    }
    return false;
  }

  /** The same for what the link itself says, which is small and has to get through also then. */
  sendAnyway(text: XmlText): boolean {
    if (this.#phase !== "online") return false;
    this.#socket.write(text);
    return true;
  }

  /** Resolves when all that was sent is with this machine's network, which is no proof that the server has it. */
  handedOver(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write("", (error) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Says the last words, closes the stream, waits a little for the server to do the same, then closes the socket. Resolves when all is
   * over.
   */
  close(error: LinkError, lastWords = ""): Promise<void> {
    const over =
      this.#phase === "ended" ? Promise.resolve() : new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    const end: ConnectionEnd = { error, pace: "normal" };
    if (this.#phase === "online") {
      this.#phase = "closing";
      this.#closing = end;
      this.#socket.write(lastWords + STREAM_END);
      this.#cancelTimer = this.#options.clock.after(this.#options.closeTimeoutMs, () => this.#end(end));
    } else if (this.#phase !== "closing") {
      this.#end(end);
    }
    return over;
  }

  /** Ends it at once: the other side is gone. */
  abandon(error: LinkError): void {
    this.#end({ error, pace: "normal", isCut: true });
  }

  async #open(): Promise<void> {
    try {
      await this.#opening.connect();
      if (this.#phase !== "connecting") return;
      this.#cancelTimer();
      this.#phase = "negotiating";
      this.#cancelTimer = this.#deadline(this.#options.onlineTimeoutMs, "the server did not complete the negotiation");
      await this.#opening.open();
    } catch (error) {
      this.#failOpening(error);
    }
  }

  #deadline(delayMs: number, what: string): () => void {
    return this.#options.clock.after(delayMs, () =>
      this.#end({ error: new LinkError("timeout", `${what} within ${delayMs} ms`), pace: "normal" }),
    );
  }

  #drain(): void {
    this.#isFull = false;
    if (this.#phase === "online") this.#events.drained();
  }

  #readHeader(root: XmlElement): void {
    if (root.name !== "stream" || root.ns !== NS_STREAM) {
      this.refuse("invalid-namespace", `the server's stream begins with <${root.name} xmlns='${root.ns}'>`);
    } else if (this.#phase === "negotiating") {
      this.#opening.readHeader(root);
    }
  }

  #readElement(element: XmlElement): void {
    if (isStreamError(element)) {
      this.#socket.write(STREAM_END);
      this.#end(this.#options.readStreamError(element));
    } else if (this.#phase === "online") {
      this.#events.element(element);
    } else if (this.#phase === "negotiating") {
      this.#opening.readElement(element);
    }
  }

  #readOversize(stanza: OversizeStanza): void {
    if (this.#phase === "online") this.#events.oversize(stanza);
    else this.refuse("policy-violation", `<${stanza.head.name}/> during the negotiation is over ${stanza.limit}`);
  }

  #readFooter(): void {
    if (this.#phase !== "closing") this.#socket.write(STREAM_END);
    this.#end(thrownEnd(new Error("the server closed the stream"), "stream-error"));
  }

  #readBroken(error: XmlError): void {
    this.#writeStreamError(error.condition);
    this.#end(brokenXmlEnd(error));
  }

  /** Ends it with a stream error: the other side broke the protocol. */
  refuse(condition: string, message: string, application = ""): void {
    this.#writeStreamError(condition, application);
    this.#end({ error: new LinkError("stream-error", message), pace: "normal" });
  }

  #writeStreamError(condition: string, application = ""): void {
    const known = encodeElement(condition, { xmlns: NS_STREAM_ERRORS });
    this.#socket.write(`<stream:error>${known}${application}</stream:error>${STREAM_END}`);
  }

  #goOnline({ address, mechanism, management }: Opened): void {
    if (this.#phase !== "negotiating") return;
    let jid: Jid;
    try {
      jid = parseJid(address);
    } catch (error) {
      this.refuse("undefined-condition", `the server assigned no valid address: ${messageOf(error)}`);
      return;
    }
    this.#cancelTimer();
    this.#phase = "online";
    this.#reader.setLimits(this.#options.limits.online);
    this.#events.online({ jid, mechanism, management, encrypted: this.#socket.secure });
    this.#reader.resume();
  }

  #failOpening(thrown: unknown): void {
    if (this.#phase === "connecting" || this.#phase === "negotiating") this.#end(this.#opening.endOf(thrown));
  }

  #end(reason: ConnectionEnd): void {
    if (this.#phase === "ended") return;
    const end = this.#closing ?? reason;
    this.#phase = "ended";
    this.#cancelTimer();
    this.#reader.stop();
    this.#opening.release(end.error);
    const closed = this.#socket.finish(this.#options.closeTimeoutMs);
    this.#events.ended(end);
    for (const resolve of this.#whenEnded) void closed.then(resolve);
  }
}
