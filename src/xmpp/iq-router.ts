// IQ requests to their handlers, and answers to their requests; every request is answered exactly once (RFC 6120 §8.2.3).

import { createJidReader, parseJid, tryParseJid } from "../jid.js";
import type { Logger } from "../observe/index.js";
import { writeElement, type XmlElement, type XmlText } from "../xml/index.js";
import { Disconnected } from "./call-errors.js";
import { type KeptAnswer, type KeptAnswerLimits, KeptAnswers } from "./kept-answers.js";
import type { Link, OversizeStanza } from "./link.js";
import { PendingIqs, type RequestOptions } from "./pending-iqs.js";
import { type IqRequest, readIq, writeIq } from "./stanza.js";
import { StanzaError, writeStanzaError } from "./stanza-error.js";
import { createIdSource } from "./stanza-id.js";

/**
 * Answers one request with the payload of its result (undefined for an empty result), at once or later. Throwing a
 * {@link StanzaError} answers with that error; anything else thrown is our bug, logged and answered as
 * internal-server-error.
 */
export type IqHandler = (iq: IqRequest) => XmlText | undefined | Promise<XmlText | undefined>;

/** Which requests a handler takes: by type, and by namespace and name of the payload. */
export interface IqRoute {
  readonly type: "get" | "set";
  readonly ns: string;
  readonly name: string;
  readonly handle: IqHandler;
}

/** An error answer repeats the request's payload (RFC 6120 §8.2.3 allows, some clients need it) up to this size. */
const MAX_ECHO_CHARACTERS = 32_768;

/** What an {@link IqRouter} is made of. */
export interface IqRouterOptions {
  readonly link: Link;
  readonly log: Logger;
  readonly routes: readonly IqRoute[];
  /** `maxSentBytes`: no answer is larger, since a server ends the stream that brings it too large a stanza. */
  readonly limits: Partial<KeptAnswerLimits> & { readonly maxSentBytes: number };
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Whose request is answered: all that an answer repeats of it. */
interface Asked {
  readonly id: string;
  readonly fromText: string | undefined;
  readonly toText: string | undefined;
}

/** The tags and attribute names around the content of an answer. */
const ENVELOPE_CHARACTERS = 64;
/** The most bytes that one character of an attribute becomes: `&quot;`. */
const MAX_ESCAPED_BYTES = 6;

/** Routes the IQs of one link, both ways. */
export class IqRouter {
  readonly #link: Link;
  readonly #log: Logger;
  readonly #maxSentBytes: number;
  /** By namespace, which has few. */
  readonly #routes = new Map<string, readonly IqRoute[]>();
  readonly #readJid = createJidReader();
  readonly #pending = new PendingIqs();
  readonly #newId = createIdSource();
  readonly #kept: KeptAnswers;
  readonly #whenKeptAreSent: (() => void)[] = [];
  /** Requests whose handlers have not answered yet. */
  #unanswered = 0;
  readonly #answeredListeners: (() => void)[] = [];

