// Notes to people: sent now or when they are there, at most once a key, with what became of each (XEP-0184; XEP-0203).

import { type Jid, tryParseJid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import type { Note, NoteRecord, SentNote, When } from "../../ports/index.js";
import { ValueError } from "../../values/index.js";
import { findChild, type XmlElement, type XmlText } from "../../xml/index.js";
import { type Clock, type Link, readStanzaError } from "../../xmpp/index.js";
import { readReceipt } from "./incoming.js";
import type { NoteLimits } from "./limits.js";
import type { Outbound } from "./outbound.js";
import { writeNote } from "./write-message.js";

/** What notes stand on. */
export interface NoteSenderOptions {
  readonly link: Pick<Link, "mode" | "jid">;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly limits: NoteLimits & { readonly maxSentBytes: number };
  readonly log: Logger;
  newId(): string;
  /** Told of receipts for messages that are not remembered here: those of rows of the outbox. Must not throw. */
  readonly receivedOther?: ((id: string, from: Jid) => void) | undefined;
}

/** How a note is sent. */
export interface NoteOptions {
  readonly when: When;
  /** Milliseconds of the clock. */
  readonly expiresAt: number;
  readonly dedupeKey?: string | undefined;
  /** When it was written, and under which id it goes: that of a row. Default: now, and a new one. */
  readonly createdAt?: number | undefined;
  readonly id?: string | undefined;
}

/** The notes of a gateway. */
export interface NoteSender {
  /** Throws ValueError for one that makes too large a message, or when too many wait. */
  send(to: Jid, note: Note, options: NoteOptions): Promise<SentNote>;
  recordOf(id: string): NoteRecord | undefined;
  /** Writes the stanza of a note without sending it. Throws ValueError for one that is too large. */
  write(to: Jid, note: Note, id: string, lateSince: Date | undefined): XmlText;
  /** True for a receipt, and for an error, of a note of ours. */
  message(stanza: XmlElement): boolean;
}

interface Kept {
  record: NoteRecord;
  readonly bare: string;
  readonly dedupeKey: string | undefined;
  readonly sent: Settling;
  readonly delivered: Settling;
}

interface Settling {
  readonly promise: Promise<NoteRecord>;
  settle(record: NoteRecord): void;
}

/** Makes a sender that remembers nothing yet. */
export function createNoteSender(options: NoteSenderOptions): NoteSender {
  const { link, outbound, clock, limits, log } = options;
  const kept = new Map<string, Kept>();
  const byKey = new Map<string, Kept>();

  const forgetOldest = (): void => {
    for (const [id, one] of kept) {
      if (one.record.state === "waiting") continue;
      kept.delete(id);
      if (one.dedupeKey !== undefined) byKey.delete(one.dedupeKey);
      one.delivered.settle(one.record);
      return;
    }
  };

  const become = (one: Kept, change: Partial<NoteRecord> & Pick<NoteRecord, "state">): void => {
    one.record = Object.freeze({ ...one.record, ...change });
    log.info("note.state", { id: one.record.id, to: one.bare, state: change.state });
    if (change.state !== "waiting") one.sent.settle(one.record);
    if (change.state !== "waiting" && change.state !== "sent") one.delivered.settle(one.record);
  };

  const write: NoteSender["write"] = (to, note, id, lateSince) => {
    const from = link.mode === "client" ? undefined : link.jid?.full;
    const stanza = writeNote({ id, to: to.full, from }, note, lateSince);
    const bytes = Buffer.byteLength(stanza);
    if (bytes > limits.maxSentBytes)
      throw new ValueError(`the message has ${bytes} bytes, which is over the limit of ${limits.maxSentBytes}`);
    return stanza;
  };

  const send: NoteSender["send"] = async (to, note, { when, expiresAt, dedupeKey, createdAt, id }) => {
    const first = dedupeKey === undefined ? undefined : byKey.get(dedupeKey);
    if (first !== undefined) return { ...handleOf(first), isDuplicate: true };
    const now = clock.now();
    const since = createdAt ?? now;
    const messageId = id ?? options.newId();
    write(to, note, messageId, new Date(since));
    const writeLater = (lateSince: Date | undefined) => write(to, note, messageId, lateSince);
    const sending = outbound.send({ to, when, createdAt: since, expiresAt, write: writeLater });
    const record: NoteRecord = { id: messageId, jid: to.full, state: "waiting", createdAt: new Date(since) };
    const one: Kept = { record, bare: to.bare, dedupeKey, sent: settling(), delivered: settling() };
    kept.set(messageId, one);
    if (dedupeKey !== undefined) byKey.set(dedupeKey, one);
    if (kept.size > limits.noteRecords) forgetOldest();
    void sending.done.then((sent) => {
      // A receipt can be quicker than the server's word that the note is with it.
      if (one.record.state !== "waiting") return;
      if (sent.kind === "expired") become(one, { state: "expired" });
      else become(one, { state: "sent", sentAt: new Date(sent.at) });
    });
    if (sending.isUnderway) await Promise.race([one.sent.promise, sending.done]);
    return { ...handleOf(one), isDuplicate: false };
  };

  const received = (stanza: XmlElement): boolean => {
    const receipt = readReceipt(stanza);
    if (receipt === undefined) return false;
    const one = kept.get(receipt.id);
    if (one === undefined) options.receivedOther?.(receipt.id, receipt.from);
    else if (one.bare === receipt.from.bare && one.record.deliveredAt === undefined) {
      const deliveredAt = new Date(clock.now());
      become(one, {
        state: "delivered",
        sentAt: one.record.sentAt ?? deliveredAt,
        deliveredAt,
        deliveredTo: receipt.from.full,
      });
    }
    // A receipt is for nobody else, whoever it comes from; what is written beside it may be.
    return findChild(stanza, "body") === undefined;
  };

  const bounced = (stanza: XmlElement): boolean => {
    const { type, id } = stanza.attrs;
    if (type !== "error" || id === undefined) return false;
    const one = kept.get(id);
    const from = tryParseJid(stanza.attrs["from"]);
    // Whoever is no party to it cannot make it fail; the server of the person may speak for him.
    const isParty = from !== undefined && (from.bare === one?.bare || from.full === tryParseJid(one?.bare)?.domain);
    if (one === undefined || !isParty) return false;
    const { condition, text } = readStanzaError(stanza);
    if (one.record.state !== "delivered")
      become(one, { state: "failed", error: text === undefined ? condition : `${condition}: ${text}` });
    return true;
  };

  return {
    send,
    write,
    recordOf: (id) => kept.get(id)?.record,
    message: (stanza) => received(stanza) || bounced(stanza),
  };
}

function handleOf(one: Kept): Omit<SentNote, "isDuplicate"> {
  return { record: one.record, sent: one.sent.promise, delivered: one.delivered.promise };
}

function settling(): Settling {
  let settle: Settling["settle"] = () => undefined;
  const promise = new Promise<NoteRecord>((resolve) => {
    settle = resolve;
  });
  return { promise, settle: (record) => settle(record) };
}
