// Presence between the sessions and the gateway, which is a contact of everybody (RFC 6121 §3, §4).

import {
  element,
  findChild,
  joinXml,
  textOf,
  withAttribute,
  writeElement,
  type XmlElement,
  type XmlText,
} from "../../xml/index.js";
import type { GatewayAddresses } from "./gateway-addresses.js";
import { NS_CLIENT } from "./namespaces.js";
import type { Seat, Seats } from "./seats.js";

/** The resource of the gateway at its alias: only full addresses are available (RFC 6121 §4.1). */
const ALIAS_RESOURCE = "gateway";

/** What {@link GatewayPresence} is made of. */
export interface PresenceOptions {
  readonly gateway: GatewayAddresses;
  readonly seats: Seats;
  tell(stanza: XmlElement): void;
}

/** Answers and spreads presence. */
export class GatewayPresence {
  readonly #options: PresenceOptions;
  #content: XmlText = joinXml([]);

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** The gateway's presence from now on; who is available sees it at once. */
  announce(content: XmlText): void {
    this.#content = content;
    for (const seat of this.#options.seats.all()) if (seat.presence !== undefined) this.#show(seat);
  }

  /** The priority that a session's presence names; 0 when it names none that is one (RFC 6121 §4.7.2.3). */
  static priorityOf(seat: Seat): number {
    const given = seat.presence && findChild(seat.presence, "priority");
    const priority = given === undefined ? 0 : Number(textOf(given));
    return Number.isInteger(priority) && priority >= -128 && priority <= 127 ? priority : 0;
  }

  /** Presence for everybody who sees the account: the gateway, and the account's own sessions. */
  broadcast(seat: Seat, stanza: XmlElement): void {
    const { type } = stanza.attrs;
    if (type !== undefined && type !== "unavailable") return;
    const wasAvailable = seat.presence !== undefined;
    if (type === "unavailable" && !wasAvailable) return;
    if (type === undefined) seat.presence = stanza;
    for (const other of this.#options.seats.of(seat.jid.bare)) {
      if (other.presence === undefined) continue;
      other.session.send(writeElement(withAttribute(stanza, "to", other.jid.full), NS_CLIENT));
      if (!wasAvailable && other !== seat)
        seat.session.send(writeElement(withAttribute(other.presence, "to", seat.jid.full), NS_CLIENT));
    }
    if (type === undefined && !wasAvailable) this.#show(seat);
    if (type === "unavailable") seat.presence = undefined;
    this.#options.tell(withAttribute(stanza, "to", this.#options.gateway.domain));
  }

  /** Presence to one of the gateway's addresses. */
  toGateway(seat: Seat, stanza: XmlElement): void {
    const { type, to } = stanza.attrs;
    const { session, jid } = seat;
    if (type === undefined) {
      this.#options.tell(stanza);
      return;
    }
    switch (type) {
      case "subscribe":
        session.send(element("presence", { type: "subscribed", from: to, to: jid.bare }));
        this.#show(seat);
        return;
      case "unsubscribe":
        session.send(element("presence", { type: "unsubscribed", from: to, to: jid.bare }));
        return;
      case "probe":
        this.#show(seat);
        return;
      // The gateway subscribes to nobody: it sees its clients as it is.
      case "subscribed":
      case "unsubscribed":
        return;
      default:
        this.#options.tell(stanza);
    }
  }

  /** A session that was available ends. */
  left(seat: Seat): void {
    if (seat.presence === undefined) return;
    const attrs: Record<string, string> = Object.assign(Object.create(null), {
      type: "unavailable",
      from: seat.jid.full,
    });
    this.broadcast(seat, { name: "presence", ns: NS_CLIENT, attrs, children: [] });
  }

  /** The gateway is always available. */
  #show(seat: Seat): void {
    const { gateway } = this.#options;
    for (const from of [gateway.domain, `${gateway.alias}/${ALIAS_RESOURCE}`]) {
      seat.session.send(element("presence", { from, to: seat.jid.full }, this.#content));
    }
  }
}
