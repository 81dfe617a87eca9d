// IQ requests to their handlers, and answers to their requests; every request is answered exactly once (RFC 6120 §8.2.3).

import { createJidReader, parseJid } from "../jid.js";
import type { Logger } from "../observe/index.js";
import { writeElement, type XmlElement, type XmlText } from "../xml/index.js";
import { Disconnected } from "./call-errors.js";
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

/** Routes the IQs of one link, both ways. */
export class IqRouter {
  readonly #link: Link;
  readonly #log: Logger;
  /** By namespace, which has few. */
  readonly #routes = new Map<string, readonly IqRoute[]>();
  readonly #readJid = createJidReader();
  readonly #pending = new PendingIqs();
  readonly #newId = createIdSource();
  /** Requests whose handlers have not answered yet. */
  #unanswered = 0;
  readonly #answeredListeners: (() => void)[] = [];

  constructor(options: { readonly link: Link; readonly log: Logger; readonly routes: readonly IqRoute[] }) {
    this.#link = options.link;
    this.#log = options.log;
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
    const id = this.#newId();
    const address = to === undefined ? undefined : parseJid(to);
    // A component speaks for a whole domain, so it says who it is; a server stamps its clients itself.
    const from = this.#link.mode === "client" ? undefined : this.#link.jid?.full;
    const answer = this.#pending.wait(id, address, to ?? "the own account", options);
    if (!this.#link.send(writeIq(type, { id, to: address?.full, from }, payload))) {
      this.#pending.reject(id, new Disconnected("the link is down", false));
    }
    return answer;
  }

  /** Takes one `<iq/>` from the link. */
  handle(stanza: XmlElement): void {
    const iq = readIq(stanza, this.#readJid);
    if (iq.kind === "request") this.#answer(iq);
    else if (iq.kind === "bad") {
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
    this.#reply("result", iq.id, iq.fromText, iq.toText, content ?? "");
  }

  #answerError(iq: IqRequest, cause: unknown): void {
    const error = StanzaError.is(cause) ? cause : new StanzaError("internal-server-error");
    if (error !== cause) this.#log.error("iq.handler-failed", { ns: iq.payload.ns, cause: String(cause) });
    this.#reply("error", iq.id, iq.fromText, iq.toText, echo(iq.payload) + writeStanzaError(error));
  }

  #answerHead(head: XmlElement, error: StanzaError): void {
    const { id, from, to } = head.attrs;
    if (id !== undefined) this.#reply("error", id, from, to, writeStanzaError(error));
  }

  #reply(
    type: "result" | "error",
    id: string,
    to: string | undefined,
    from: string | undefined,
    content: string,
  ): void {
    const sent = this.#link.send(writeIq(type, { id, to, from: from ?? this.#defaultFrom() }, content));
    if (!sent) this.#log.warn("iq.answer-lost", { to, id });
  }

  #defaultFrom(): string | undefined {
    return this.#link.mode === "client" ? undefined : this.#link.jid?.full;
  }
}

function echo(payload: XmlElement): string {
  const text = writeElement(payload, "jabber:client");
  return text.length > MAX_ECHO_CHARACTERS ? "" : text;
}
