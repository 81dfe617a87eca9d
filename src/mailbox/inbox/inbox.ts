// Rows of the inbox: written in batches, kept in memory while the database is away, and never twice.

import { randomBytes } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Clock } from "../../xmpp/index.js";
import type { Database } from "../database.js";
import type { MailboxLimits } from "../limits.js";
import type { Tables } from "../tables.js";

/** Something that came in. */
export interface InboxEntry {
  /** `message`, or what it answers: `answer`, `result` … */
  readonly kind: string;
  /** The full JID it came from. */
  readonly sender: string;
  /** What tells it from others of this sender and kind. Undefined: it is like no other. */
  readonly stanzaId: string | undefined;
  /** Becomes JSON. */
  readonly body: unknown;
  /** Epoch milliseconds: when it was written. Default: now. */
  readonly stamp?: number;
  /** The row of the outbox that it answers. */
  readonly outboxId?: number;
}

/** Writes the inbox. */
export interface Inbox {
  /**
   * Resolves when the entry is in the database, or there already. While the database is away it waits; rejects only when
   * `limits.inboxWaiting` others wait, or the gateway stops.
   */
  store(entry: InboxEntry): Promise<void>;
  /** Writes what waits, for no longer than `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** What an inbox stands on. */
export interface InboxOptions {
  readonly database: Pick<Database, "query" | "announce">;
  readonly limits: Pick<MailboxLimits, "inboxWaiting">;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Waiting {
  readonly entry: InboxEntry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;
const BATCH = 200;
/** A message that comes again, since a stream was resumed or an archive read, comes soon; many clients use an id again after a restart. */
const SAME_WITHIN_MS = 86_400_000;

/** The inbox of a database. */
export function createInbox(options: InboxOptions): Inbox {
  const { database, limits, clock, log } = options;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let isClosed = false;

  const write = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    let retryMs = FIRST_RETRY_MS;
    while (waiting.length > 0) {
      if (isClosed) return;
      const batch = waiting.slice(0, BATCH);
      try {
        await database.query.transaction().execute(async (within) => {
          for (const { entry } of batch) await insert(within, entry, clock.now());
        });
      } catch (error) {
        log.warn("inbox.store-failed", { rows: waiting.length, cause: messageOf(error), retryMs });
        const pauseMs = retryMs;
        await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
        continue;
      }
      retryMs = FIRST_RETRY_MS;
      waiting = waiting.slice(batch.length);
      for (const { resolve } of batch) resolve();
      database.announce();
    }
    writing = undefined;
  };

  return {
    store: (entry) => {
      if (isClosed) return Promise.reject(new Error("the mailbox is closed"));
      if (waiting.length >= limits.inboxWaiting)
        return Promise.reject(new Error(`${limits.inboxWaiting} entries wait for the database (limit inboxWaiting)`));
      return new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        writing ??= write();
      });
    },
    close: async (limitMs) => {
      let cancel: (() => void) | undefined;
      const tooLong = new Promise<void>((resolve) => {
        cancel = clock.after(limitMs, resolve);
      });
      await Promise.race([writing, tooLong]);
      cancel?.();
      isClosed = true;
      if (waiting.length > 0) log.error("inbox.lost", { rows: waiting.length });
      for (const { reject } of waiting.splice(0)) reject(new Error("the mailbox is closed"));
    },
  };
}

async function insert(within: Kysely<Tables>, entry: InboxEntry, now: number): Promise<void> {
  const row = {
    kind: entry.kind,
    sender: entry.sender,
    body: JSON.stringify(entry.body),
    outbox_id: entry.outboxId ?? null,
    ...(entry.stamp === undefined ? {} : { stamp: Math.round(entry.stamp) }),
  };
  const own = randomBytes(12).toString("hex");
  const stanzaId = entry.stanzaId ?? own;
  const inserted = await within
    .insertInto("inbox")
    .values({ ...row, stanza_id: stanzaId })
    .onConflict((conflict) => conflict.columns(["sender", "stanza_id", "kind"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  // Ids of answers are ours; those of messages are whatever clients make them.
  if (inserted !== undefined || entry.kind !== "message") return;
  const again = `${stanzaId}#`;
  const same = await within
    .selectFrom("inbox")
    .select("id")
    .where("sender", "=", row.sender)
    .where("kind", "=", row.kind)
    .where((is) =>
      is.or([is("stanza_id", "=", stanzaId), is(sql`substr(stanza_id, 1, ${sql.lit(again.length)})`, "=", again)]),
    )
    .where("body", "=", row.body)
    .where("created_at", ">", now - SAME_WITHIN_MS)
    .executeTakeFirst();
  if (same !== undefined) return;
  // Another message under an id that was used before.
  await within
    .insertInto("inbox")
    .values({ ...row, stanza_id: again + own })
    .execute();
}
