// The stanzas that go to a room and its occupants (XEP-0045 §7, §10.1.2; XEP-0249 §2).

import { element, escapeText, type XmlText } from "../../xml/index.js";
import { NS } from "../namespaces.js";

/** Where a stanza goes; `from` where the link does not stamp it. */
export interface RoomAddresses {
  readonly from: string | undefined;
  readonly to: string;
  readonly id: string;
}

/** Enters a room, with as much of its past as is wanted. */
export function writeJoin(
  addresses: RoomAddresses,
  {
    password,
    maxHistory,
    caps,
  }: { readonly password: string | undefined; readonly maxHistory: number; readonly caps: XmlText },
): XmlText {
  // §7.2.14: no characters at all is the sure way to have nothing.
  const history = maxHistory === 0 ? { maxchars: "0" } : { maxstanzas: String(maxHistory) };
  const x = element(
    "x",
    { xmlns: NS.muc },
    element("history", history),
    ...(password === undefined ? [] : [element("password", {}, escapeText(password))]),
  );
  return element("presence", { ...addresses }, x, caps);
}

/** Leaves it. */
export function writeLeave({ from, to, id }: RoomAddresses): XmlText {
  return element("presence", { type: "unavailable", from, to, id });
}

/** The query that opens a room which was just created, as the service has configured it. */
export function writeUnlock(): XmlText {
  return element("query", { xmlns: NS.mucOwner }, element("x", { xmlns: NS.dataForms, type: "submit" }));
}

/** A message to all. Its id stands twice, since some services replace the first one (XEP-0359 §3.2). */
export function writeSaying(addresses: RoomAddresses, text: string, ...more: readonly XmlText[]): XmlText {
  return element(
    "message",
    { type: "groupchat", ...addresses },
    element("body", {}, escapeText(text)),
    element("origin-id", { xmlns: NS.stanzaIds, id: addresses.id }),
    ...more,
  );
}

/** A private message to an occupant (§7.5). */
export function writeWhisper(addresses: RoomAddresses, text: string): XmlText {
  return element(
    "message",
    { type: "chat", ...addresses },
    element("body", {}, escapeText(text)),
    element("x", { xmlns: NS.mucUser }),
  );
}

/** An invitation that the room passes on (§7.8.2); `to` is the room. */
export function writeMediatedInvitation(addresses: RoomAddresses, jid: string, reason: string | undefined): XmlText {
  const invite = element(
    "invite",
    { to: jid },
    ...(reason === undefined ? [] : [element("reason", {}, escapeText(reason))]),
  );
  return element("message", { ...addresses }, element("x", { xmlns: NS.mucUser }, invite));
}

/** An invitation to the person himself; `to` is he. */
export function writeDirectInvitation(
  addresses: RoomAddresses,
  invitation: { readonly jid: string; readonly reason: string | undefined; readonly password: string | undefined },
): XmlText {
  return element("message", { ...addresses }, element("x", { xmlns: NS.conference, ...invitation }));
}
