// Receipts and errors for rows of the outbox, as rows of the inbox: the message has the row's stanza id.

import { type Jid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Database } from "../database.js";

/** What comes back for a message that a row of the outbox became. Neither throws. */
export interface OutboxEvents {
  /** Writes `receipt`, once for each address. */
  received(id: string, from: Jid): void;
  /** Writes `error`, with the text. */
  failed(id: string, from: Jid, error: string): void;
}

/** Writes them into a database. */
export function createOutboxEvents(database: () => Database, log: Logger): OutboxEvents {
  const write = async (kind: "receipt" | "error", id: string, from: Jid, body: object): Promise<void> => {
    const row = await database()
      .query.selectFrom("outbox")
      .select(["id", "recipient"])
      .where("stanza_id", "=", id)
      .executeTakeFirst();
    // Whoever is no party to it has no say; the server of the recipient may speak for him.
    const recipient = tryParseJid(row?.recipient);
    if (row === undefined || (from.bare !== recipient?.bare && from.full !== recipient?.domain)) return;
    await database()
      .query.insertInto("inbox")
      .values({ kind, sender: from.full, stanza_id: id, body: JSON.stringify(body), outbox_id: row.id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    database().announce();
  };
  const report = (error: unknown): void => log.error("mailbox.event-lost", { cause: messageOf(error) });
  return {
    received: (id, from) => void write("receipt", id, from, { stanzaId: id }).catch(report),
    failed: (id, from, error) => void write("error", id, from, { stanzaId: id, error }).catch(report),
  };
}
