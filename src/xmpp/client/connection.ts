// One connection of a client link, from the socket to the end of its stream (RFC 6120 §4 to §7). It never comes back: a link that
// reconnects makes a new one.

import { type Jid, parseJid } from "../../jid.js";
import {
  element as encodeElement,
  type XmlElement,
  type XmlError,
  type XmlLimits,
  type XmlText,
} from "../../xml/index.js";
import { LinkError, type OversizeStanza } from "../link.js";
import type { Clock } from "./clock.js";
import {
  brokenXmlEnd,
  type ConnectionEnd,
  isStreamError,
  messageOf,
  NS_STREAM_ERRORS,
  readStreamError,
  thrownEnd,
} from "./connection-end.js";
import { NS_STREAM } from "./features.js";
import { createLibraryClient, type LibraryClient } from "./library-client.js";
import { type Credentials, createMechanism } from "./mechanisms.js";
import { Negotiation } from "./negotiation.js";
import { StreamReader } from "./stream-reader.js";
import type { SocketParameters, StreamSocket } from "./stream-socket.js";

const STREAM_END = "</stream:stream>";

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly socket: SocketParameters;
  readonly credentials: Credentials;
  readonly resource: string;
  readonly allowPlaintext: boolean;
  /** Limits of the server's stanzas until the resource is bound, and after. */
  readonly limits: { readonly negotiating: XmlLimits; readonly online: XmlLimits };
  readonly connectTimeoutMs: number;
  readonly onlineTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxUnsentBytes: number;
  readonly clock: Clock;
}

/** How a connection was secured, for the log. */
export interface ConnectionSecurity {
  readonly mechanism: string;
  readonly encrypted: boolean;
}

/** What a connection tells its link. After `ended`, which comes exactly once, it says nothing more. */
export interface ConnectionEvents {
  online(jid: Jid, security: ConnectionSecurity): void;
  /** Bytes came in. */
  received(): void;
  stanza(element: XmlElement): void;
  oversize(stanza: OversizeStanza): void;
  ended(end: ConnectionEnd): void;
}

type Phase = "connecting" | "negotiating" | "online" | "closing" | "ended";

