// One client's connection from its first byte to its last: the phases of RFC 6120 (§4 streams, §5 TLS, §6 SASL, §7 binding).

import { type Jid, tryParseJid } from "../../jid.js";
import { element, type XmlElement } from "../../xml/index.js";
import { writeIq } from "../stanza.js";
import { StanzaError, writeStanzaError } from "../stanza-error.js";
import { readBindRequest, writeBindResult } from "./binding.js";
import type { Channel, ChannelEvent, ChannelListener } from "./channel.js";
import { writeFeatures } from "./features.js";
import { NS_PING, NS_SASL, NS_STREAM, NS_TLS } from "./namespaces.js";
import type { SaslExchange, SaslStep } from "./sasl.js";
import { readAuth, readResponse, writeChallenge, writeFailure, writeSuccess } from "./sasl-elements.js";
import type { HostedSession, Phase, SessionHost } from "./session-host.js";
import { type StreamProblem, writeStreamProblem } from "./stream-error.js";
import { checkHeader, isStanza, problemOf, uselessElement } from "./stream-rules.js";
import { TokenBucket } from "./token-bucket.js";

/** Who reads on takes no longer to answer. */
const CONFIRMATION_MS = 30_000;

/** A client's connection. */
export class Session implements ChannelListener, HostedSession {
  readonly channel: Channel;
  readonly #host: SessionHost;
  readonly #startedAt: number;
  #phase: Phase = { at: "header", account: undefined };
  #hasHeader = false;
  #isWaiting = false;
  #isThrottled = false;
  /** Output waits for the end of the turn. */
  isDirty = false;
  #failedTries = 0;
  #strangerBytes = 0;
  #bucket: TokenBucket | undefined;
  #heardAt: number;
  /** The id of the ping that asked whether anybody is there. */
  #pingId: string | undefined;
  /** Pings whose answers say that what was sent before has been read. */
  readonly #confirmations = new Map<string, (isRead: boolean) => void>();

  constructor(channel: Channel, host: SessionHost) {
    this.channel = channel;
    this.#host = host;
    this.#startedAt = host.now();
    this.#heardAt = this.#startedAt;
    channel.listen(this);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The account that this connection has proved to be. */
  get account(): string | undefined {
    const phase = this.#phase;
    if (phase.at === "bound") return phase.seat.jid.local;
    return phase.at === "header" || phase.at === "binding" ? phase.account : undefined;
  }

  get isOpen(): boolean {
    return this.#phase.at !== "closing" && this.#phase.at !== "closed";
  }

  /** Sends one stanza; a peer that does not read is given up. */
  send(stanza: string): void {
    if (!this.isOpen) return;
    this.channel.stanza(stanza);
    if (this.channel.unsentBytes > this.#host.limits.maxUnreadBytes) {
      this.#host.log.warn("session.unread", { address: this.channel.address });
      this.#leave({ at: "closing", since: this.#host.now() });
      this.channel.destroy();
    } else this.#wrote();
  }

  flush(): void {
    this.isDirty = false;
    if (this.isOpen) this.channel.flush();
  }

  async drained(): Promise<boolean> {
    this.flush();
    await new Promise<void>((resolve) => this.channel.whenDrained(resolve));
    return this.isOpen;
  }

  confirmed(): Promise<boolean> {
    const phase = this.#phase;
    if (phase.at !== "bound") return Promise.resolve(false);
    return new Promise((resolve) => {
      const id = this.#host.newId();
      const cancel = this.#host.after(CONFIRMATION_MS, () => settle(false));
      const settle = (isRead: boolean): void => {
        this.#confirmations.delete(id);
        cancel();
        resolve(isRead);
      };
      this.#confirmations.set(id, settle);
      this.#ask(id, phase.seat.jid);
    });
  }

  /** Ends the session with a stream error, or without one. */
  end(problem?: StreamProblem): void {
    if (!this.isOpen) return;
    if (this.#phase.at === "securing") {
      this.channel.destroy();
      return;
    }
    // RFC 6120 §4.9.1.2: an error follows a header, so one is sent also to who sent none.
    if (!this.#hasHeader) this.#sendHeader(undefined);
    if (problem !== undefined) {
      this.#host.log.info("session.error", {
        address: this.channel.address,
        condition: problem.condition,
        text: problem.text,
      });
      this.channel.streamElement("error", writeStreamProblem(problem));
    }
    this.channel.footer();
    this.#leave({ at: "closing", since: this.#host.now() });
    this.channel.discardInput();
    this.channel.end();
  }

  /** Looks at the time: called now and then for every session. */
  sweep(now: number): void {
    const { authenticationSeconds, silenceSeconds, closeSeconds } = this.#host.limits;
    const phase = this.#phase;
    if (phase.at === "closed") return;
    if (phase.at === "closing") {
      if (now - phase.since >= closeSeconds * 1_000) this.channel.destroy();
    } else if (phase.at !== "bound") {
      if (now - this.#startedAt >= authenticationSeconds * 1_000) {
        this.end({ condition: "connection-timeout", text: `not logged in within ${authenticationSeconds} seconds` });
      }
    } else if (now - this.#heardAt >= silenceSeconds * 2_000) {
      this.end({ condition: "connection-timeout", text: `silent for ${silenceSeconds * 2} seconds` });
    } else if (now - this.#heardAt >= silenceSeconds * 1_000 && this.#pingId === undefined) {
      this.#ping(phase.seat.jid);
    }
  }

