// What an operator sees and does: how many rows are where, what is parked, and trying that again.

import type { Database } from "./database.js";

/** The state of the mailbox. */
export interface MailboxStatus {
  /** Rows by table and status. The inbox has no status. */
  readonly counts: readonly { readonly table: string; readonly status: string; readonly rows: number }[];
  /** How long the oldest row that is due waits, in milliseconds; undefined when none does. */
  readonly oldestWaitMs: number | undefined;
  /** The newest parked rows. */
  readonly parked: readonly {
    readonly id: number;
    readonly kind: string;
    readonly recipient: string;
    readonly error: string | null;
  }[];
}

const SHOWN_PARKED = 20;

/** Counts. */
export async function mailboxStatus({ query, now }: Pick<Database, "query" | "now">): Promise<MailboxStatus> {
  const counts: MailboxStatus["counts"][number][] = [];
  for (const table of ["outbox", "questions", "calls"] as const) {
    const rows = await query
      .selectFrom(table)
      .select((is) => ["status" as const, is.fn.countAll<number>().as("rows")])
      .groupBy("status")
      .orderBy("status")
      .execute();
    counts.push(...rows.map((row) => ({ table, status: row.status, rows: row.rows })));
  }
  const inbox = await query
    .selectFrom("inbox")
    .select((is) => is.fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  counts.push({ table: "inbox", status: "", rows: inbox.rows });
  const due = await query
    .selectFrom("outbox")
    .select((is) => is.fn.min("created_at").as("oldest"))
    .where("status", "in", ["new", "leased"])
    .where((is) => is.or([is("not_before", "is", null), is("not_before", "<=", now())]))
    .executeTakeFirst();
  const parked = await query
    .selectFrom("outbox")
    .select(["id", "kind", "recipient", "error"])
    .where("status", "=", "parked")
    .orderBy("id", "desc")
    .limit(SHOWN_PARKED)
    .execute();
  // An aggregate over no rows is null.
  const oldest: number | null = due?.oldest ?? null;
  return { counts, oldestWaitMs: oldest === null ? undefined : Math.max(0, now() - oldest), parked };
}

/** What became of rows that were to be tried again. */
export interface Retried {
  readonly count: number;
  /** Those that were named and left as they are; the status is undefined when there is no such row. */
  readonly skipped: readonly { readonly id: number; readonly status: string | undefined }[];
}

/**
 * Has parked rows tried again from their first try, under the ids they had.
 *
 * @param ids which; undefined for all
 */
export async function retryParked({ query, announce }: Database, ids?: readonly number[]): Promise<Retried> {
  const update = query
    .updateTable("outbox")
    .set({ status: "new", attempts: 0, next_try_at: null, error: null })
    .where("status", "=", "parked")
    .returning("id");
  if (ids === undefined) {
    const rows = await update.execute();
    announce();
    return { count: rows.length, skipped: [] };
  }
  const retried = new Set((await update.where("id", "in", ids).execute()).map(({ id }) => id));
  announce();
  const left = ids.filter((id) => !retried.has(id));
  if (left.length === 0) return { count: retried.size, skipped: [] };
  const found = await query.selectFrom("outbox").select(["id", "status"]).where("id", "in", left).execute();
  const statuses = new Map(found.map(({ id, status }) => [id, status]));
  return { count: retried.size, skipped: left.map((id) => ({ id, status: statuses.get(id) })) };
}

/** Deletes rows that were parked before they could be sent and were written before that time, in epoch milliseconds. */
export async function purgeParked({ query }: Pick<Database, "query">, before: number): Promise<number> {
  const { numDeletedRows } = await query
    .deleteFrom("outbox")
    .where("status", "=", "parked")
    .where("created_at", "<", before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