/** Starts to connect when it is made. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #library: LibraryClient;
  readonly #socket: StreamSocket;
  readonly #reader: StreamReader;
  readonly #negotiation: Negotiation;
  #phase: Phase = "connecting";
  #cancelTimer: () => void;
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
    this.#library = createLibraryClient({
      socket: options.socket,
      resource: options.resource,
      timeoutMs: options.onlineTimeoutMs,
      createMechanism: (name) => {
        const mechanism = createMechanism(name, options.credentials);
        this.#negotiation.useMechanism(mechanism);
        return mechanism;
      },
      onData: (chunk) => {
        this.#events.received();
        this.#reader.write(chunk);
      },
      onError: (error) => this.#failNegotiation(error),
      onOnline: (jid) => this.#goOnline(jid),
    });
    const { tls } = options.socket;
    this.#negotiation = new Negotiation({
      library: this.#library,
      reader: this.#reader,
      verifiesTls: tls.insecure !== true,
      prefersTls: tls.ca !== undefined || tls.insecure === true,
      allowsPlaintext: options.allowPlaintext,
      end: (end) => this.#end(end),
      refuse: (condition, message) => this.#refuse(condition, message),
    });
    this.#socket = this.#library.socket;
    this.#socket.on("error", (error: Error) => this.#end(thrownEnd(error, "connect-failed")));
    this.#socket.on("close", () => this.#end(thrownEnd(new Error("the server closed the connection"), "stream-error")));
    this.#cancelTimer = this.#deadline(options.connectTimeoutMs, "no connection");
    void this.#negotiate();
  }

  /** Writes a stanza. False when the connection is not online, or `maxUnsentBytes` or more wait for the network. */
  send(stanza: XmlText): boolean {
    return this.#socket.unsentBytes < this.#options.maxUnsentBytes && this.sendPing(stanza);
  }

  /** The same for the link's own pings, which are small and have to get through also then. */
  sendPing(stanza: XmlText): boolean {
    if (this.#phase !== "online") return false;
    this.#socket.write(stanza);
    return true;
  }

  /** Closes the stream, waits a little for the server to do the same, then closes the socket. Resolves when all is over. */
  close(error: LinkError): Promise<void> {
    const over =
      this.#phase === "ended" ? Promise.resolve() : new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    const end: ConnectionEnd = { error, pace: "normal" };
    if (this.#phase === "online") {
      this.#phase = "closing";
      this.#closing = end;
      this.#socket.write(STREAM_END);
      this.#cancelTimer = this.#options.clock.after(this.#options.closeTimeoutMs, () => this.#end(end));
    } else if (this.#phase !== "closing") {
      this.#end(end);
    }
    return over;
  }

  /** Ends it at once: the other side is gone. */
  abandon(error: LinkError): void {
    this.#end({ error, pace: "normal" });
  }

  async #negotiate(): Promise<void> {
    try {
      await this.#library.connect();
      this.#cancelTimer();
      if (this.#phase !== "connecting") return;
      this.#phase = "negotiating";
      this.#cancelTimer = this.#deadline(this.#options.onlineTimeoutMs, "the server did not complete the negotiation");
      await this.#library.openStream();
    } catch (error) {
      this.#failNegotiation(error);
    }
  }

  #deadline(delayMs: number, what: string): () => void {
    return this.#options.clock.after(delayMs, () =>
      this.#end({ error: new LinkError("timeout", `${what} within ${delayMs} ms`), pace: "normal" }),
    );
  }

  #readHeader(root: XmlElement): void {
    if (root.name !== "stream" || root.ns !== NS_STREAM) {
      this.#refuse("invalid-namespace", `the server's stream begins with <${root.name} xmlns='${root.ns}'>`);
    } else if (this.#phase === "negotiating") {
      this.#negotiation.readHeader(root);
    }
  }

  #readElement(element: XmlElement): void {
    if (isStreamError(element)) {
      this.#socket.write(STREAM_END);
      this.#end(readStreamError(element));
    } else if (this.#phase === "online") {
      this.#events.stanza(element);
    } else if (this.#phase === "negotiating") {
      this.#negotiation.readElement(element);
    }
  }

  #readOversize(stanza: OversizeStanza): void {
    if (this.#phase === "online") this.#events.oversize(stanza);
    else this.#refuse("policy-violation", `<${stanza.head.name}/> during the negotiation is over ${stanza.limit}`);
  }

  #readFooter(): void {
    if (this.#phase !== "closing") this.#socket.write(STREAM_END);
    this.#end(thrownEnd(new Error("the server closed the stream"), "stream-error"));
  }

  #readBroken(error: XmlError): void {
    this.#writeStreamError(error.condition);
    this.#end(brokenXmlEnd(error));
  }

  #refuse(condition: string, message: string): void {
    this.#writeStreamError(condition);
    this.#end({ error: new LinkError("stream-error", message), pace: "normal" });
  }

  #writeStreamError(condition: string): void {
    const error = encodeElement("stream:error", {}, encodeElement(condition, { xmlns: NS_STREAM_ERRORS }));
    this.#socket.write(error + STREAM_END);
  }

  #goOnline(assigned: string): void {
    if (this.#phase !== "negotiating") return;
    let jid: Jid;
    try {
      jid = parseJid(assigned);
    } catch (error) {
      this.#refuse("undefined-condition", `the server assigned no valid address: ${messageOf(error)}`);
      return;
    }
    this.#cancelTimer();
    this.#phase = "online";
    this.#reader.setLimits(this.#options.limits.online);
    this.#events.online(jid, { mechanism: this.#negotiation.mechanism ?? "", encrypted: this.#socket.secure });
    this.#reader.resume();
  }

  #failNegotiation(error: unknown): void {
    if (this.#phase === "connecting" || this.#phase === "negotiating") this.#negotiation.readThrown(error);
  }

  #end(reason: ConnectionEnd): void {
    if (this.#phase === "ended") return;
    const end = this.#closing ?? reason;
    this.#phase = "ended";
    this.#cancelTimer();
    this.#reader.stop();
    this.#library.release(end.error);
    const closed = this.#socket.finish(this.#options.closeTimeoutMs);
    this.#events.ended(end);
    for (const resolve of this.#whenEnded) void closed.then(resolve);
  }
}
