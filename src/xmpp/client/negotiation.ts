// What is said between connecting and `online`: features, STARTTLS, SASL, binding (RFC 6120 §4.3, §5, §6, §7). The library speaks most
// of it, but hears only what is expected at that point.

import { messageOf } from "../../message-of.js";
import { element as encodeElement, textOf, type XmlElement, type XmlText } from "../../xml/index.js";
import { LinkError } from "../link.js";
import { type ConnectionEnd, readBindFailure, readSaslFailure, thrownEnd } from "../stream/connection-end.js";
import { NS_CLIENT, NS_MANAGEMENT, NS_SASL, NS_STREAM, NS_TLS } from "../stream/namespaces.js";
import type { OpeningHost, Resumption } from "../stream/opening.js";
import { narrowFeatures, planFeatures } from "./features.js";
import type { LibraryClient } from "./library-client.js";
import type { Mechanism } from "./mechanisms.js";

/** What a {@link Negotiation} works with, and whom it tells. */
export interface NegotiationOptions {
  readonly host: OpeningHost;
  readonly library: LibraryClient;
  /** See {@link FeatureContext}. */
  readonly verifiesTls: boolean;
  readonly prefersTls: boolean;
  readonly allowsPlaintext: boolean;
  /** The session that is to be resumed, if there is one. */
  readonly resumption: Resumption | undefined;
}

/** One a connection, over all its streams until the resource is bound. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #mechanism: Mechanism | undefined;
  #isAuthenticated = false;
  #expects: "header" | "features" | "proceed" | "sasl" | "bind" | "resumed" | "nothing" = "header";
  #features: XmlElement | undefined;
  /** Nothing can be resumed any more: the server said so. */
  #hasFailedToResume = false;
  #offersManagement = false;

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
    } else if (this.#expects === "resumed" && ns === NS_MANAGEMENT) {
      this.#readResumption(element);
    } else if (this.#expects === "bind" && ns === NS_CLIENT && isReply(element)) {
      this.#readBindReply(element);
    } else {
      this.#options.host.refuse("unsupported-stanza-type", `unexpected <${name}/> during the negotiation`);
    }
  }

  /** The library or a mechanism threw. Between `<auth/>` and `<success/>` that is about the authentication. */
  endOf(thrown: unknown): ConnectionEnd {
    return thrownEnd(thrown, this.#expects === "sasl" ? "authentication-failed" : "stream-error");
  }

  /** Whether stream management can be enabled now that the resource is bound. */
  get offersManagement(): boolean {
    return this.#offersManagement;
  }

  #readFeatures(features: XmlElement): void {
    const { host, library, resumption, verifiesTls, prefersTls, allowsPlaintext } = this.#options;
    const step = planFeatures(features, {
      isAuthenticated: this.#isAuthenticated,
      isEncrypted: host.socket.secure,
      isLoopback: host.socket.isLoopback,
      verifiesTls,
      prefersTls,
      allowsPlaintext,
      canResume: resumption !== undefined && !this.#hasFailedToResume,
    });
    if (step.step === "fail") {
      this.#options.host.end(thrownEnd(step.error, "stream-error"));
    } else if (step.step === "starttls") {
      this.#expects = "proceed";
      host.socket.write(encodeElement("starttls", { xmlns: NS_TLS }));
    } else if (step.step === "resume") {
      this.#expects = "resumed";
      this.#features = features;
      host.socket.write(writeResume(resumption));
    } else {
      this.#expects = step.step === "bind" ? "bind" : "sasl";
      this.#offersManagement = step.step === "bind" && step.offersManagement;
      library.deliver(narrowFeatures(step));
    }
  }

  #readTlsAnswer(element: XmlElement): void {
    if (element.name !== "proceed") {
      this.#fail("tls-failed", "the server refused STARTTLS");
    } else if (this.#options.host.reader.hasUnread) {
      // Those bytes were not encrypted, yet would be read as if they had been (RFC 6120 §5.4.3.3).
      this.#fail("tls-failed", "the server sent bytes between <proceed/> and TLS");
    } else {
      void this.#encrypt();
    }
  }

  async #encrypt(): Promise<void> {
    const { library, host } = this.#options;
    this.#expects = "header";
    try {
      host.reader.restart();
      await host.socket.startTls();
      await library.restartStream();
    } catch (error) {
      host.failed(error);
    }
  }

  #readSasl(element: XmlElement, mechanism: Mechanism): void {
    if (element.name === "failure") {
      this.#options.host.end(readSaslFailure(element));
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
      this.#options.host.reader.restart();
    }
    this.#options.library.deliver(element);
  }

  /** `<resumed/>`, or `<failed/>`, after which a new session is bound on the same stream (XEP-0198 §5). */
  #readResumption(element: XmlElement): void {
    const { host, resumption } = this.#options;
    const { previd, h: handled } = element.attrs;
    if (element.name === "failed" && this.#features !== undefined) {
      this.#hasFailedToResume = true;
      this.#readFeatures(this.#features);
    } else if (element.name === "resumed" && resumption !== undefined && previd === resumption.id) {
      this.#expects = "nothing";
      host.opened({ address: resumption.address, mechanism: this.mechanism ?? "", management: { handled } });
    } else {
      host.refuse("undefined-condition", `the server answered the resumption with <${element.name}/>`);
    }
  }

  #readBindReply(iq: XmlElement): void {
    if (iq.attrs.type === "error") {
      this.#options.host.end(readBindFailure(iq));
      return;
    }
    // The library reads it a little later; the stanzas that came with it are for the listener, after `online`.
    this.#expects = "nothing";
    this.#options.host.reader.pause();
    this.#options.library.deliver(iq);
  }

  #fail(code: LinkError["code"], message: string): void {
    this.#options.host.end(thrownEnd(new LinkError(code, message), code));
  }
}

function writeResume(resumption: Resumption | undefined): XmlText {
  return encodeElement("resume", {
    xmlns: NS_MANAGEMENT,
    previd: resumption?.id,
    h: resumption === undefined ? undefined : String(resumption.handled),
  });
}

function isReply(element: XmlElement): boolean {
  return element.name === "iq" && (element.attrs.type === "result" || element.attrs.type === "error");
}
