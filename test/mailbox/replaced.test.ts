// An SQLite file that is deleted, or replaced by another, under a running gateway.

import { copyFile, rename, rm } from "node:fs/promises";
import LibSql from "libsql";
import { afterEach, expect, it } from "vitest";
import { outboxKind, type Sending } from "../../src/mailbox/index.js";
import { callStanza } from "../support/memory-gateway.js";
import { recordingLog } from "../support/recording-log.js";
import { type MailboxScene, PEER, type SceneOptions, startScene } from "./support.js";

let scene: MailboxScene | undefined;
const others: LibSql.Database[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) other.close();
  await scene?.stop();
  scene = undefined;
});

async function start(options: SceneOptions = {}) {
  const log = recordingLog();
  scene = await startScene({ ...options, gateway: { log } });
  return { ...scene, log };
}

/** The file with everything that SQLite keeps beside it. */
const partsOf = (file: string): string[] => [file, `${file}-wal`, `${file}-shm`];
const remove = async (file: string): Promise<void> => {
  for (const part of partsOf(file)) await rm(part, { force: true });
};
/** The application comes again, to what is there now. */
function open(file: string): LibSql.Database {
  const database = new LibSql(file);
  database.exec("pragma busy_timeout = 0");
  others.push(database);
  return database;
}
async function statusIs(database: LibSql.Database, id: number, status: string): Promise<void> {
  while (statusOf(database, id) !== status) await new Promise((resolve) => setTimeout(resolve, 5));
}
function statusOf(database: LibSql.Database, id: number): unknown {
  // `get` leaves the statement open, and with it the state of the database that it reads.
  return database.prepare("select status from outbox where id = ?").pluck().all(id)[0];
}
const insert = (database: LibSql.Database, text: string): number =>
  Number(
    database
      .prepare("insert into outbox (kind, recipient, body) values ('text', ?, ?)")
      .run(PEER, JSON.stringify({ text })).lastInsertRowid,
  );

it("is said with its path, and made again: rows of the new one are sent", async () => {
  const { file, log, peer, outbox, until } = await start();
  const first = await outbox({ kind: "text", recipient: PEER, body: '{"text":"first"}' });
  await peer.next();
  await until("select 1 from outbox where id = ? and status = 'sent'", first);
  await remove(file);
  expect(await log.until(/^mailbox\.replaced/)).toContain(file);
  await log.until(/^mailbox\.reopened .*0001-mailbox/);
  const database = open(file);
  const second = insert(database, "second");
  expect(second).toBe(first);
  expect(JSON.stringify(await peer.next())).toContain("second");
  await statusIs(database, second, "sent");
});

/** A sending that ends when the test says so. */
function slowSending() {
  const waiting: ((sending: Sending) => void)[] = [];
  return {
    slow: () => new Promise<Sending>((resolve) => waiting.push(resolve)),
    begun: async () => {
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    finish: () => waiting.shift()?.("confirmed"),
  };
}

it("replaced by a backup: what is on its way is not sent again, and what is not is sent", async () => {
  const { begun, finish, slow } = slowSending();
  const sent: string[] = [];
  const kind = outboxKind<string>({
    name: "text",
    read: (body) => JSON.stringify(body),
    send: (_row, text) => {
      sent.push(text);
      return text.includes("slow") ? slow() : "confirmed";
    },
  });
  const { file, log, sql } = await start({ kinds: () => [kind] });
  // Neither is due before the backup is made.
  await sql(`insert into outbox (kind, recipient, body, not_before) values ('text', 'a@b', '"slow"', 1e15)`);
  await sql(`insert into outbox (kind, recipient, body, not_before) values ('text', 'c@d', '"other"', 1e15)`);
  await sql("vacuum into ?", `${file}.backup`);
  await sql("update outbox set not_before = null where id = 1");
  await begun();
  const backup = open(`${file}.backup`);
  backup.exec("update outbox set not_before = null");
  backup.close();
  others.pop();
  await remove(file);
  await rename(`${file}.backup`, file);
  await log.until(/^mailbox\.reopened/);
  const database = open(file);
  await statusIs(database, 2, "sent");
  await statusIs(database, 1, "leased");
  finish();
  await statusIs(database, 1, "sent");
  expect(sent).toEqual(['"slow"', '"other"']);
});

it("what becomes of a row of the old file is not written to another row of the same id", async () => {
  const { begun, finish, slow } = slowSending();
  const kind = outboxKind<string>({
    name: "text",
    read: () => "",
    send: slow,
  });
  const { file, log, outbox } = await start({ kinds: () => [kind] });
  await outbox({ kind: "text", recipient: "a@b", body: "1" });
  await begun();
  await remove(file);
  await log.until(/^mailbox\.reopened/);
  const database = open(file);
  database.exec("insert into outbox (kind, recipient, body, not_before) values ('text', 'a@b', '2', 1e15)");
  finish();
  database.exec("insert into outbox (kind, recipient, body) values ('text', 'c@d', '3')");
  await statusIs(database, 2, "leased");
  expect(statusOf(database, 1)).toBe("new");
  await begun();
  finish();
});

it("calls that wait for the application fault, and are not answered by other rows of their ids", async () => {
  const { file, log, peer, sql, until } = await start({ mailbox: { methods: [{ name: "a.b" }] } });
  peer.send(callStanza("a.b"));
  await until("select 1 from calls");
  await sql("pragma wal_checkpoint(truncate)");
  await copyFile(file, `${file}.backup`);
  const backup = open(`${file}.backup`);
  backup.exec("update calls set status = 'done', result = '\"of another\"'");
  backup.close();
  others.pop();
  await remove(file);
  await rename(`${file}.backup`, file);
  expect(JSON.stringify((await peer.next()).children)).toContain("-32500");
  await log.until(/^mailbox\.reopened/);
});
