// The mailbox's own four tables.

import { sql } from "kysely";
import type { BuildTables } from "./flavor.js";

/** outbox, inbox, questions and calls, and on PostgreSQL what tells listeners of `jabber_rpc` about new rows. */
export const buildMailbox: BuildTables = async (database, flavor) => {
  const { id, bigint, now, end, kind } = flavor;
  const statements = [
    sql`create table outbox (
      id ${id},
      kind text not null,
      recipient text not null,
      body text not null,
      dedupe_key text unique,
      not_before ${bigint},
      expires_at ${bigint},
      created_at ${bigint} not null default ${now},
      status text not null default 'new' check (status in ('new', 'leased', 'sent', 'parked')),
      lease_owner text,
      lease_until ${bigint},
      attempts integer not null default 0 check (attempts >= 0),
      next_try_at ${bigint},
      stanza_id text,
      sent_at ${bigint},
      error text
    ) ${end}`,
    // Rows that are done, nearly all after a while, are in none of these but the last two. Their words are those of the queries.
    sql`create index outbox_due on outbox (coalesce(next_try_at, not_before, 0), id) where status = 'new'`,
    sql`create index outbox_blocking on outbox (recipient, id)
      where status = 'leased' or (status = 'new' and next_try_at is not null)`,
    sql`create index outbox_leased on outbox (lease_until) where status = 'leased'`,
    sql`create index outbox_expiring on outbox (expires_at) where status = 'new' and expires_at is not null`,
    sql`create index outbox_stanza on outbox (stanza_id) where stanza_id is not null`,
    sql`create index outbox_sent on outbox (sent_at) where status = 'sent'`,

    sql`create table inbox (
      id ${id},
      kind text not null,
      sender text not null,
      stanza_id text not null,
      body text not null,
      stamp ${bigint} not null default ${now},
      created_at ${bigint} not null default ${now},
      outbox_id ${bigint},
      unique (sender, stanza_id, kind)
    ) ${end}`,
    sql`create index inbox_outbox on inbox (outbox_id) where outbox_id is not null`,
    sql`create index inbox_created on inbox (created_at)`,

    sql`create table questions (
      id ${id},
      code text not null,
      outbox_id ${bigint},
      asked text not null,
      form text,
      deadline_at ${bigint},
      status text not null default 'open' check (status in ('open', 'answered', 'expired', 'canceled')),
      answer text,
      answered_by text,
      answered_at ${bigint}
    ) ${end}`,
    sql`create unique index questions_open on questions (asked, code) where status = 'open'`,
    sql`create index questions_outbox on questions (outbox_id) where outbox_id is not null`,
    sql`create index questions_deadline on questions (deadline_at) where status = 'open' and deadline_at is not null`,

    sql`create table calls (
      id ${id},
      method text not null,
      params text not null default '[]',
      requester text not null,
      deadline_at ${bigint} not null,
      status text not null default 'new' check (status in ('new', 'leased', 'done', 'faulted', 'expired')),
      result text,
      fault_code integer,
      fault_string text,
      finished_at ${bigint},
      check (status <> 'done' or result is not null),
      check (status <> 'faulted' or (fault_code is not null and fault_string is not null))
    ) ${end}`,
    sql`create index calls_waiting on calls (method, id) where status = 'new'`,
    sql`create index calls_deadline on calls (deadline_at)`,
    ...(kind === "postgresql" ? notifications() : []),
  ];
  for (const statement of statements) await statement.execute(database);
};

/** LISTEN jabber_rpc gets the name of the table. Rows that the gateway itself moves on are not worth a word. */
function notifications() {
  return [
    sql`create function jabber_rpc_notify() returns trigger language plpgsql as $$
      begin
        perform pg_notify('jabber_rpc', tg_table_name);
        return null;
      end
    $$`,
    ...["outbox", "inbox", "calls"].map(
      (table) =>
        sql`create trigger ${sql.ref(`${table}_inserted`)} after insert on ${sql.table(table)}
          for each statement execute function jabber_rpc_notify()`,
    ),
    sql`create trigger outbox_renewed after update on outbox for each row
      when (new.status = 'new' and old.status = 'parked') execute function jabber_rpc_notify()`,
    sql`create trigger calls_finished after update on calls for each row
      when (new.status in ('done', 'faulted') and old.status <> new.status) execute function jabber_rpc_notify()`,
  ];
}
