// jabber-rpc mailbox: what an operator does with the tables.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
  expect(await mailbox("retry", "3", "1", "9")).toEqual({
    exitCode: 1,
    lines: [
      "1 row is tried again",
      "row 1 is skipped: it is sent, not parked",
      "row 9 is skipped: there is no such row",
    ],
  });
  expect(await mailbox("retry", "--all")).toEqual({ exitCode: 0, lines: ["0 rows are tried again"] });
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

describe("a database that is not there", () => {
  it.each([["status"], ["retry", "1"], ["retry", "--all"], ["purge", "--older-than", "1"]])(
    "is said by %s, and not made",
    async (...words) => {
      const { exitCode, lines } = await mailbox(...words);
      expect(exitCode).toBe(1);
      const file = join(folder, "mail.db");
      expect(lines).toEqual([
        expect.stringContaining(`gateway.yaml:2 mailbox.url: sqlite: ${file}: there is no such file; a database that`),
      ]);
      expect(existsSync(file)).toBe(false);
    },
  );

  it("or is another program's, is left as it is", async () => {
    const file = join(folder, "mail.db");
    const other = new LibSql(file);
    other.exec("create table users (name text)");
    other.close();
    const before = readFileSync(file);
    const { exitCode, lines } = await mailbox("status");
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /gateway\.yaml:2 mailbox\.url: the database lacks 0001-mailbox.*; run jabber-rpc mailbox migrate --config FILE$/,
      ),
    ]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe("a database that cannot be used is one line", () => {
  const url = (text: string) => `link: {mode: memory}\nmailbox: {url: ${text}}\n`;
  it.each([
    ["link: {mode: memory}\nmailbox: {}\n", /:2 mailbox\.url: missing: expected sqlite:FILE, postgresql:/],
    [url('"sqlite:"'), /:2 mailbox\.url: "sqlite:" is not accepted: expected sqlite:FILE, or postgresql:/],
    [url('"mysql://x/y"'), /:2 mailbox\.url: "mysql:\/\/x\/y" is not accepted: expected sqlite:FILE, or postgresql:/],
    [url("{file: url}"), /:2 mailbox\.url: expected sqlite:FILE or postgresql:/],
    [url('"sqlite:none/x.db"'), /:2 mailbox\.url: sqlite: \S+none\/x\.db: there is no folder \S+none$/],
    [url('"sqlite:."'), /:2 mailbox\.url: sqlite: \S+: it is no file; an SQLite database expected$/],
    [url('"sqlite:gateway.yaml"'), /:2 mailbox\.url: sqlite: \S+gateway\.yaml: file is not a database$/],
    [
      url('"postgresql://localhost:1/x"'),
      /:2 mailbox\.url: postgresql: nothing listens at localhost:1; a running PostgreSQL/,
    ],
  ])("%j", async (settings, line) => {
    writeFileSync(join(folder, "gateway.yaml"), settings);
    writeFileSync(join(folder, "url"), "mysql://owner:secret@host/x");
    const { exitCode, lines } = await mailbox("migrate");
    expect(exitCode).toBe(1);
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  it("to serve too", async () => {
    writeFileSync(join(folder, "gateway.yaml"), url('"postgresql://localhost:1/x"'));
    const { exitCode, stderr } = await runProcess(process.execPath, [
      CLI,
      "serve",
      "--config",
      join(folder, "gateway.yaml"),
    ]);
    expect(exitCode).toBe(1);
    expect(stderr.trim()).toMatch(
      /^\S+gateway\.yaml:2 mailbox\.url: postgresql: nothing listens at localhost:1; [^\n]*$/,
    );
  });
});
