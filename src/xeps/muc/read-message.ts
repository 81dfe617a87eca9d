// Messages that have to do with rooms: what was said in one, invitations, refusals (XEP-0045 §7.4, §7.8; XEP-0249).

import { type Jid, tryParseJid } from "../../jid.js";
import { childElements, findChild, textOf, type XmlElement } from "../../xml/index.js";
import { NS } from "../namespaces.js";

/** A message of type groupchat. */
export interface RoomMessage {
  readonly body: string | undefined;
  /** True for one that only sets the subject (§8.1): a body makes it a message. */
  readonly isSubject: boolean;
  readonly hasSubject: boolean;
  /** True for one out of the past, or that somebody quotes: nothing in it is done (XEP-0203, XEP-0297, XEP-0280). */
  readonly isPast: boolean;
  /** The ids that its writer gave it. */
  readonly ids: readonly string[];
  /** The id that the room gave it. */
  readonly stanzaId: string | undefined;
}

/** An invitation, however it came. */
export interface Invitation {
  readonly room: Jid;
  /** Who invites: of a direct one his server's word, of a mediated one the room service's. */
  readonly inviter: Jid | undefined;
  readonly isDirect: boolean;
  readonly password: string | undefined;
}

/** Reads a message that came from a room. */
export function readRoomMessage(stanza: XmlElement, room: Jid): RoomMessage {
  const body = findChild(stanza, "body");
  const hasSubject = findChild(stanza, "subject") !== undefined;
  const origin = findChild(stanza, "origin-id", NS.stanzaIds)?.attrs["id"];
  const given = childElements(stanza).find(
    ({ name, ns, attrs }) =>
      name === "stanza-id" && ns === NS.stanzaIds && tryParseJid(attrs["by"])?.full === room.bare,
  );
  return {
    body: body === undefined ? undefined : textOf(body),
    isSubject: hasSubject && body === undefined,
    hasSubject,
    isPast:
      findChild(stanza, "delay", NS.delay) !== undefined ||
      findChild(stanza, "x", NS.legacyDelay) !== undefined ||
      childElements(stanza).some(({ ns }) => ns === NS.forward || ns === NS.carbons),
    ids: [stanza.attrs["id"], origin].filter((id) => id !== undefined),
    stanzaId: given?.attrs["id"],
  };
}

/** Reads an invitation; undefined for any other message. */
export function readInvitation(stanza: XmlElement): Invitation | undefined {
  const from = tryParseJid(stanza.attrs["from"]);
  if (from === undefined || stanza.attrs["type"] === "error" || stanza.attrs["type"] === "groupchat") return undefined;
  const user = findChild(stanza, "x", NS.mucUser);
  const invite = user && findChild(user, "invite");
  // An occupant can write such an element in private, too: only the room itself invites into it.
  if (user !== undefined && invite !== undefined && from.resource === "") {
    const password = findChild(user, "password");
    return {
      room: from,
      inviter: tryParseJid(invite.attrs["from"]),
      isDirect: false,
      password: password && textOf(password),
    };
  }
  const direct = findChild(stanza, "x", NS.conference);
  const room = tryParseJid(direct?.attrs["jid"]);
  if (direct === undefined || room === undefined) return undefined;
  return { room, inviter: from, isDirect: true, password: direct.attrs["password"] };
}
