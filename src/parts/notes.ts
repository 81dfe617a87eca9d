// The part for people: notes to them, questions, and their presence (docs/notes.md).

import { type Jid, parseJid } from "../jid.js";
import { createQuestionsStore, recordReceipts } from "../mailbox/index.js";
import { Notes, type PersonPresence, Presence } from "../ports/index.js";
import { createPeople, createPresenceWatch, type PresenceWatch } from "../xeps/index.js";
import { element } from "../xml/index.js";
import { type Clock, type Link, systemClock } from "../xmpp/index.js";
import { createNotesOutbox } from "./notes-outbox.js";
import type { Part, PartContext } from "./part.js";
import { createSubscriptionPolicy, type SubscriptionOptions } from "./presence-policy.js";

/** What the part is made of; all of it may be left out. */
export interface NotesPartOptions {
  /** Default: as the mode has it (docs/notes.md). */
  readonly presence?: SubscriptionOptions | undefined;
  /** Domains of room services. */
  readonly roomServices?: readonly string[] | undefined;
  /** Told of a person who is there and was not. */
  readonly arrived?: ((bare: string) => void) | undefined;
  /** Milliseconds since 1970. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** The part, and what programs use it by. */
export interface NotesPart extends Part {
  readonly notes: Notes;
  readonly presence: Presence;
}

/** The machine's own time of day. */
const wallClock: Clock = Object.freeze({ now: () => Date.now(), after: systemClock.after });
/** More people are not followed. */
const MAX_FOLLOWED = 10_000;

/** Makes the part. Throws what {@link createSubscriptionPolicy} throws. */
export function createNotesPart(options: NotesPartOptions, context: PartContext): NotesPart {
  const { link, limits, log, rooms } = context;
  const roomServices = new Set((options.roomServices ?? []).map((domain) => domain.toLowerCase()));
  const watch = createPresenceWatch((bare) => {
    people.arrived(bare);
    options.arrived?.(bare);
  });
  const presence = new WatchedPresence(link, watch);
  const clock = options.clock ?? wallClock;
  const { database } = context;
  const store = database === undefined ? undefined : createQuestionsStore(database);
  const people = createPeople({
    link,
    clock,
    limits,
    log,
    presences: watch,
    rooms: { ...rooms, isRoomService: (domain) => roomServices.has(domain) || rooms.isRoomService(domain) },
    store,
    receivedOther: database === undefined ? undefined : recordReceipts(database, log),
    follow: (jid) => presence.follow(jid.bare),
  });
  const { notes, questions } = people;
  return {
    notes,
    presence,
    features: [{ ...watch, online: () => presence.online() }, people.feature],
    commands: [people.command],
    outbox:
      store === undefined
        ? []
        : createNotesOutbox({ people, presence, store, link, clock, maxChars: limits.noteChars }),
    bind: (container) => {
      container.bind(Notes).toConstantValue(notes);
      container.bind(Presence).toConstantValue(presence);
    },
    ...(options.presence === undefined
      ? {}
      : { subscriptions: createSubscriptionPolicy(options.presence, notes, log) }),
    open: () => questions.load(),
    close: async () => people.stop(),
  };
}

class WatchedPresence extends Presence {
  readonly #link: Link;
  readonly #watch: PresenceWatch;
  readonly #followed = new Set<string>();

  constructor(link: Link, watch: PresenceWatch) {
    super();
    this.#link = link;
    this.#watch = watch;
  }

  of(jid: string): PersonPresence {
    const resources = this.#watch.resourcesOf(parseJid(jid).bare);
    return { isAvailable: resources.length > 0, resources };
  }

  follow(jid: string): void {
    const { bare } = parseJid(jid);
    const isSeen = this.#followed.has(bare) || this.#watch.resourcesOf(bare).length > 0;
    if (isSeen || !this.#isAsking || this.#followed.size >= MAX_FOLLOWED) return;
    this.#followed.add(bare);
    this.#show(bare, "subscribe");
  }

  /** A server keeps the contacts of a client; a component has to look after its own (RFC 6121 §4.3). */
  online(): void {
    if (this.#link.mode === "component") for (const bare of this.#followed) this.#show(bare, "probe");
  }

  /** Stand-alone, everybody's presence is seen; in a process, there is none. */
  get #isAsking(): boolean {
    return this.#link.mode === "client" || this.#link.mode === "component";
  }

  #show(to: string, type: "subscribe" | "probe"): void {
    const own: Jid | undefined = this.#link.jid;
    this.#link.send(element("presence", { type, to, from: this.#link.mode === "client" ? undefined : own?.bare }));
  }
}
