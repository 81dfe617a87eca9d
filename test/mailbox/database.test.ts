// Opening a database: its tables, its defaults, and what it refuses; on SQLite, in memory and in a file.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/mailbox/index.js";

let folder: string;
let file: string;
const open: Database[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-mailbox-"));
  file = join(folder, "mailbox.db");
});
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
  await rm(folder, { recursive: true });
});

async function openMigrated(url = `sqlite:${file}`): Promise<Database> {
  const database = await openDatabase(url);
  open.push(database);
  await database.migrate();
  return database;
}

describe("openDatabase", () => {
  it.each(["sqlite::memory:", "sqlite:FILE"])(
    "makes the tables of %s; a row needs kind, recipient and body",
    async (url) => {
      const { query } = await openMigrated(url.replace("FILE", file));
      const before = Date.now();
      await query.insertInto("outbox").values({ kind: "note", recipient: "ann@localhost", body: "{}" }).execute();
      const row = await query.selectFrom("outbox").selectAll().executeTakeFirstOrThrow();
      expect(row).toMatchObject({
        id: 1,
        kind: "note",
        recipient: "ann@localhost",
        body: "{}",
        status: "new",
        attempts: 0,
      });
      expect(row).toMatchObject({ dedupe_key: null, not_before: null, stanza_id: null, error: null });
      expect(Math.abs(row.created_at - before)).toBeLessThan(60_000);
    },
  );

  it("migrates once, also when two do so at a time", async () => {
    const [one, other] = [await openDatabase(`sqlite:${file}`), await openDatabase(`sqlite:${file}`)];
    open.push(one, other);
    expect(await one.missingMigrations()).toContain("0001-mailbox");
    const ran = await Promise.all([one.migrate(), other.migrate()]);
    expect(ran.flat().filter((name) => name === "0001-mailbox")).toHaveLength(1);
    expect(await other.missingMigrations()).toEqual([]);
  });

  it("refuses what is no status, and text where a time belongs", async () => {
    await openMigrated();
    const plain = new LibSql(file);
    const insert = (column: string, value: string) => () =>
      plain.exec(`insert into outbox (kind, recipient, body, ${column}) values ('note', 'a@b', '{}', ${value})`);
    expect(insert("status", "'done'")).toThrow(/CHECK/);
    expect(insert("not_before", "'tomorrow'")).toThrow(/TEXT/);
    expect(insert("dedupe_key", "'once'")).not.toThrow();
    expect(insert("dedupe_key", "'once'")).toThrow(/UNIQUE/);
    plain.close();
  });

  it("tells that somebody else has written", async () => {
    const database = await openMigrated();
    const changed = new Promise<void>((resolve) => void database.onChange(resolve));
    const plain = new LibSql(file);
    plain.exec("insert into outbox (kind, recipient, body) values ('note', 'a@b', '{}')");
    plain.close();
    await changed;
  });

  it("waits for a lock of somebody else in its thread only", async () => {
    const database = await openMigrated();
    const plain = new LibSql(file);
    plain.exec("begin immediate");
    let isWritten = false;
    const written = database.query
      .insertInto("outbox")
      .values({ kind: "note", recipient: "a@b", body: "{}" })
      .execute()
      .then(() => {
        isWritten = true;
      });
    // The event loop turns meanwhile.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    plain.exec("commit");
    plain.close();
    await written;
  });

  it("names a file that cannot be opened, and another kind of database", async () => {
    await expect(openDatabase(`sqlite:${folder}/none/mailbox.db`)).rejects.toThrow(/none\/mailbox\.db: /);
    await expect(openDatabase("mysql://localhost/x")).rejects.toThrow("expected sqlite:FILE or postgresql://…");
  });

  it("takes every value that a program may give", async () => {
    const { query } = await openMigrated();
    const { id } = await query
      .insertInto("outbox")
      .values({ kind: "note", recipient: "a@b", body: "ä\u{1F600}", not_before: 4_102_444_800_000 })
      .returning("id")
      .executeTakeFirstOrThrow();
    const row = await query.selectFrom("outbox").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ body: "ä\u{1F600}", not_before: 4_102_444_800_000 });
    const { numUpdatedRows } = await query.updateTable("outbox").set({ error: "x" }).executeTakeFirst();
    expect(numUpdatedRows).toBe(1n);
  });
});
