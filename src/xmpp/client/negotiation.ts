// What is said between connecting and `online`: features, STARTTLS, SASL, binding (RFC 6120 §4.3, §5, §6, §7). The library speaks most
// of it, but hears only what is expected at that point.

import { element as encodeElement, textOf, type XmlElement } from "../../xml/index.js";
import { LinkError } from "../link.js";
import { type ConnectionEnd, messageOf, readBindFailure, readSaslFailure, thrownEnd } from "./connection-end.js";
import { NS_SASL, NS_STREAM, NS_TLS, narrowFeatures, planFeatures } from "./features.js";
import type { LibraryClient } from "./library-client.js";
import type { Mechanism } from "./mechanisms.js";
import type { StreamReader } from "./stream-reader.js";

const NS_CLIENT = "jabber:client";

/** What a {@link Negotiation} works with, and whom it tells. */
export interface NegotiationOptions {
  readonly library: LibraryClient;
  readonly reader: StreamReader;
  /** See {@link FeatureContext}. */
  readonly verifiesTls: boolean;
  readonly prefersTls: boolean;
  readonly allowsPlaintext: boolean;
  readonly end: (end: ConnectionEnd) => void;
  /** Ends the connection with a stream error. */
  readonly refuse: (condition: string, message: string) => void;
}

/** One a connection, over all its streams until the resource is bound. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #mechanism: Mechanism | undefined;
  #isAuthenticated = false;
  #expects: "header" | "features" | "proceed" | "sasl" | "bind" | "nothing" = "header";

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /** The mechanism that runs or ran. */
  get mechanism(): string | undefined {
    return this.#mechanism?.name;
  }

  /** The library has made this mechanism and will now use it. */
  useMechanism(mechanism: Mechanism): void {
    this.#mechanism = mechanism;
  }

  readHeader(root: XmlElement): void {
    this.#expects = "features";
    this.#options.library.deliverHeader(root);
  }

  readElement(element: XmlElement): void {
    const { name, ns } = element;
    if (this.#expects === "features" && ns === NS_STREAM && name === "features") {
      this.#readFeatures(element);
    } else if (this.#expects === "proceed" && ns === NS_TLS) {
      this.#readTlsAnswer(element);
    } else if (this.#expects === "sasl" && ns === NS_SASL && this.#mechanism !== undefined) {
      this.#readSasl(element, this.#mechanism);
    } else if (this.#expects === "bind" && ns === NS_CLIENT && isReply(element)) {
      this.#readBindReply(element);
    } else {
      this.#options.refuse("unsupported-stanza-type", `unexpected <${name}/> during the negotiation`);
    }
  }

  /** The library or a mechanism threw. Between `<auth/>` and `<success/>` that is about the authentication. */
  readThrown(error: unknown): void {
    this.#options.end(thrownEnd(error, this.#expects === "sasl" ? "authentication-failed" : "stream-error"));
  }

  #readFeatures(features: XmlElement): void {
    const { library, verifiesTls, prefersTls, allowsPlaintext } = this.#options;
    const step = planFeatures(features, {
      isAuthenticated: this.#isAuthenticated,
      isEncrypted: library.socket.secure,
      isLoopback: library.socket.isLoopback,
      verifiesTls,
      prefersTls,
      allowsPlaintext,
    });
    if (step.step === "fail") {
      this.#options.end(thrownEnd(step.error, "stream-error"));
    } else if (step.step === "starttls") {
      this.#expects = "proceed";
      library.socket.write(encodeElement("starttls", { xmlns: NS_TLS }));
    } else {
      this.#expects = step.step === "bind" ? "bind" : "sasl";
      library.deliver(narrowFeatures(step));
    }
  }

  #readTlsAnswer(element: XmlElement): void {
    if (element.name !== "proceed") {
      this.#fail("tls-failed", "the server refused STARTTLS");
    } else if (this.#options.reader.hasUnread) {
      // Those bytes were not encrypted, yet would be read as if they had been (RFC 6120 §5.4.3.3).
      this.#fail("tls-failed", "the server sent bytes between <proceed/> and TLS");
    } else {
      void this.#encrypt();
    }
  }

  async #encrypt(): Promise<void> {
    const { library, reader } = this.#options;
    this.#expects = "header";
    try {
      reader.restart();
      await library.socket.startTls();
      await library.restartStream();
    } catch (error) {
      this.readThrown(error);
    }
  }

  #readSasl(element: XmlElement, mechanism: Mechanism): void {
    if (element.name === "failure") {
      this.#options.end(readSaslFailure(element));
      return;
    }
    if (element.name === "success") {
      try {
        mechanism.success(atob(textOf(element).replace(/^=$/, "")));
      } catch (error) {
        this.#fail("authentication-failed", messageOf(error));
        return;
      }
      this.#isAuthenticated = true;
      this.#expects = "header";
      this.#options.reader.restart();
    }
    this.#options.library.deliver(element);
  }

  #readBindReply(iq: XmlElement): void {
    if (iq.attrs.type === "error") {
      this.#options.end(readBindFailure(iq));
      return;
    }
    // The library reads it a little later; the stanzas that came with it are for the listener, after `online`.
    this.#expects = "nothing";
    this.#options.reader.pause();
    this.#options.library.deliver(iq);
  }

  #fail(code: LinkError["code"], message: string): void {
    this.#options.end(thrownEnd(new LinkError(code, message), code));
  }
}

function isReply(element: XmlElement): boolean {
  return element.name === "iq" && (element.attrs.type === "result" || element.attrs.type === "error");
}