  /** Whether an answer was to our question whether anybody is there. */
  isPong(id: string | undefined): boolean {
    const confirm = id === undefined ? undefined : this.#confirmations.get(id);
    if (confirm !== undefined) {
      confirm(true);
      return true;
    }
    if (id === undefined || id !== this.#pingId) return false;
    this.#pingId = undefined;
    return true;
  }

  /** The waiting time of the rate limit is over. */
  unpause(): void {
    this.#isThrottled = false;
    this.#resume();
  }

  readable(bytes: number): void {
    if (!this.isOpen) return;
    this.#heardAt = this.#host.now();
    if (this.#phase.at === "bound") {
      const delayMs = this.#bucket?.take(bytes, this.#heardAt) ?? 0;
      if (delayMs > 0) this.#throttle(delayMs);
    } else {
      this.#strangerBytes += bytes;
    }
    this.#read();
    this.#checkStranger();
  }

  gone(): void {
    if (this.#phase.at === "closed") return;
    this.#leave({ at: "closed" });
    this.#host.closed(this);
  }

  /** Takes events as long as there are complete ones; one that waits for something is finished before the next. */
  #read(): void {
    while (this.isOpen && !this.#isWaiting) {
      let event: ChannelEvent | undefined;
      try {
        event = this.channel.next();
      } catch (error) {
        this.end(problemOf(error));
        return;
      }
      if (event === undefined) return;
      this.#take(event);
    }
  }

  #take(event: ChannelEvent): void {
    if (event.kind === "close") this.end();
    else if (event.kind === "element") this.#received(event.element);
    else this.#open(event.header, event.problem);
  }

  #open(header: XmlElement, problem: StreamProblem | undefined): void {
    const phase = this.#phase;
    if (phase.at !== "header") {
      this.end({ condition: "bad-format", text: "a stream header where none was expected" });
      return;
    }
    this.#sendHeader(header.attrs["from"]);
    const wrong = problem ?? checkHeader(header, this.#host.domain);
    if (wrong !== undefined) {
      this.end(wrong);
      return;
    }
    const offer = this.#host.offer(this.channel);
    if (phase.account === undefined && !offer.startTls && offer.mechanisms.length === 0) {
      this.end({ condition: "policy-violation", text: "there is no way to log in over this connection" });
      return;
    }
    this.#phase = phase.account === undefined ? { at: "negotiating" } : { at: "binding", account: phase.account };
    const { maxUnauthenticatedStanzaBytes, silenceSeconds } = this.#host.limits;
    const isStranger = phase.account === undefined;
    this.channel.streamElement(
      "features",
      writeFeatures(isStranger ? offer : "bind", {
        maxBytes: isStranger ? maxUnauthenticatedStanzaBytes : this.#host.maxStanzaBytes,
        idleSeconds: silenceSeconds * 2,
      }),
    );
    this.#wrote();
  }

  #sendHeader(from: string | undefined): void {
    this.#hasHeader = true;
    this.channel.header({ from: this.#host.domain, to: tryParseJid(from)?.full, id: this.#host.newId() });
  }

  #received(received: XmlElement): void {
    const phase = this.#phase;
    if (received.ns === NS_STREAM && received.name === "error") {
      this.end();
      return;
    }
    switch (phase.at) {
      case "bound":
        if (isStanza(received)) this.#host.route(phase.seat, received);
        else this.end(uselessElement(received));
        return;
      case "negotiating":
        if (received.ns === NS_TLS && received.name === "starttls") this.#startTls();
        else if (received.ns === NS_SASL && received.name === "auth") this.#auth(received);
        else if (received.ns === NS_SASL) this.#failed("malformed-request");
        else this.end(uselessElement(received));
        return;
      case "authenticating":
        if (received.ns === NS_SASL) this.#response(received, phase.exchange);
        else this.end(uselessElement(received));
        return;
      case "binding":
        if (isStanza(received)) this.#bind(received, phase.account);
        else this.end(uselessElement(received));
        return;
      case "header":
        // Only WebSocket can bring an element before a header: each message stands alone (RFC 7395 §3.4).
        this.end({ condition: "invalid-namespace", text: "a stream begins with its header" });
        return;
      // Nothing is read in these.
      case "securing":
      case "closing":
      case "closed":
        return;
    }
  }

