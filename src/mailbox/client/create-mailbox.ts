// createMailbox: rows in, answers out, for web applications in JavaScript.

import { type Logger, silentLogger } from "../../observe/index.js";
import { type JsonValue } from "../../values/index.js";
import { type Database, openDatabase } from "../database.js";
import { prepareDatabase } from "../prepare.js";
import { createAnswers } from "./answers.js";
import type { Arrival, Mailbox, RowOptions } from "./mailbox.js";
import { serveCalls } from "./serve-calls.js";

const DEFAULT_LIMIT = 100;

/**
 * Opens the tables that a gateway shares, for a program beside it.
 *
 * @param options.url `sqlite:FILE` or `postgresql://…`, as in the gateway's settings
 * @throws Error when the database cannot be opened, or is a PostgreSQL that was not migrated
 */
export async function createMailbox(options: { readonly url: string; readonly log?: Logger }): Promise<Mailbox> {
  const log = options.log ?? silentLogger;
  const database = await openDatabase(options.url, log);
  try {
    await prepareDatabase(database, log);
  } catch (error) {
    await database.close();
    throw error;
  }
  const answers = createAnswers(database, log);
  const stops = new Set<() => Promise<void>>();
  const insert = (kind: string, recipient: string, body: object, row: RowOptions = {}): Promise<number> =>
    insertRow(database, kind, recipient, JSON.stringify(body), row);
  const textBody = (content: string | object): object => (typeof content === "string" ? { text: content } : content);
  const mailbox: Mailbox = {
    notify: (recipient, note, row) => insert("note", recipient, textBody(note), row),
    putQuestion: (recipient, question, row) => insert("question", recipient, textBody(question), row),
    ask: async (recipient, question, row) => answers.of(await mailbox.putQuestion(recipient, question, row)),
    answerTo: (outboxId) => answers.of(outboxId),
    publish: (service, item, row) => insert("publish", service, item, row),
    room: (room, text, row) => insert("room", room, { text }, row),
    call: async (recipient, call, row) => answers.of(await insert("call", recipient, call, row)),
    inbox: (filter) => readInbox(database, filter),
    onChange: database.onChange,
    serve: (method, handler, { concurrency = 8 } = {}) => {
      const stop = serveCalls({ database, log, method, handler, concurrency });
      stops.add(stop);
      return async () => {
        stops.delete(stop);
        await stop();
      };
    },
    close: async () => {
      await Promise.all([...stops].map((stop) => stop()));
      answers.close();
      await database.close();
    },
  };
  return mailbox;
}

async function insertRow(
  { query, announce }: Database,
  kind: string,
  recipient: string,
  body: string,
  { notBefore, expiresAt, dedupeKey }: RowOptions,
): Promise<number> {
  const inserted = await query
    .insertInto("outbox")
    .values({
      kind,
      recipient,
      body,
      dedupe_key: dedupeKey ?? null,
      not_before: notBefore?.getTime() ?? null,
      expires_at: expiresAt?.getTime() ?? null,
    })
    .onConflict((conflict) => conflict.column("dedupe_key").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted !== undefined) {
    announce();
    return inserted.id;
  }
  const first = await query
    .selectFrom("outbox")
    .select("id")
    .where("dedupe_key", "=", dedupeKey ?? null)
    .executeTakeFirstOrThrow();
  return first.id;
}

async function readInbox(
  { query }: Database,
  filter: Parameters<Mailbox["inbox"]>[0] = {},
): Promise<readonly Arrival[]> {
  const { after = 0, kinds, limit = DEFAULT_LIMIT } = filter;
  let rows = query.selectFrom("inbox").selectAll().where("id", ">", after).orderBy("id").limit(limit);
  if (kinds !== undefined) rows = rows.where("kind", "in", kinds);
  return (await rows.execute()).map((row) => ({
    id: row.id,
    kind: row.kind,
    sender: row.sender,
    stanzaId: row.stanza_id,
    // The gateway writes it, from JSON.
    body: JSON.parse(row.body) as JsonValue,
    stamp: new Date(row.stamp),
    createdAt: new Date(row.created_at),
    outboxId: row.outbox_id ?? undefined,
  }));
}
