// The users of a web application log in whose table is in PostgreSQL (contract: settings, accounts).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCaller } from "../support/callers.js";
import { type Postgres, startPostgres } from "../support/postgres.js";
import { CLI, runProcess } from "../support/processes.js";
import { type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { tryLogin } from "../support/try-login.js";
import { verifiersOf } from "../support/verifiers.js";

const QUERY = "SELECT sha1 AS scram_sha_1, sha256 AS scram_sha_256 FROM site_users WHERE login = $1";
const CREATE = "CREATE TABLE site_users (login text PRIMARY KEY, sha1 text, sha256 text)";

const stops: (() => Promise<void>)[] = [];
let folder: string;
let database: Postgres;
let gateway: StandaloneProcess;
let service: string;

/** One statement of the web application's. */
async function run(statement: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(statement, [...values]);
  await client.end();
}
async function add(name: string, password: string): Promise<void> {
  await run("INSERT INTO site_users VALUES ($1, $2, $3)", [name, ...(await verifiersOf(password))]);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-sql-accounts-"));
  writeFileSync(join(folder, "salt"), "some secret of this installation\n");
  stops.push(async () => rmSync(folder, { recursive: true }));
  database = await startPostgres();
  stops.push(() => database.stop());
  // The gateway needs no more than this.
  await run(`${CREATE}; CREATE ROLE login_reader LOGIN PASSWORD 'r'; GRANT SELECT ON site_users TO login_reader`);
  await add("alice", "pass word €");
  writeFileSync(join(folder, "url"), `${database.url.replace(/\/\/.*@/, "//login_reader:r@")}\n`);
  const sql = { url: { file: join(folder, "url") }, query: QUERY, saltSecret: { file: join(folder, "salt") } };
  gateway = await startStandalone({ accounts: { sql }, tls: true });
  stops.push(async () => expect(await gateway.stop()).toBe(0));
  service = `xmpp://127.0.0.1:${gateway.port}`;
});
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe("a user of the table", () => {
  it.each(["our requester", "slixmpp", "@xmpp/client"] as const)("logs in and calls with %s", async (kind) => {
    const caller = await startCaller(kind, gateway, "alice", "pass word €");
    expect(await caller.call("localhost", "examples.getStateName", [{ int: 6 }])).toEqual({
      value: { string: "Colorado" },
    });
    await caller.stop();
  });

  it("does not log in with another password, under another name, or with a name that is SQL", async () => {
    expect(await tryLogin(service, "alice@localhost", "wrong")).toBe("authentication-failed");
    expect(await tryLogin(service, "nobody@localhost", "pass word €")).toBe("authentication-failed");
    expect(await tryLogin(service, "x)or(true@localhost", "pass word €")).toBe("authentication-failed");
  });

  it("logs in as soon as there is a row, and no more when it is gone", async () => {
    expect(await tryLogin(service, "bob@localhost", "one")).toBe("authentication-failed");
    await add("bob", "one");
    expect(await tryLogin(service, "bob@localhost", "one")).toBe("logged in");
    await run("DELETE FROM site_users WHERE login = 'bob'");
    await add("bob", "two");
    expect(await tryLogin(service, "bob@localhost", "one")).toBe("authentication-failed");
    expect(await tryLogin(service, "bob@localhost", "two")).toBe("logged in");
  });

  it("cannot log in while the database is away, and can again when it is back", async () => {
    const caller = await startCaller("our requester", gateway, "alice", "pass word €");
    await database.kill();
    expect(await tryLogin(service, "alice@localhost", "pass word €")).toBe("authentication-failed");
    await gateway.gateway.process.until("stderr", /accounts|ECONNREFUSED/);
    // Who is logged in calls on.
    expect(await caller.call("localhost", "examples.getStateName", [{ int: 6 }])).toEqual({
      value: { string: "Colorado" },
    });
    await database.launch();
    expect(await tryLogin(service, "alice@localhost", "pass word €")).toBe("logged in");
    await caller.stop();
  });
});

describe("the start is refused with the line of the settings", () => {
  it.each([
    ["a database that cannot be reached", "postgresql://login_reader:r@127.0.0.1:1/postgres", QUERY, /ECONNREFUSED/],
    ["a wrong password", "wrong", QUERY, /password authentication failed/],
    ["a table that is not there", "right", QUERY.replace("site_users", "users"), /relation "users" does not exist/],
  ])("for %s", async (_what, which, query, expected) => {
    const right = database.url;
    const url = which === "right" ? right : which === "wrong" ? right.replace(/:[^:@]*@/, ":wrong@") : which;
    const sql = { url: { env: "DATABASE_URL" }, query, saltSecret: { file: "salt" } };
    writeFileSync(
      join(folder, "gateway.yaml"),
      `link:\n  mode: standalone\n  accounts: {sql: ${JSON.stringify(sql)}}\n`,
    );
    const { exitCode, stderr } = await runProcess(process.execPath, [CLI, "serve", "--config", "gateway.yaml"], {
      cwd: folder,
      env: { DATABASE_URL: url },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^gateway\.yaml:3 link\.accounts: .+\n$/);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toContain("wrong@");
  });
});
