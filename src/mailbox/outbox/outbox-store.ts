// Rows of the outbox in the database: taken under a lease, and moved on. Each function is one transaction.

import { type Kysely, type Selectable, sql } from "kysely";
import type { Database } from "../database.js";
import type { OutboxTable, Tables } from "../tables.js";

/** A row that was taken. Its `stanza_id` stands in the database already. */
export type TakenRow = Pick<
  Selectable<OutboxTable>,
  "id" | "kind" | "recipient" | "body" | "expires_at" | "created_at" | "attempts"
> & { readonly stanza_id: string };

/** A row of which nobody knows whether it was sent. */
export type UnknownRow = Pick<TakenRow, "id" | "kind" | "recipient" | "stanza_id">;

/** What becomes of a taken row. */
export type Ending =
  | { readonly kind: "sent" }
  /** As it was before it was taken: the link failed, not the row. */
  | { readonly kind: "back" }
  | { readonly kind: "postponed"; readonly until: number }
  | { readonly kind: "retry"; readonly at: number; readonly error: string }
  | { readonly kind: "parked"; readonly error: string };

/** The ending of one row. Both columns name it, since another database may have taken the place of the one that it was taken from. */
export type Settlement = Ending & Pick<TakenRow, "id" | "created_at">;

/** Which rows to take. */
export interface TakeOptions {
  readonly owner: string;
  readonly limit: number;
  readonly now: number;
  readonly leaseUntil: number;
}

/** Rows whose gateway has died. */
export interface LapsedOptions {
  readonly owner: string;
  readonly now: number;
  /** Rows that the owner is still working on, whatever their leases say. */
  readonly held: readonly number[];
  /** Kinds that must not be sent twice. */
  readonly onceOnly: readonly string[];
  readonly maxTries: number;
}

/** The outbox. */
export interface OutboxStore {
  /** Takes rows that are due, in order; none of a recipient for whom an earlier row is being sent or waits for its next try. */
  take(options: TakeOptions): Promise<TakenRow[]>;
  /** Writes what became of rows. One that somebody else has taken meanwhile is touched only if it was sent. */
  settle(owner: string, settlements: readonly Settlement[], now: number): Promise<void>;
  renew(owner: string, ids: readonly number[], leaseUntil: number): Promise<void>;
  /** Rows of dead gateways that must not be sent twice: nobody knows whether they were sent. */
  unknownLapsed(options: LapsedOptions): Promise<UnknownRow[]>;
  /**
   * Puts rows of dead gateways back.
   *
   * @param options.told those of {@link unknownLapsed} that are parked; others of their kinds are left
   */
  putBackLapsed(options: LapsedOptions & { readonly told: readonly number[] }): Promise<void>;
  /** Parks what has expired unsent. */
  parkExpired(now: number): Promise<number>;
  /** Lets postponed rows for these bare JIDs, and their resources, be asked about now. */
  release(bareJids: readonly string[]): Promise<void>;
  /**
   * Something that was handed over has come back: writes what becomes of the row with that stanza id. One that is being sent again is left
   * to that, unless it is parked.
   *
   * @returns undefined if there is none
   */
  bounced(
    stanzaId: string,
    isFrom: (recipient: string) => boolean,
    endingOf: (row: Pick<TakenRow, "kind" | "attempts">) => BounceEnding,
  ): Promise<BouncedRow | undefined>;
}

/** What becomes of a row that has come back. */
export type BounceEnding = Extract<Ending, { kind: "retry" | "parked" }>;

/** A row that has come back, and what became of it. */
export interface BouncedRow extends Pick<TakenRow, "id" | "kind" | "recipient"> {
  readonly ending: BounceEnding;
}

type Query = Kysely<Tables>;

/** Milliseconds below this are before March 1973; as seconds they are times of now, or as a number of seconds from now. */
const SECONDS_BELOW = 100_000_000_000;
const EXPIRED = sql<string>`case when expires_at < ${sql.lit(SECONDS_BELOW)}
  then 'expires_at: ' || expires_at || ' looks like seconds; milliseconds since 1970 are expected'
  else 'it expired before it could be sent' end`;

/** Statements with longer lists are split. */
const CHUNK = 500;
/** Transactions that take rows come one after the other: with only their rows locked, two could take rows of one recipient at once. */
const TAKE_LOCK = 0x6a72_7063;

