// Rows that are done are kept for a while, so that people can look what happened, and then deleted.

import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "./database.js";
import type { Tables } from "./tables.js";

/** The tables whose rows are over one day. */
type Passing = "outbox" | "inbox" | "questions" | "calls";

/** What is over, table by table, and since when. What is parked waits for a person. */
const OVER: Readonly<Record<Passing, (before: number) => RawBuilder<boolean>>> = {
  outbox: (before) => sql`status = 'sent' and sent_at < ${before}`,
  inbox: (before) => sql`created_at < ${before}`,
  questions: (before) => sql`status <> 'open' and coalesce(answered_at, deadline_at) < ${before}`,
  calls: (before) => sql`status in ('done', 'faulted', 'expired') and deadline_at < ${before}`,
};

/** Short transactions: nobody is held up by a large deletion. */
const CHUNK = 1_000;

/** How many rows of each table were deleted. */
export type Purged = Readonly<Record<Passing, number>>;

/** Deletes what was over before that time, in epoch milliseconds. */
export async function purge({ query }: Pick<Database, "query">, before: number): Promise<Purged> {
  return {
    outbox: await purgeTable(query, "outbox", before),
    inbox: await purgeTable(query, "inbox", before),
    questions: await purgeTable(query, "questions", before),
    calls: await purgeTable(query, "calls", before),
  };
}

async function purgeTable(query: Kysely<Tables>, table: Passing, before: number): Promise<number> {
  let all = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)}
      where id in (select id from ${sql.table(table)} where ${OVER[table](before)} limit ${sql.lit(CHUNK)})`.execute(
      query,
    );
    all += Number(numAffectedRows);
    if (numAffectedRows < CHUNK) return all;
  }
}
