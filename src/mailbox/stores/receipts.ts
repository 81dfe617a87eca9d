// Receipts for rows of the outbox, as rows of the inbox: the message has the row's stanza id (XEP-0184).

import { type Jid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Database } from "../database.js";

/** Writes `receipt` rows, one for each address that a message arrived at. What it returns never throws. */
export function recordReceipts(database: () => Database, log: Logger): (stanzaId: string, from: Jid) => void {
  const record = async (stanzaId: string, from: Jid): Promise<void> => {
    const { query, announce } = database();
    const row = await query
      .selectFrom("outbox")
      .select(["id", "recipient"])
      .where("stanza_id", "=", stanzaId)
      .executeTakeFirst();
    // Whoever it was not sent to has nothing to say about it.
    if (row === undefined || tryParseJid(row.recipient)?.bare !== from.bare) return;
    await query
      .insertInto("inbox")
      .values({
        kind: "receipt",
        sender: from.full,
        stanza_id: stanzaId,
        body: JSON.stringify({ stanzaId }),
        outbox_id: row.id,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    announce();
  };
  return (stanzaId, from) => {
    record(stanzaId, from).catch((error: unknown) =>
      log.error("inbox.receipt-lost", { from: from.full, cause: messageOf(error) }),
    );
  };
}
