// docs/mailbox.md: its SQL runs on SQLite (on PostgreSQL: test/interop/mailbox-postgres.test.ts), and its tables say what there is.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/mailbox/index.js";
import { documentedSql } from "../support/documented-sql.js";
import { pageOf, readPages, tableUnder } from "./pages.js";

let folder: string;
let application: InstanceType<typeof LibSql>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-docs-"));
  const file = join(folder, "mailbox.db");
  const database = await openDatabase(`sqlite:${file}`);
  await database.migrate();
  await database.close();
  application = new LibSql(file);
});
afterAll(() => {
  application.close();
  rmSync(folder, { recursive: true });
});

describe("the SQL of the page", () => {
  const blocks = documentedSql("sqlite");

  it("is there", () => {
    expect(blocks.length).toBeGreaterThan(6);
  });

  it.each(blocks)("%s", (_place, text) => {
    expect(() => application.exec(text)).not.toThrow();
  });

  it("has inserted what it says", () => {
    const rows = application.prepare("select kind, recipient, body, status, dedupe_key from outbox order by id").all();
    expect(rows).toMatchObject([
      { kind: "note", recipient: "ann@example.org", body: '{"text": "The backup is done."}', status: "new" },
      { body: '{"text":"Order 7 is paid.","urgency":"high"}', status: "parked", dedupe_key: "order 7 paid" },
    ]);
  });
});

it("the table of columns has every column of the outbox that is not needed", () => {
  const columns = application.prepare("select name from pragma_table_info('outbox')").all() as { name: string }[];
  const page = pageOf(readPages(), "docs/mailbox.md");
  const told = [...page.text.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
  );
  const needed = ["id", "kind", "recipient", "body"];
  expect(columns.map(({ name }) => name).filter((name) => !needed.includes(name) && !told.includes(name))).toEqual([]);
  expect(tableUnder(page, "What is promised").length).toBeGreaterThan(8);
});
