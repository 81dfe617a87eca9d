// Who gets which stanza (RFC 6120 §8.1, §10; RFC 6121 §8). The gateway and the clients are equal peers of it.

import { type Jid, tryParseJid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import {
  childElements,
  escapeAttribute,
  joinXml,
  parseDocument,
  withAttribute,
  writeElement,
  type XmlElement,
  type XmlText,
} from "../../xml/index.js";
import type { LinkListener } from "../link.js";
import { writeIq } from "../stanza.js";
import { type StanzaCondition, StanzaError, writeStanzaError } from "../stanza-error.js";
import { answerForAccount } from "./account-services.js";
import type { Contact } from "./accounts.js";
import type { GatewayAddresses } from "./gateway-addresses.js";
import { readHead, type StanzaHead } from "./head.js";
import { NS_CLIENT, NS_OFFLINE } from "./namespaces.js";
import type { NotKept, OfflineMail } from "./offline/offline-mail.js";
import { readOfflineRequest } from "./offline/offline-request.js";
import { isKept, isKeptType } from "./offline/offline-stanza.js";
import { GatewayPresence } from "./presence.js";
import type { Seat, Seats } from "./seats.js";

/** What a {@link Router} is made of. */
export interface RouterOptions {
  readonly gateway: GatewayAddresses;
  readonly seats: Seats;
  readonly clientToClient: boolean;
  /** Messages for accounts that are away. */
  readonly offline: OfflineMail;
  readonly log: Logger;
  /** The contacts of an account beside the gateway. */
  contacts(name: string): readonly Contact[];
  /** Who lives behind the gateway's addresses. */
  listener(): LinkListener | undefined;
}

/** A session that does not answer the gateway's requests is not remembered beyond this many. */
const MAX_ASKED = 4_096;

/** Routes between the sessions and the gateway. */
export class Router {
  readonly #options: RouterOptions;
  readonly #gateway: GatewayAddresses;
  readonly #seats: Seats;
  readonly #presence: GatewayPresence;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#gateway = options.gateway;
    this.#seats = options.seats;
    this.#presence = new GatewayPresence({
      gateway: options.gateway,
      seats: options.seats,
      tell: (stanza) => this.#tell(stanza),
    });
  }

  /** A stanza of a session. */
  route(seat: Seat, stanza: XmlElement): void {
    const { from, to, id, type } = stanza.attrs;
    const { jid, session } = seat;
    if (from !== undefined && from !== jid.full && !isOwn(from, jid)) {
      session.end({ condition: "invalid-from", text: `this stream belongs to ${jid.full}` });
      return;
    }
    const stamped = stamp(stanza, jid.full);
    if (stanza.name === "iq" && id === undefined) {
      this.#refuse(seat, stamped, "bad-request");
    } else if (to === undefined) {
      this.#routeOwn(seat, stamped);
    } else if (this.#gateway.owns(to)) {
      if (stanza.name === "presence") this.#presence.toGateway(seat, stamped);
      else if (stanza.name === "iq" && (type === "result" || type === "error")) this.#answered(seat, stamped);
      else this.#tell(stamped);
    } else {
      this.#routeAway(seat, tryParseJid(to), stamped);
    }
  }

  /** What the gateway's presence holds from now on. */
  announce(content: XmlText): void {
    this.#presence.announce(content);
  }

  /** A stanza of the gateway, with the address it speaks from; without one it is the domain. */
  send(text: XmlText): void {
    const head = readHead(text);
    const { to } = head;
    const seat = to === undefined ? undefined : this.#seats.find(to);
    if (seat !== undefined) this.#deliver(seat, head, text);
    else this.#sendAway(head, text);
  }

  /** A session is over: who waits for it is told, and who saw it available. */
  left(seat: Seat): void {
    this.#presence.left(seat);
    if (seat.asked === undefined) return;
    for (const [id, from] of seat.asked) this.#bounce({ id, from, to: seat.jid.full }, "recipient-unavailable");
    seat.asked = undefined;
  }

  #deliver(seat: Seat, head: StanzaHead, text: string): void {
    const { id, type, from = this.#gateway.domain } = head;
    if (head.name === "iq" && id !== undefined && (type === "get" || type === "set")) {
      seat.asked ??= new Map();
      if (seat.asked.size < MAX_ASKED) seat.asked.set(id, from);
    }
    seat.session.send(head.from === undefined ? insertFrom(text, head, from) : text);
  }

  /** Not a connected full address: an account, the gateway itself, or nobody. */
  #sendAway(head: StanzaHead, text: XmlText): void {
    const to = tryParseJid(head.to);
    if (head.to !== undefined && this.#gateway.owns(head.to)) {
      this.#tellLater(text, head.from ?? this.#gateway.domain);
      return;
    }
    const connected = to === undefined ? undefined : this.#seats.find(to.full);
    if (connected !== undefined) {
      this.#deliver(connected, head, text);
    } else if (head.name === "presence") {
      const seats = to === undefined ? [] : this.#seats.of(to.bare);
      for (const seat of seats) if (seat.presence !== undefined) this.#deliver(seat, head, text);
    } else if (head.name === "message" && to !== undefined && to.domain === this.#gateway.domain) {
      const seats = this.#takers(to, head.type);
      for (const seat of seats) this.#deliver(seat, head, text);
      if (seats.length === 0) this.#keepOwn(to, head, text);
    } else {
      const isHere = to === undefined || to.domain === this.#gateway.domain;
      this.#bounce(head, isHere ? "service-unavailable" : "remote-server-not-found");
    }
  }

  /** A message of the gateway for an account that is away. */
  #keepOwn(to: Jid, head: StanzaHead, text: XmlText): void {
    // RFC 6120 §8.3.3.18: what finds no room may be sent again later.
    const bounce = (why: NotKept = "never"): void =>
      this.#bounce(head, why === "full" ? "resource-constraint" : "service-unavailable");
    const message = isKeptType(head.type) ? this.#parseOwn(text, head.from ?? this.#gateway.domain) : undefined;
    if (message !== undefined && isKept(message)) this.#options.offline.keep(to, message, bounce);
    else bounce();
  }

  /** Tells the gateway that its stanza did not arrive, unless that was an answer itself. */
  #bounce(head: Pick<StanzaHead, "id" | "from" | "to"> & Partial<StanzaHead>, condition: StanzaCondition): void {
    const { name = "iq", type, id, to, from } = head;
    if (type === "error" || type === "result" || name === "presence") return;
    const attrs = [
      id === undefined ? "" : ` id='${escapeAttribute(id)}'`,
      to === undefined ? "" : ` from='${escapeAttribute(to)}'`,
      ` to='${escapeAttribute(from ?? this.#gateway.domain)}'`,
    ];
    const text = `<${name} type='error'${attrs.join("")}>${writeStanzaError(new StanzaError(condition))}</${name}>`;
    this.#tellLater(text, undefined);
  }

  #answered(seat: Seat, stanza: XmlElement): void {
    const { id } = stanza.attrs;
    if (seat.session.isPong(id)) return;
    if (id !== undefined) seat.asked?.delete(id);
    this.#tell(stanza);
  }

  /** RFC 6120 §10.3: a stanza without an address is for the own account. */
  #routeOwn(seat: Seat, stanza: XmlElement): void {
    if (stanza.name === "presence") this.#broadcast(seat, stanza);
    else if (stanza.name === "iq") this.#account(seat, stanza);
    else this.#routeAway(seat, tryParseJid(seat.jid.bare), stanza);
  }

  /** RFC 6121 §8.5.2.1: who is available without a negative priority takes messages. */
  #broadcast(seat: Seat, stanza: XmlElement): void {
    const tookMessages = takesMessages(seat);
    this.#presence.broadcast(seat, stanza);
    if (!tookMessages && takesMessages(seat)) this.#options.offline.came(seat);
  }

  #account(seat: Seat, stanza: XmlElement): void {
    const { id = "", type, to } = stanza.attrs;
    if (type === "result" || type === "error") return;
    try {
      const [payload, ...more] = childElements(stanza);
      const about = payload === undefined || more.length > 0 ? undefined : readOfflineRequest(type, payload);
      if (about !== undefined) {
        this.#answerLater(seat, stanza, this.#options.offline.answer(seat, about));
        return;
      }
      const content = answerForAccount(stanza, [...this.#gateway.contacts, ...this.#options.contacts(seat.jid.local)]);
      seat.session.send(writeIq("result", { id, to: seat.jid.full, from: to }, content ?? ""));
    } catch (error) {
      if (!StanzaError.is(error)) throw error;
      this.#refuse(seat, stanza, error.condition);
    }
  }

  #answerLater(seat: Seat, stanza: XmlElement, answer: Promise<XmlText | undefined>): void {
    const { id = "", to } = stanza.attrs;
    answer.then(
      (content = joinXml([])) => seat.session.send(writeIq("result", { id, to: seat.jid.full, from: to }, content)),
      (error: unknown) => {
        if (!StanzaError.is(error)) this.#options.log.error("offline.store-failed", { cause: String(error) });
        this.#refuse(seat, stanza, StanzaError.is(error) ? error.condition : "internal-server-error");
      },
    );
  }

  /** To an account, another session, or another domain (RFC 6120 §10.4, §10.5; RFC 6121 §8.5). */
  #routeAway(seat: Seat, to: Jid | undefined, stanza: XmlElement): void {
    if (to === undefined) {
      this.#refuse(seat, stanza, "jid-malformed");
      return;
    }
    if (to.domain !== this.#gateway.domain) {
      this.#refuse(seat, stanza, "remote-server-not-found");
      return;
    }
    const isSelf = to.bare === seat.jid.bare;
    if (stanza.name === "iq" && isSelf && to.resource === "") {
      this.#account(seat, stanza);
      return;
    }
    const receivers = isSelf || this.#options.clientToClient ? this.#receivers(to, stanza) : [];
    for (const receiver of receivers) receiver.session.send(writeElement(stanza, NS_CLIENT));
    if (receivers.length > 0 || stanza.name === "presence") return;
    // The same answer for who does not exist and who may not be reached (RFC 6120 §13.11).
    const refuse = (condition: StanzaCondition = "service-unavailable"): void => this.#refuse(seat, stanza, condition);
    if (stanza.name === "iq") refuse(asksForOffline(stanza) ? "forbidden" : "service-unavailable");
    else if ((isSelf || this.#options.clientToClient) && isKept(stanza))
      this.#options.offline.keep(to, stanza, () => refuse());
    else refuse();
  }

  #receivers(to: Jid, stanza: XmlElement): readonly Seat[] {
    const exact = this.#seats.find(to.full);
    if (exact !== undefined) return [exact];
    if (stanza.name === "iq") return [];
    const { type } = stanza.attrs;
    if (stanza.name === "presence") {
      // There are no contact lists here, so nobody can subscribe to anybody.
      const isShown = type === undefined || type === "unavailable";
      return isShown && to.resource === ""
        ? this.#seats.of(to.bare).filter(({ presence }) => presence !== undefined)
        : [];
    }
    return type === "error" || type === "groupchat" ? [] : this.#takers(to, type);
  }

  /** Who takes a message for an account, or for a resource that is not connected. */
  #takers(to: Jid, type: string | undefined): readonly Seat[] {
    const seats = this.#seats.of(to.bare);
    if (type !== "headline") return preferred(seats);
    // RFC 6121 §8.5.2.1.1, §8.5.3.2.1: a headline goes to every resource, and one for a single resource to no other.
    return to.resource === "" ? seats.filter(takesMessages) : [];
  }

  /** An error to the sender, from the address it asked; never for what is an answer itself (RFC 6120 §8.3.1). */
  #refuse(seat: Seat, stanza: XmlElement, condition: StanzaCondition): void {
    const { id, to, type } = stanza.attrs;
    if (type === "error" || (stanza.name === "iq" && type === "result")) return;
    if (stanza.name === "presence" && type === "unavailable") return;
    const error = writeStanzaError(new StanzaError(condition));
    let attrs = id === undefined ? "" : ` id='${escapeAttribute(id)}'`;
    attrs += ` to='${escapeAttribute(seat.jid.full)}'`;
    // A malformed address cannot be answered from.
    if (to !== undefined && condition !== "jid-malformed") attrs += ` from='${escapeAttribute(to)}'`;
    seat.session.send(`<${stanza.name} type='error'${attrs}>${error}</${stanza.name}>`);
  }

  /** Delivery waits for the sender to finish, as on a socket. What is over a limit of the reader is lost, as it would be there. */
  #tellLater(text: string, from: string | undefined): void {
    queueMicrotask(() => {
      const stanza = this.#parseOwn(text, from);
      if (stanza !== undefined) this.#tell(stanza);
    });
  }

  #parseOwn(text: string, from: string | undefined): XmlElement | undefined {
    try {
      return parseStanza(text, from);
    } catch (error) {
      this.#options.log.error("link.own-stanza-unreadable", { cause: String(error) });
      return undefined;
    }
  }

  /** A listener that throws must not end a session, nor the process. */
  #tell(stanza: XmlElement): void {
    try {
      this.#options.listener()?.stanza(stanza);
    } catch (error) {
      this.#options.log.error("link.listener-threw", { cause: String(error) });
    }
  }
}

