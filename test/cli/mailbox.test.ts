// jabber-rpc mailbox: what an operator does with the tables.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CLI, runProcess } from "../support/processes.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-mailbox-"));
  writeFileSync(join(folder, "gateway.yaml"), 'link: {mode: memory}\nmailbox: {url: "sqlite:mail.db"}\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function mailbox(...args: string[]) {
  const { exitCode, stdout, stderr } = await runProcess(
    process.execPath,
    [CLI, "mailbox", ...args, "--config", join(folder, "gateway.yaml")],
    { cwd: tmpdir() },
  );
  return { exitCode, lines: (stdout + stderr).trim().split("\n") };
}

it("migrates, tells, tries again and deletes", async () => {
  const migrated = await mailbox("migrate");
  expect(migrated.exitCode).toBe(0);
  expect(migrated.lines).toContain("ran 0001-mailbox");
  expect(await mailbox("migrate")).toEqual({ exitCode: 0, lines: ["the tables are up to date"] });
  const database = new LibSql(join(folder, "mail.db"));
  const insert = "insert into outbox (kind, recipient, body, status, sent_at, error, attempts) values";
  database.exec(`${insert} ('note', 'a@b', '{}', 'sent', 1, null, 1), ('note', 'a@b', '{}', 'new', null, null, 0)`);
  database.exec(`${insert} ('fax', 'a@b', '{}', 'parked', null, 'no kind' || char(27), 3)`);
  expect((await mailbox("status")).lines).toEqual([
    "outbox new: 1",
    "outbox parked: 1",
    "outbox sent: 1",
    "inbox: 0",
    expect.stringMatching(/^the oldest row waits since \d+ s$/),
    expect.stringMatching(/^parked 3: fax to a@b: no kind\S+$/),
  ]);
  expect((await mailbox("retry", "3", "1")).lines).toEqual(["1 row is tried again"]);
  expect(database.prepare("select status, attempts, error from outbox where id = 3").get()).toMatchObject({
    status: "new",
    attempts: 0,
    error: null,
  });
  expect((await mailbox("purge", "--older-than", "30", "--parked")).lines).toEqual([
    "outbox: 1 deleted",
    "inbox: 0 deleted",
    "questions: 0 deleted",
    "calls: 0 deleted",
    "outbox parked: 0 deleted",
  ]);
  database.close();
});

it("says what is wrong", async () => {
  expect(await mailbox("retry")).toEqual({ exitCode: 1, lines: ["either ids of rows, or --all, expected"] });
  expect(await mailbox("retry", "x")).toEqual({ exitCode: 1, lines: ["x: the id of a row expected"] });
  expect((await mailbox("purge", "--older-than", "long")).exitCode).toBe(1);
  writeFileSync(join(folder, "gateway.yaml"), "link: {mode: memory}\n");
  const { exitCode, lines } = await mailbox("status");
  expect(exitCode).toBe(1);
  expect(lines[0]).toMatch(/gateway\.yaml: there is no mailbox$/);
});
