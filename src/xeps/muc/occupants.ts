// Who is in a room, as its presences tell.

import type { Jid } from "../../jid.js";
import type { RoomPresence } from "./read-presence.js";

/** Somebody in a room. */
export interface Occupant {
  readonly nick: string;
  readonly role: string;
  readonly affiliation: string;
  /** As the service states it; undefined where it does not. */
  readonly realJid: Jid | undefined;
}

/** The occupants of one room; begins empty. */
export class Occupants {
  readonly #byNick = new Map<string, Occupant>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#byNick.size;
  }

  /** Takes a presence. False for somebody who is not remembered, since there are too many. */
  take({ kind, nick, role, affiliation, realJid }: RoomPresence): boolean {
    if (kind === "unavailable") this.#byNick.delete(nick);
    if (kind !== "available" || nick === "") return true;
    if (this.#byNick.size >= this.#most && !this.#byNick.has(nick)) return false;
    this.#byNick.set(nick, { nick, role, affiliation, realJid });
    return true;
  }

  find(nick: string): Occupant | undefined {
    return this.#byNick.get(nick);
  }

  list(): Occupant[] {
    return [...this.#byNick.values()];
  }

  clear(): void {
    this.#byNick.clear();
  }
}
