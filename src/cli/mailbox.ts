// What `jabber-rpc mailbox …` does: opens the database of the settings, does one thing, prints it.

import { readSettings } from "../config/index.js";
import {
  checkTables,
  type Database,
  mailboxStatus,
  openDatabase,
  purge,
  purgeParked,
  retryParked,
} from "../mailbox/index.js";
import { readMailboxSettings, withMailboxPlace } from "../parts/index.js";
import { UsageError } from "./exit.js";
import { printable } from "./printable.js";

const DAY_MS = 86_400_000;

/** Brings the tables up to date. */
export function migrateMailbox(config: string): Promise<void> {
  return withDatabase(config, async (database) => {
    const names = await database.migrate();
    print(names.length === 0 ? "the tables are up to date" : names.map((name) => `ran ${name}`).join("\n"));
  });
}

/** Prints counts, and what is parked. */
export function showMailbox(config: string): Promise<void> {
  return withTables(config, async (database) => {
    const { counts, oldestWaitMs, parked } = await mailboxStatus(database);
    for (const { table, status, rows } of counts) print(`${table}${status === "" ? "" : ` ${status}`}: ${rows}`);
    if (oldestWaitMs !== undefined) print(`the oldest row waits since ${Math.round(oldestWaitMs / 1_000)} s`);
    for (const { id, kind, recipient, error } of parked)
      print(printable(`parked ${id}: ${kind} to ${recipient}: ${error ?? ""}`));
  });
}

/** Puts parked rows back. */
export function retryMailbox(config: string, ids: readonly string[], all: boolean): Promise<void> {
  if (all === ids.length > 0) throw new UsageError("either ids of rows, or --all, expected");
  const numbers = ids.map((text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new UsageError(`${text}: the id of a row expected`);
  });
  return withTables(config, async (database) => {
    const { count, skipped } = await retryParked(database, all ? undefined : [...new Set(numbers)]);
    print(`${count} ${count === 1 ? "row is" : "rows are"} tried again`);
    const reasons = skipped.map(
      ({ id, status }) =>
        `row ${id} is skipped: ${status === undefined ? "there is no such row" : `it is ${status}, not parked`}`,
    );
    if (reasons.length > 0) throw new UsageError(reasons.join("\n"));
  });
}

/** Deletes what is done. */
export function purgeMailbox(config: string, days: number, parkedToo: boolean): Promise<void> {
  return withTables(config, async (database) => {
    const before = Math.round(database.now() - days * DAY_MS);
    const purged: Record<string, number> = { ...(await purge(database, before)) };
    if (parkedToo) purged["outbox parked"] = await purgeParked(database, before);
    for (const [table, count] of Object.entries(purged)) print(`${table}: ${count} deleted`);
  });
}

/** Only the gateway, and `migrate`, make what is missing: a mistyped path is said. */
function withTables(config: string, run: (database: Database) => Promise<void>): Promise<void> {
  return withDatabase(
    config,
    async (database) => {
      await checkTables(database);
      await run(database);
    },
    false,
  );
}

async function withDatabase(config: string, run: (database: Database) => Promise<void>, isMade = true): Promise<void> {
  const read = readSettings(config);
  const mailbox = readMailboxSettings(read);
  if (mailbox === undefined) throw new UsageError(`${config}: there is no mailbox`);
  try {
    const database = await openDatabase(mailbox.url, undefined, { isMade });
    try {
      await run(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    throw withMailboxPlace(read, error);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