/** The outbox of a database. */
export function createOutboxStore({ query, kind }: Database): OutboxStore {
  const bareRecipient = BARE_RECIPIENT[kind];
  return {
    take: (options) => (kind === "sqlite" ? takeSqlite(query, options) : takePostgres(query, options)),
    settle: (owner, settlements, now) =>
      query.transaction().execute((within) => settle(within, owner, settlements, now)),
    renew: async (owner, ids, leaseUntil) => {
      for (const some of chunks(ids)) {
        const update = query.updateTable("outbox").set({ lease_until: leaseUntil }).where("id", "in", some);
        await update.where("lease_owner", "=", owner).execute();
      }
    },
    unknownLapsed: async (options) =>
      (await lapsedRows(query, options)).filter(({ kind: name }) => options.onceOnly.includes(name)),
    putBackLapsed: (options) => query.transaction().execute((within) => putBackLapsed(within, options)),
    parkExpired: async (now) => {
      const { numUpdatedRows } = await query
        .updateTable("outbox")
        .set({ status: "parked", error: EXPIRED })
        .where("status", "=", sql.lit("new"))
        .where("expires_at", "<=", now)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    release: async (bareJids) => {
      for (const some of chunks(bareJids))
        await query
          .updateTable("outbox")
          .set({ not_before: null })
          .where("status", "=", sql.lit("new"))
          .where("not_before", "is not", null)
          // One that was never taken waits since the application said so.
          .where("stanza_id", "is not", null)
          .where(bareRecipient, "in", some)
          .execute();
    },
    bounced: async (stanzaId, isFrom, endingOf) => {
      const found = await query
        .selectFrom("outbox")
        .select(["id", "kind", "recipient", "attempts"])
        .where("stanza_id", "=", stanzaId)
        .where("status", "in", ["leased", "sent"])
        .executeTakeFirst();
      if (found === undefined || !isFrom(found.recipient)) return undefined;
      const ending = endingOf(found);
      const { error } = ending;
      const update = query.updateTable("outbox").where("id", "=", found.id);
      const { numUpdatedRows } = await (ending.kind === "parked"
        ? update.set({ status: "parked", lease_owner: null, lease_until: null, error })
        : update.set({ status: "new", next_try_at: ending.at, sent_at: null, error }).where("status", "=", "sent")
      ).executeTakeFirst();
      return numUpdatedRows === 0n ? undefined : { ...found, ending };
    },
  };
}

/** The recipient without what stands behind the slash; both databases split a text in their own ways. */
const BARE_RECIPIENT = {
  sqlite: sql<string>`case when instr(recipient, '/') > 0 then substr(recipient, 1, instr(recipient, '/') - 1) else recipient end`,
  postgresql: sql<string>`split_part(recipient, '/', 1)`,
};

/** Rows that may be taken. The words are those of the indexes of 0001-mailbox, or no database would use them. */
function due({ now, limit }: TakeOptions) {
  return sql`select id, recipient from outbox as o
    where status = 'new' and coalesce(next_try_at, not_before, 0) <= ${now}
      and (expires_at is null or expires_at > ${now})
      and not exists (
        select 1 from outbox as earlier
        where (earlier.status = 'leased' or (earlier.status = 'new' and earlier.next_try_at is not null))
          and earlier.recipient = o.recipient and earlier.id < o.id
      )
    order by coalesce(next_try_at, not_before, 0), id limit ${sql.lit(limit)}`;
}

async function takeSqlite(query: Query, options: TakeOptions): Promise<TakenRow[]> {
  const { rows } = await sql<TakenRow>`update outbox
    set status = 'leased', lease_owner = ${options.owner}, lease_until = ${options.leaseUntil}, attempts = attempts + 1,
      stanza_id = coalesce(stanza_id, lower(hex(randomblob(16))))
    where id in (select id from (${due(options)}))
    returning id, kind, recipient, body, expires_at, created_at, attempts, stanza_id`.execute(query);
  return inOrder(rows);
}

function takePostgres(query: Query, options: TakeOptions): Promise<TakenRow[]> {
  return query.transaction().execute(async (within) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(TAKE_LOCK)})`.execute(within);
    const { rows: found } = await sql<{ id: number; recipient: string; is_free: boolean }>`
      with due as materialized (${due(options)}),
        free as (select id from outbox where id in (select id from due) and status = 'new' for update skip locked)
      select due.id, due.recipient, free.id is not null as is_free
        from due left join free on free.id = due.id order by due.id`.execute(within);
    // A row that somebody is just changing is not waited for, but those behind it wait.
    const stopped = new Set<string>();
    const ids: number[] = [];
    for (const { id, recipient, is_free } of found) {
      if (!is_free) stopped.add(recipient);
      else if (!stopped.has(recipient)) ids.push(id);
    }
    if (ids.length === 0) return [];
    const { rows } = await sql<TakenRow>`update outbox
      set status = 'leased', lease_owner = ${options.owner}, lease_until = ${options.leaseUntil}, attempts = attempts + 1,
        stanza_id = coalesce(stanza_id, replace(gen_random_uuid()::text, '-', ''))
      where id = any(${ids})
      returning id, kind, recipient, body, expires_at, created_at, attempts, stanza_id`.execute(within);
    return inOrder(rows);
  });
}

async function settle(within: Query, owner: string, settlements: readonly Settlement[], now: number): Promise<void> {
  const free = { lease_owner: null, lease_until: null };
  const those = (kind: Settlement["kind"]) => chunks(settlements.filter((each) => each.kind === kind));
  for (const some of those("sent")) {
    await within
      .updateTable("outbox")
      .set({ status: "sent", sent_at: now, next_try_at: null, error: null, ...free })
      .where(areRows(some))
      // Whoever has it now cannot make it unsent; and what has come back as undeliverable stays parked.
      .where("status", "in", ["new", "leased"])
      .execute();
  }
  for (const some of those("back")) {
    await within
      .updateTable("outbox")
      .set((is) => ({ status: "new", attempts: is("attempts", "-", 1), ...free }))
      .where(areRows(some))
      .where("lease_owner", "=", owner)
      .execute();
  }
  for (const settlement of settlements) {
    if (settlement.kind === "sent" || settlement.kind === "back") continue;
    const update = within
      .updateTable("outbox")
      .where(areRows([settlement]))
      .where("lease_owner", "=", owner)
      .set(free);
    if (settlement.kind === "parked") await update.set({ status: "parked", error: settlement.error }).execute();
    else if (settlement.kind === "retry")
      await update.set({ status: "new", next_try_at: settlement.at, error: settlement.error }).execute();
    else
      await update
        .set((is) => ({
          status: "new",
          attempts: is("attempts", "-", 1),
          not_before: settlement.until,
          next_try_at: null,
        }))
        .execute();
  }
}

function areRows(rows: readonly Pick<TakenRow, "id" | "created_at">[]) {
  const ids = rows.map(({ id }) => sql.lit(id));
  const pairs = rows.map(({ id, created_at }) => sql`(${sql.lit(id)}, ${sql.lit(created_at)})`);
  // The first half is for the index.
  return sql<boolean>`id in (${sql.join(ids)}) and (id, created_at) in (values ${sql.join(pairs)})`;
}

type LapsedRow = UnknownRow & Pick<TakenRow, "attempts">;

async function lapsedRows(query: Query, { owner, now, held }: LapsedOptions): Promise<LapsedRow[]> {
  const { rows } = await sql<LapsedRow & { readonly lease_owner: string }>`
    select id, kind, recipient, attempts, stanza_id, lease_owner from outbox
    where status = 'leased' and lease_until <= ${now} order by id limit ${sql.lit(CHUNK)}`.execute(query);
  const mine = new Set(held);
  return rows.filter(({ id, lease_owner }) => lease_owner !== owner || !mine.has(id));
}

async function putBackLapsed(
  within: Query,
  options: LapsedOptions & { readonly told: readonly number[] },
): Promise<void> {
  const { now, onceOnly, maxTries, told } = options;
  const free = { lease_owner: null, lease_until: null };
  const dead = await lapsedRows(within, options);
  const unknown = dead.filter(({ id }) => told.includes(id));
  const repeatable = dead.filter(({ kind }) => !onceOnly.includes(kind));
  const worn = repeatable.filter(({ attempts }) => attempts >= maxTries);
  const others = repeatable.filter(({ attempts }) => attempts < maxTries).map(({ id }) => id);
  const park = async (rows: readonly LapsedRow[], error: string) => {
    if (rows.length === 0) return;
    await within
      .updateTable("outbox")
      .set({ status: "parked", error, ...free })
      .where(
        "id",
        "in",
        rows.map(({ id }) => id),
      )
      .where("lease_until", "<=", now)
      .execute();
  };
  await park(unknown, "the gateway ended while it was being sent; whether it arrived is unknown");
  await park(worn, `the gateway ended while it was being sent, and this was try ${maxTries}`);
  if (others.length > 0) {
    await within
      .updateTable("outbox")
      .set({ status: "new", next_try_at: null, ...free })
      .where("id", "in", others)
      .where("lease_until", "<=", now)
      .execute();
  }
}

function inOrder(rows: readonly TakenRow[]): TakenRow[] {
  return [...rows].sort((one, other) => one.id - other.id);
}

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) =>
    items.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}
