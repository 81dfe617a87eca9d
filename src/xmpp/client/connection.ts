// One connection of a client link, from the socket to the end of its stream (RFC 6120 §4 to §7). It never comes back: a link that
// reconnects makes a new one.

import { type Jid, parseJid } from "../../jid.js";
import { element as encodeElement, textOf, type XmlElement, type XmlError, type XmlLimits, type XmlText } from "../../xml/index.js";
import { LinkError, type OversizeStanza } from "../link.js";
import type { Clock } from "./clock.js";
import { brokenXmlEnd, type ConnectionEnd, isStreamError, messageOf, readBindFailure, readSaslFailure, readStreamError, thrownEnd } from "./connection-end.js";
import { NS_SASL, NS_STREAM, NS_TLS, narrowFeatures, planFeatures } from "./features.js";
import { createLibraryClient, type LibraryClient } from "./library-client.js";
import { type Credentials, createMechanism, type Mechanism } from "./mechanisms.js";
import { StreamReader } from "./stream-reader.js";
import type { SocketParameters, StreamSocket } from "./stream-socket.js";

const NS_CLIENT = "jabber:client";
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
  #phase: Phase = "connecting";
  #cancelTimer: () => void;
  #mechanism: Mechanism | undefined;
  #isAuthenticated = false;
  #awaitsProceed = false;
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
        this.#mechanism = createMechanism(name, options.credentials);
        return this.#mechanism;
      },
      onData: (chunk) => {
        this.#events.received();
        this.#reader.write(chunk);
      },
      onError: (error) => this.#failNegotiation(error),
      onOnline: (jid) => this.#goOnline(jid),
    });
    this.#socket = this.#library.socket;
    this.#socket.on("error", (error: Error) => this.#end(thrownEnd(error, "connect-failed")));
    this.#socket.on("close", () => this.#end(thrownEnd(new Error("the server closed the connection"), "stream-error")));
    this.#cancelTimer = this.#deadline(options.connectTimeoutMs, "no connection");
    void this.#negotiate();
  }

  /** Writes a stanza. False when the connection is not online, or more than `maxUnsentBytes` wait for the network. */
  send(stanza: XmlText): boolean {
    if (this.#phase !== "online" || this.#socket.unsentBytes >= this.#options.maxUnsentBytes) return false;
    this.#socket.write(stanza);
    return true;
  }

  /** Closes the stream, waits a little for the server to do the same, then closes the socket. Resolves when all is over. */
  close(error: LinkError): Promise<void> {
    const over = this.#phase === "ended" ? Promise.resolve() : new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    if (this.#phase === "online") {
      this.#phase = "closing";
      this.#socket.write(STREAM_END);
      this.#cancelTimer = this.#options.clock.after(this.#options.closeTimeoutMs, () => this.#end({ error, pace: "normal" }));
    } else if (this.#phase !== "closing") {
      this.#end({ error, pace: "normal" });
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
      this.#library.deliverHeader(root);
    }
  }

  #readElement(element: XmlElement): void {
    if (isStreamError(element)) {
      this.#socket.write(STREAM_END);
      this.#end(readStreamError(element));
    } else if (this.#phase === "online") {
      this.#events.stanza(element);
    } else if (this.#phase === "negotiating") {
      this.#readNegotiation(element);
    }
  }

  #readNegotiation(element: XmlElement): void {
    if (element.ns === NS_STREAM && element.name === "features") {
      this.#readFeatures(element);
    } else if (element.ns === NS_TLS && this.#awaitsProceed) {
      this.#awaitsProceed = false;
      if (element.name === "proceed") void this.#encrypt();
      else this.#end(failedEnd("tls-failed", "the server refused STARTTLS"));
    } else if (element.ns === NS_SASL && this.#mechanism !== undefined && !this.#isAuthenticated) {
      this.#readSasl(element, this.#mechanism);
    } else if (element.ns === NS_CLIENT && this.#isAuthenticated && isReply(element)) {
      this.#readBindReply(element);
    } else {
      this.#refuse("unsupported-stanza-type", `unexpected <${element.name}/> during the negotiation`);
    }
  }

  #readFeatures(features: XmlElement): void {
    const { tls } = this.#options.socket;
    const step = planFeatures(features, {
      isAuthenticated: this.#isAuthenticated,
      isEncrypted: this.#socket.secure,
      isLoopback: this.#socket.isLoopback,
      verifiesTls: tls.insecure !== true,
      prefersTls: tls.ca !== undefined || tls.insecure === true,
      allowsPlaintext: this.#options.allowPlaintext,
    });
    if (step.step === "fail") {
      this.#end(thrownEnd(step.error, "stream-error"));
    } else if (step.step === "starttls") {
      this.#awaitsProceed = true;
      this.#socket.write(encodeElement("starttls", { xmlns: NS_TLS }));
    } else {
      this.#library.deliver(narrowFeatures(step));
    }
  }

  async #encrypt(): Promise<void> {
    // Bytes after <proceed/> were not encrypted, yet would be read as if they had been (RFC 6120 §5.4.3.3).
    if (this.#reader.hasUnread) {
      this.#end(failedEnd("tls-failed", "the server sent bytes between <proceed/> and TLS"));
      return;
    }
    try {
      this.#reader.restart();
      await this.#socket.startTls();
      await this.#library.restartStream();
    } catch (error) {
      this.#failNegotiation(error);
    }
  }

  #readSasl(element: XmlElement, mechanism: Mechanism): void {
    if (element.name === "failure") {
      this.#end(readSaslFailure(element));
      return;
    }
    if (element.name === "success") {
      try {
        mechanism.success(atob(textOf(element).replace(/^=$/, "")));
      } catch (error) {
        this.#end(failedEnd("authentication-failed", messageOf(error)));
        return;
      }
      this.#isAuthenticated = true;
      this.#reader.restart();
    }
    this.#library.deliver(element);
  }

  #readBindReply(iq: XmlElement): void {
    if (iq.attrs.type === "error") {
      this.#end(readBindFailure(iq));
    } else {
      // The library reads it a little later; the stanzas that came with it are for the listener, after `online`.
      this.#reader.pause();
      this.#library.deliver(iq);
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
    this.#socket.write(
      encodeElement("stream:error", {}, encodeElement(condition, { xmlns: "urn:ietf:params:xml:ns:xmpp-streams" })) + STREAM_END,
    );
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
    this.#events.online(jid, { mechanism: this.#mechanism?.name ?? "", encrypted: this.#socket.secure });
    this.#reader.resume();
  }

  #failNegotiation(error: unknown): void {
    if (this.#phase !== "connecting" && this.#phase !== "negotiating") return;
    // The library and our mechanisms throw errors of many kinds; before `success` they are about the authentication.
    const isAuthenticating = this.#mechanism !== undefined && !this.#isAuthenticated;
    this.#end(thrownEnd(error, isAuthenticating ? "authentication-failed" : "stream-error"));
  }

  #end(end: ConnectionEnd): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#cancelTimer();
    this.#reader.stop();
    this.#library.release(end.error);
    const closed = this.#socket.finish(this.#options.closeTimeoutMs);
    this.#events.ended(end);
    for (const resolve of this.#whenEnded) void closed.then(resolve);
  }
}

function failedEnd(code: LinkError["code"], message: string): ConnectionEnd {
  return thrownEnd(new LinkError(code, message), code);
}

function isReply(element: XmlElement): boolean {
  return element.name === "iq" && (element.attrs.type === "result" || element.attrs.type === "error");
}