  #startTls(): void {
    // RFC 6120 §5.4.3.3: what was sent in clear after the request may be an attacker's.
    if (!this.channel.canStartTls || this.channel.hasUnread()) {
      this.channel.foreign(`<failure xmlns='${NS_TLS}'/>`);
      this.end();
      return;
    }
    this.channel.foreign(`<proceed xmlns='${NS_TLS}'/>`);
    this.#phase = { at: "securing" };
    this.channel.startTls(() => {
      this.#hasHeader = false;
      this.#phase = { at: "header", account: undefined };
    });
  }

  #auth(request: XmlElement): void {
    const offer = this.#host.offer(this.channel);
    const auth = readAuth(request, offer);
    if ("condition" in auth) {
      this.#failed(auth.condition);
      return;
    }
    const exchange = this.#host.beginSasl(auth.mechanism);
    this.#phase = { at: "authenticating", mechanism: auth.mechanism, exchange };
    this.#advance(exchange, auth.message);
  }

  #response(received: XmlElement, exchange: SaslExchange): void {
    const response = readResponse(received);
    if ("condition" in response) this.#failed(response.condition);
    else this.#advance(exchange, response.message);
  }

  /** The store of accounts may take its time; until it answers nothing further is read. */
  #advance(exchange: SaslExchange, message: string | undefined): void {
    this.#isWaiting = true;
    this.channel.pause();
    exchange.take(message).then(
      (step) => this.#continue(exchange, step),
      (error: unknown) => {
        this.#host.log.error("session.accounts-failed", { cause: String(error) });
        this.#continue(exchange, { step: "failure", condition: "temporary-auth-failure" });
      },
    );
  }

  #continue(exchange: SaslExchange, step: SaslStep): void {
    const phase = this.#phase;
    this.#isWaiting = false;
    if (phase.at !== "authenticating" || phase.exchange !== exchange) return;
    switch (step.step) {
      case "challenge":
        this.channel.foreign(writeChallenge(step.message));
        break;
      case "failure":
        this.#failed(step.condition);
        break;
      case "success":
        this.channel.foreign(writeSuccess(step.message));
        this.#host.log.info("session.authenticated", {
          account: step.name,
          address: this.channel.address,
          mechanism: phase.mechanism,
          encrypted: this.channel.isEncrypted,
        });
        this.#authenticated(step.name);
        break;
    }
    this.#wrote();
    this.#resume();
  }

  #authenticated(account: string): void {
    this.channel.setLimits({ maxStanzaBytes: this.#host.maxStanzaBytes });
    this.channel.restart();
    this.#hasHeader = false;
    this.#phase = { at: "header", account };
    this.#host.authenticated(this);
  }

  #failed(condition: string): void {
    this.#failedTries++;
    this.#phase = { at: "negotiating" };
    this.channel.foreign(writeFailure(condition));
    this.#host.log.info("session.authentication-failed", { address: this.channel.address, condition });
    if (this.#failedTries < this.#host.limits.maxSaslTries) this.#wrote();
    else this.end({ condition: "policy-violation", text: "too many failed authentications" });
  }

  #bind(stanza: XmlElement, account: string): void {
    const request = readBindRequest(stanza);
    if (request === undefined) {
      this.end(uselessElement(stanza));
      return;
    }
    const { id } = request;
    try {
      if ("problem" in request) throw new StanzaError("bad-request", { text: request.problem });
      const seat = this.#host.bind(this, account, request.resource);
      this.#phase = { at: "bound", seat };
      this.channel.stanza(writeIq("result", { id }, writeBindResult(seat.jid)));
      const { maxBytesPerSecond, burstBytes } = this.#host.limits;
      if (maxBytesPerSecond > 0) this.#bucket = new TokenBucket(maxBytesPerSecond, burstBytes, this.#heardAt);
    } catch (error) {
      if (!StanzaError.is(error)) throw error;
      this.channel.stanza(writeIq("error", { id }, writeStanzaError(error)));
    }
    this.#wrote();
  }

  #checkStranger(): void {
    const { maxUnauthenticatedBytes } = this.#host.limits;
    if (this.isOpen && this.account === undefined && this.#strangerBytes > maxUnauthenticatedBytes) {
      this.end({
        condition: "policy-violation",
        text: `more than ${maxUnauthenticatedBytes} bytes before authentication`,
      });
    }
  }

  #throttle(delayMs: number): void {
    if (this.#isThrottled) return;
    this.#isThrottled = true;
    this.channel.pause();
    this.#host.paused(this, delayMs);
  }

  #resume(): void {
    if (this.#isWaiting || this.#isThrottled || !this.isOpen) return;
    this.channel.resume();
    this.#read();
  }

  #ping(jid: Jid): void {
    this.#pingId = this.#host.newId();
    this.#ask(this.#pingId, jid);
  }

  #ask(id: string, jid: Jid): void {
    const addresses = { id, from: this.#host.domain, to: jid.full };
    this.send(writeIq("get", addresses, element("ping", { xmlns: NS_PING })));
  }

  #wrote(): void {
    if (this.isDirty || !this.isOpen) return;
    this.isDirty = true;
    this.#host.wrote(this);
  }

  #leave(next: Phase): void {
    const phase = this.#phase;
    this.#phase = next;
    for (const confirm of this.#confirmations.values()) confirm(false);
    if (phase.at === "bound") this.#host.unbound(phase.seat);
  }
}
