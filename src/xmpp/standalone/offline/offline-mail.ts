// Messages for absent accounts: kept when nobody is there, given to whoever comes, or handed out one by one (XEP-0160, XEP-0013).

import type { Logger } from "../../../observe/index.js";
import { writeElement, type XmlElement, type XmlText } from "../../../xml/index.js";
import { StanzaError } from "../../stanza-error.js";
import { NS_CLIENT } from "../namespaces.js";
import type { Seat, Seats } from "../seats.js";
import { type OfflineRequest, writeCount, writeList } from "./offline-request.js";
import { readKept, writeAsked, writeKept } from "./offline-stanza.js";
import type { OfflineMessageEntry, OfflineStore } from "./offline-store.js";

/** What {@link OfflineMail} is made of. */
export interface OfflineMailOptions {
  readonly domain: string;
  readonly seats: Seats;
  readonly store: OfflineStore;
  readonly log: Logger;
  /** Epoch milliseconds. */
  wallNow(): number;
  /** True where no account keeps anything. */
  readonly isOff: boolean;
  /** Whether there is such an account. */
  hasAccount(name: string): Promise<boolean>;
  /** The sessions that a message for the account goes to now. */
  receivers(account: string): readonly Seat[];
}

/** Why a message is not kept: never will be, or there is no room for it now. */
export type NotKept = "never" | "full";

/** More waits for no store. */
const MAX_WAITING_BYTES = 16_777_216;
/** So much is written to a session before it has to be gone. */
const BATCH_BYTES = 65_536;

/** The kept messages of all accounts. */
export class OfflineMail {
  readonly #options: OfflineMailOptions;
  #store: OfflineStore;
  /** The last message that is being kept: they are kept in the order they came. */
  #keeping: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  /** Who is being given his messages: two sessions must not both get them. */
  readonly #giving = new Map<string, Promise<void>>();

  constructor(options: OfflineMailOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /** Keeps messages there from now on. */
  use(store: OfflineStore): void {
    this.#store = store;
  }

  /** Keeps a message that nobody of the account takes now; `refused` hears when it cannot be kept. */
  keep(
    account: { readonly bare: string; readonly local: string },
    message: XmlElement,
    refused: (why: NotKept) => void,
  ): void {
    const { domain, wallNow } = this.#options;
    const stampMs = wallNow();
    const xml = writeKept(message, stampMs, domain);
    if (this.#waitingBytes + xml.length > MAX_WAITING_BYTES) {
      refused("full");
      return;
    }
    this.#waitingBytes += xml.length;
    this.#keeping = this.#keeping.then(async () => {
      const why = await this.#tryKeep(account, { from: message.attrs["from"] ?? domain, stampMs, xml });
      this.#waitingBytes -= xml.length;
      if (why !== undefined) refused(why);
      // Somebody may have come meanwhile, and was given what there was then.
      else for (const seat of this.#options.receivers(account.bare).slice(0, 1)) this.came(seat);
    });
  }

  /** The session takes messages from now on: it gets what is kept, unless somebody looks through that by himself (XEP-0013 §2.6). */
  came(seat: Seat): void {
    const { bare } = seat.jid;
    const { seats, log } = this.#options;
    if (seats.of(bare).some(({ holdsOffline }) => holdsOffline)) return;
    const given = (this.#giving.get(bare) ?? Promise.resolve())
      .then(() => this.#send(seat, () => this.#store.list(bare), "give"))
      .catch((error: unknown) => log.error("offline.store-failed", { account: bare, cause: String(error) }))
      .then(() => {
        if (this.#giving.get(bare) === given) this.#giving.delete(bare);
      });
    this.#giving.set(bare, given);
  }

  /** Answers a session about its own account; messages that it asks for come before the answer. Throws {@link StanzaError}. */
  async answer(seat: Seat, request: OfflineRequest): Promise<XmlText | undefined> {
    const { bare } = seat.jid;
    if (request.kind !== "purge" && request.kind !== "remove") seat.holdsOffline = true;
    switch (request.kind) {
      case "count":
        return writeCount((await this.#store.list(bare)).length);
      case "list":
        return writeList(bare, await this.#store.list(bare));
      case "fetch":
        return this.#send(seat, () => this.#store.list(bare), "show");
      case "view": {
        const entries = await this.#find(bare, request.ids);
        return this.#send(seat, async () => entries, "show");
      }
      case "remove":
        await this.#find(bare, request.ids);
        await this.#store.remove(bare, request.ids);
        return undefined;
      case "purge":
        await this.#store.remove(bare);
        return undefined;
    }
  }

  /** The account is no more, or has another password: what was kept for one who is gone must not wait for the next of the name. */
  changed(name: string): void {
    const { domain, hasAccount, log } = this.#options;
    const account = `${name}@${domain}`;
    this.#keeping = this.#keeping
      .then(async () => {
        if (!(await hasAccount(name))) await this.#store.remove(account);
      })
      .catch((error: unknown) => log.error("offline.store-failed", { account, cause: String(error) }));
  }

  /** Resolves when every message that was to be kept is, or was refused. Never rejects. */
  kept(): Promise<void> {
    return this.#keeping;
  }

  /** Undefined when it is kept. */
  async #tryKeep(
    { bare, local }: { readonly bare: string; readonly local: string },
    message: Parameters<OfflineStore["keep"]>[1],
  ): Promise<NotKept | undefined> {
    try {
      if (this.#options.isOff || !(await this.#options.hasAccount(local))) return "never";
      if (await this.#store.keep(bare, message)) return undefined;
      this.#options.log.warn("offline.full", { account: bare });
    } catch (error) {
      this.#options.log.error("offline.store-failed", { account: bare, cause: String(error) });
    }
    return "full";
  }

  async #find(account: string, ids: readonly string[]): Promise<readonly OfflineMessageEntry[]> {
    const wanted = new Set(ids);
    const found = (await this.#store.list(account)).filter(({ id }) => wanted.has(id));
    if (found.length < wanted.size) throw new StanzaError("item-not-found");
    return found;
  }

  /** A little at a time, each only when the one before has left, or has been read: a session that ends then loses nothing. */
  async #send(
    seat: Seat,
    find: () => Promise<readonly OfflineMessageEntry[]>,
    how: "give" | "show",
  ): Promise<undefined> {
    const { bare } = seat.jid;
    for (const ids of batchesOf(await find())) {
      for (const { id, xml } of await this.#store.read(bare, ids)) {
        const message = readKept(xml);
        if (message === undefined) this.#options.log.warn("offline.unreadable", { account: bare, id });
        else seat.session.send(how === "show" ? writeAsked(message, id) : writeElement(message, NS_CLIENT));
      }
      if (how === "show") await seat.session.drained();
      // What was not read is for the next session.
      else if (await seat.session.confirmed()) await this.#store.remove(bare, ids);
      else return undefined;
    }
    return undefined;
  }
}

function batchesOf(entries: readonly OfflineMessageEntry[]): string[][] {
  const batches: string[][] = [];
  let room = 0;
  for (const { id, bytes } of entries) {
    const last = batches.at(-1);
    if (last === undefined || bytes > room) {
      batches.push([id]);
      room = BATCH_BYTES - bytes;
    } else {
      last.push(id);
      room -= bytes;
    }
  }
  return batches;
}
