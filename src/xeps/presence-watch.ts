// Who is there: the presences this entity was shown, by bare address (RFC 6121 §4).

import { type Jid, tryParseJid } from "../jid.js";
import type { Available } from "../ports/index.js";
import { findChild, textOf, type XmlElement } from "../xml/index.js";
import type { Feature } from "./feature.js";

/** A feature that remembers presences, and what it remembers. */
export interface PresenceWatch extends Feature {
  /** The available resources of `bare` that were seen, as full addresses. */
  available(bare: string): readonly string[];
  /** The same with what each presence says. */
  resourcesOf(bare: string): readonly Available[];
  /** Every bare address of which some resource was seen available. */
  everybody(): readonly string[];
}

/** More resources of one account, or more accounts, are not remembered: presences come unasked. */
const MAX_RESOURCES = 64;
const MAX_ACCOUNTS = 10_000;
/** More of a status is not kept. */
const MAX_STATUS_CHARS = 1_000;

/**
 * Makes an empty watch.
 *
 * @param arrived told of a bare address of which a resource is there that was not seen before
 */
export function createPresenceWatch(arrived: (bare: string) => void = () => undefined): PresenceWatch {
  const seen = new Map<string, Map<string, Available>>();

  const add = (jid: Jid, stanza: XmlElement) => {
    const resources = seen.get(jid.bare) ?? new Map<string, Available>();
    const isNew = !resources.has(jid.full);
    if (isNew && (resources.size >= MAX_RESOURCES || (resources.size === 0 && seen.size >= MAX_ACCOUNTS))) return;
    seen.set(jid.bare, resources.set(jid.full, readAvailable(jid, stanza)));
    if (isNew) arrived(jid.bare);
  };

  const remove = (jid: Jid) => {
    const resources = seen.get(jid.bare);
    resources?.delete(jid.full);
    if (resources?.size === 0) seen.delete(jid.bare);
  };

  const resourcesOf = (bare: string): readonly Available[] =>
    [...(seen.get(bare)?.values() ?? [])].sort((a, b) => (a.jid < b.jid ? -1 : 1));

  return {
    name: "presence-watch",
    presence: (stanza) => {
      const from = tryParseJid(stanza.attrs["from"]);
      const type = stanza.attrs["type"];
      if (from === undefined) return;
      if (type === undefined) add(from, stanza);
      else if (type === "unavailable") remove(from);
    },
    offline: () => seen.clear(),
    available: (bare) => resourcesOf(bare).map(({ jid }) => jid),
    resourcesOf,
    everybody: () => [...seen.keys()].sort(),
  };
}

function readAvailable(jid: Jid, stanza: XmlElement): Available {
  const [show, status, priority] = ["show", "status", "priority"].map((name) => {
    const child = findChild(stanza, name);
    return child === undefined ? undefined : textOf(child).slice(0, MAX_STATUS_CHARS);
  });
  const number = Number(priority ?? 0);
  return {
    jid: jid.full,
    ...(show === undefined ? {} : { show }),
    ...(status === undefined ? {} : { status }),
    priority: Number.isInteger(number) && number >= -128 && number <= 127 ? number : 0,
  };
}