/** RFC 6120 §8.1.2.1: a client may name itself, with or without its resource. */
function isOwn(from: string, jid: Jid): boolean {
  const named = tryParseJid(from);
  return named !== undefined && (named.full === jid.full || named.full === jid.bare);
}

/** The stanza with its true sender. */
function stamp(stanza: XmlElement, from: string): XmlElement {
  return stanza.attrs["from"] === from ? stanza : withAttribute(stanza, "from", from);
}

/** RFC 6121 §8.5.2.1: a message for an account goes to its most wanted resources that are available. */
export function preferred(seats: readonly Seat[]): readonly Seat[] {
  const available = seats.filter(takesMessages);
  const highest = Math.max(...available.map((seat) => GatewayPresence.priorityOf(seat)));
  return available.filter((seat) => GatewayPresence.priorityOf(seat) === highest);
}

function takesMessages(seat: Seat): boolean {
  return seat.presence !== undefined && GatewayPresence.priorityOf(seat) >= 0;
}

/** XEP-0013 §2.3: kept messages are shown to nobody but their account, whether it exists or not. */
function asksForOffline(iq: XmlElement): boolean {
  const [payload] = childElements(iq);
  return payload !== undefined && (payload.ns === NS_OFFLINE || payload.attrs["node"] === NS_OFFLINE);
}

function insertFrom(text: string, head: StanzaHead, from: string): string {
  return `${text.slice(0, head.nameEnd)} from='${escapeAttribute(from)}'${text.slice(head.nameEnd)}`;
}

/** What we wrote ourselves, as a receiver would read it. */
function parseStanza(text: string, from: string | undefined): XmlElement {
  const [stanza] = parseDocument(`<stream xmlns='${NS_CLIENT}'>${text}</stream>`, {
    maxStanzaBytes: Number.MAX_SAFE_INTEGER,
  }).children;
  if (stanza === undefined || typeof stanza === "string") throw new Error("a stanza without an element was sent");
  return from === undefined ? stanza : stamp(stanza, from);
}
