// Who is there: the presences this entity was shown, by bare address (RFC 6121 §4).

import { type Jid, tryParseJid } from "../jid.js";
import type { Feature } from "./feature.js";

/** A feature that remembers presences, and what it remembers. */
export interface PresenceWatch extends Feature {
  /** The available resources of `bare` that were seen, as full addresses. */
  available(bare: string): readonly string[];
  /** Every bare address of which some resource was seen available. */
  everybody(): readonly string[];
}

/** More resources of one account, or more accounts, are not remembered: presences come unasked. */
const MAX_RESOURCES = 64;
const MAX_ACCOUNTS = 10_000;

/** Makes an empty watch. */
export function createPresenceWatch(): PresenceWatch {
  const seen = new Map<string, Set<string>>();

  const add = (jid: Jid) => {
    const resources = seen.get(jid.bare) ?? new Set();
    if (resources.size >= MAX_RESOURCES || (resources.size === 0 && seen.size >= MAX_ACCOUNTS)) return;
    seen.set(jid.bare, resources.add(jid.full));
  };

  const remove = (jid: Jid) => {
    const resources = seen.get(jid.bare);
    resources?.delete(jid.full);
    if (resources?.size === 0) seen.delete(jid.bare);
  };

  return {
    name: "presence-watch",
    presence: (stanza) => {
      const from = tryParseJid(stanza.attrs["from"]);
      const type = stanza.attrs["type"];
      if (from === undefined) return;
      if (type === undefined) add(from);
      else if (type === "unavailable") remove(from);
    },
    offline: () => seen.clear(),
    available: (bare) => [...(seen.get(bare) ?? [])].sort(),
    everybody: () => [...seen.keys()].sort(),
  };
}