  constructor(options: IqRouterOptions) {
    this.#link = options.link;
    this.#log = options.log;
    this.#maxSentBytes = options.limits.maxSentBytes;
    this.#kept = new KeptAnswers({
      limits: options.limits,
      ...(options.now !== undefined && { now: options.now }),
      givenUp: ({ to, id }, reason) => this.#log.warn("iq.answer-lost", { to, id, reason }),
    });
    for (const route of options.routes) {
      if (this.#find(route.type, route.ns, route.name) !== undefined) {
        throw new Error(`two routes for iq ${route.type} {${route.ns}}${route.name}`);
      }
      this.#routes.set(route.ns, [...(this.#routes.get(route.ns) ?? []), route]);
    }
  }

  /**
   * Sends a request and resolves with the result stanza.
   *
   * @param to an address; undefined asks the own account
   * @throws {StanzaError} the peer, or a server on the way, answered with an error
   * @throws {CallTimeout | Disconnected} there was no answer
   */
  request(
    type: "get" | "set",
    to: string | undefined,
    payload: XmlText,
    options: RequestOptions = {},
  ): Promise<XmlElement> {
    options.signal?.throwIfAborted();
    if (to === undefined && this.#link.mode === "component") return Promise.reject(noAccount());
    const id = this.#newId();
    const address = to === undefined ? undefined : parseJid(to);
    // A component speaks for a whole domain, so it says who it is; a server stamps its clients itself.
    const from = this.#link.mode === "client" ? undefined : this.#link.jid?.full;
    const answer = this.#pending.wait(id, address, to ?? "the own account", options);
    if (!this.#link.send(writeIq(type, { id, to: address?.full, from }, payload))) {
      this.#pending.reject(id, new Disconnected("the link is down or full", false));
    }
    return answer;
  }

  /** Takes one `<iq/>` from the link. */
  handle(stanza: XmlElement): void {
    const iq = readIq(stanza, this.#readJid);
    if (iq.kind === "request") {
      // A server stamps the sender of everything it routes; an answer to nobody would cost a component its stream.
      if (iq.from === undefined && this.#link.mode === "component") this.#log.warn("iq.bad", { problem: "no sender" });
      else this.#answer(iq);
    } else if (iq.kind === "bad") {
      this.#log.warn("iq.bad", { problem: iq.problem, from: stanza.attrs["from"] });
      if (iq.answerable) this.#answerHead(stanza, new StanzaError("bad-request", { text: iq.problem }));
    } else if (!this.#pending.settle(iq.id, iq.fromText, iq.stanza, this.#link.jid)) {
      this.#log.debug("iq.unexpected-answer", { from: iq.fromText, id: iq.id });
    }
  }

  /** Answers a request that was too large to be read (contract: the link and all other calls go on). */
  refuseOversize({ head, limit }: OversizeStanza): void {
    this.#log.warn("stanza.oversize", { name: head.name, from: head.attrs["from"], limit });
    const { type, id, from } = head.attrs;
    if (head.name !== "iq" || id === undefined) return;
    if (type === "get" || type === "set") {
      this.#answerHead(head, new StanzaError("not-acceptable", { text: `the stanza is over the limit of ${limit}` }));
    } else {
      const error = new StanzaError("not-acceptable", { text: `the answer is over the limit of ${limit}` });
      this.#pending.refuse(id, from, this.#link.jid, error);
    }
  }

  /** Resolves when every request that was taken so far has been answered, or after `timeoutMs`. */
  async answered(timeoutMs: number): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#answeredListeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends every waiting request: what was sent on the lost link has an unknown outcome. */
  disconnect(reason: string): void {
    this.#pending.disconnect(reason);
  }

  /** The link takes stanzas again: what could not be answered before is answered now. */
  sendKept(): void {
    this.#kept.sendAll((answer) => this.#isLost(answer) || this.#link.send(answer.text));
    if (this.#kept.size === 0) for (const resolve of this.#whenKeptAreSent.splice(0)) resolve();
  }

  /** Resolves when no answer waits for the link. */
  async whenKeptAreSent(): Promise<void> {
    if (this.#kept.size === 0) return;
    await new Promise<void>((resolve) => this.#whenKeptAreSent.push(resolve));
  }

  #find(type: IqRoute["type"], ns: string, name: string): IqRoute | undefined {
    return this.#routes.get(ns)?.find((route) => route.name === name && route.type === type);
  }

  #answer(iq: IqRequest): void {
    const { payload } = iq;
    const route = this.#find(iq.type, payload.ns, payload.name);
    if (route === undefined) {
      this.#answerError(iq, new StanzaError("service-unavailable"));
      return;
    }
    let content: ReturnType<IqHandler>;
    try {
      content = route.handle(iq);
    } catch (error) {
      this.#answerError(iq, error);
      return;
    }
    if (!(content instanceof Promise)) {
      this.#answerResult(iq, content);
      return;
    }
    this.#unanswered += 1;
    const settle = () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) for (const listener of this.#answeredListeners.splice(0)) listener();
    };
    content.then(
      (later) => {
        this.#answerResult(iq, later);
        settle();
      },
      (error: unknown) => {
        this.#answerError(iq, error);
        settle();
      },
    );
  }

  #answerResult(iq: IqRequest, content: XmlText | undefined): void {
    if (this.#fits("result", iq, content ?? "")) this.#reply("result", iq.id, iq.fromText, iq.toText, content ?? "");
    else {
      this.#log.warn("iq.answer-oversize", { ns: iq.payload.ns, to: iq.fromText });
      const text = `the answer is over the limit of ${this.#maxSentBytes} bytes`;
      this.#answerError(iq, new StanzaError("not-acceptable", { text }));
    }
  }

  #answerError(iq: IqRequest, cause: unknown): void {
    const error = StanzaError.is(cause) ? cause : new StanzaError("internal-server-error");
    if (error !== cause) this.#log.error("iq.handler-failed", { ns: iq.payload.ns, cause: String(cause) });
    this.#refuse(iq, echo(iq.payload), error);
  }

  #answerHead(head: XmlElement, error: StanzaError): void {
    const { id, from, to } = head.attrs;
    if (id !== undefined) this.#refuse({ id, fromText: from, toText: to }, "", error);
  }

  /** What is too large is left out; a request whose very id is too long for a stanza of ours cannot be answered. */
  #refuse(asked: Asked, echoed: string, error: StanzaError): void {
    const said = writeStanzaError(error);
    const content = [echoed + said, said].find((candidate) => this.#fits("error", asked, candidate));
    if (content !== undefined) this.#reply("error", asked.id, asked.fromText, asked.toText, content);
    else this.#log.warn("iq.unanswerable", { to: asked.fromText, idCharacters: asked.id.length });
  }

  #fits(
    type: "result" | "error",
    { id, fromText: to, toText: from = this.#defaultFrom() }: Asked,
    content: string,
  ): boolean {
    const characters = ENVELOPE_CHARACTERS + id.length + (to?.length ?? 0) + (from?.length ?? 0);
    // The content is escaped already: no character of it takes more than three bytes.
    if (content.length * 3 + characters * MAX_ESCAPED_BYTES <= this.#maxSentBytes) return true;
    return Buffer.byteLength(writeIq(type, { id, to, from }, content)) <= this.#maxSentBytes;
  }

  #reply(
    type: "result" | "error",
    id: string,
    to: string | undefined,
    from: string | undefined,
    content: string,
  ): void {
    const sender = from ?? this.#defaultFrom();
    const answer = { id, to, from: sender, text: writeIq(type, { id, to, from: sender }, content) };
    if (!this.#isLost(answer) && !this.#link.send(answer.text)) this.#kept.add(answer);
  }

  /** An answer in the name of a former session: its server closes the stream of a client that speaks for somebody else. */
  #isLost({ from, to, id }: KeptAnswer): boolean {
    const { mode, jid } = this.#link;
    if (mode !== "client" || from === undefined || from === jid?.full || from === jid?.bare) return false;
    const sender = tryParseJid(from)?.full;
    if (sender === jid?.full || sender === jid?.bare) return false;
    this.#log.warn("iq.answer-lost", { to, id, reason: `${from} is not our address any more` });
    return true;
  }

  #defaultFrom(): string | undefined {
    return this.#link.mode === "client" ? undefined : this.#link.jid?.full;
  }
}

function noAccount(): StanzaError {
  return new StanzaError("service-unavailable", {
    text: "a component has no account, hence no roster or storage of one",
  });
}

function echo(payload: XmlElement): string {
  const isInStreamNs = payload.ns === "jabber:component:accept";
  const text = writeElement(payload, isInStreamNs ? payload.ns : "jabber:client");
  return text.length > MAX_ECHO_CHARACTERS ? "" : text;
}
