// A statement that gave up on a lock of another process: libsql leaves it open, and everything after it must be committed all the same.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqliteThread, type SqliteThread } from "../../src/mailbox/index.js";

let folder: string;
let file: string;
const threads: SqliteThread[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-busy-"));
  file = join(folder, "mailbox.db");
});
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<SqliteThread> {
  const thread = await openSqliteThread(file, { busyMs: 20, lockWaitMs: 100 });
  threads.push(thread);
  return thread;
}

/** Another program that holds the lock of writers until it is told to let go. */
const HOLDER = `
  import { createRequire } from "node:module";
  const LibSql = createRequire(process.argv[1])("libsql");
  const database = new LibSql(process.argv[2]);
  database.exec("begin immediate");
  database.exec("insert into t values ('holder')");
  process.stdout.write("held");
  process.stdin.once("data", () => {
    database.exec("commit");
    process.exit();
  });
`;

async function holdLock(): Promise<() => Promise<void>> {
  const holder = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, import.meta.filename, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  return async () => {
    const exit = once(holder, "exit");
    holder.stdin.write("go");
    await exit;
  };
}

it.each([
  ["another", "insert into t values ('other')", "other"],
  ["the same", "insert into t values ('first')", "first"],
])(
  "is given up after the wait, and what %s statement writes next is there for others",
  async (_which, next, written) => {
    const thread = await open();
    await thread.run("create table t (name text)", []);
    const release = await holdLock();
    const refused = thread.run("insert into t values ('first')", []);
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/^SQLITE_BUSY/) });
    await release();
    await thread.run(next, []);
    const other = await open();
    const { rows } = await other.run("select name from t order by rowid", []);
    expect(rows.map(({ name }) => name)).toEqual(["holder", written]);
    // And others may write.
    await other.run("insert into t values ('after')", []);
  },
);
