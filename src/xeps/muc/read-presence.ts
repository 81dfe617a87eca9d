// What the presence of a room says: who, whether it is us, and why (XEP-0045 §7.1, §7.2, §10.9, §15.6).

import { type Jid, tryParseJid } from "../../jid.js";
import { childElements, findChild, textOf, type XmlElement } from "../../xml/index.js";
import { readStanzaError, type StanzaError } from "../../xmpp/index.js";
import { NS } from "../namespaces.js";

/** One presence stanza of a room. */
export interface RoomPresence {
  readonly kind: "available" | "unavailable" | "error";
  /** Whose; empty for the room itself. */
  readonly nick: string;
  readonly codes: ReadonlySet<number>;
  readonly affiliation: string;
  readonly role: string;
  /** The real address that the service states. */
  readonly realJid: Jid | undefined;
  /** The nick that comes instead (code 303). */
  readonly newNick: string | undefined;
  readonly actor: string | undefined;
  readonly reason: string | undefined;
  readonly destroyed: { readonly reason: string | undefined; readonly alternate: string | undefined } | undefined;
  /** Of kind `error` only. */
  readonly error: StanzaError | undefined;
}

/** Reads a presence from an address of a room; undefined for kinds that mean nothing here. */
export function readRoomPresence(stanza: XmlElement, from: Jid): RoomPresence | undefined {
  const { type } = stanza.attrs;
  if (type !== undefined && type !== "unavailable" && type !== "error") return undefined;
  const x = findChild(stanza, "x", NS.mucUser);
  const item = x && findChild(x, "item");
  const actor = item && findChild(item, "actor");
  const destroy = x && findChild(x, "destroy");
  return {
    kind: type ?? "available",
    nick: from.resource,
    codes: codesOf(x),
    affiliation: item?.attrs["affiliation"] ?? "none",
    role: item?.attrs["role"] ?? "none",
    realJid: tryParseJid(item?.attrs["jid"]),
    newNick: item?.attrs["nick"],
    actor: actor?.attrs["nick"] ?? actor?.attrs["jid"],
    reason: item && reasonOf(item),
    destroyed: destroy && { reason: reasonOf(destroy), alternate: destroy.attrs["jid"] },
    error: type === "error" ? readStanzaError(stanza) : undefined,
  };
}

function codesOf(x: XmlElement | undefined): ReadonlySet<number> {
  const statuses = x === undefined ? [] : childElements(x).filter(({ name }) => name === "status");
  return new Set(statuses.map(({ attrs }) => Number(attrs["code"])));
}

function reasonOf(parent: XmlElement): string | undefined {
  const reason = findChild(parent, "reason");
  const text = reason === undefined ? "" : textOf(reason).trim();
  return text === "" ? undefined : text;
}
