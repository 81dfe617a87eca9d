// The web application's own users log in: verifiers by a query (contract: settings, accounts).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CLI, type RunningProcess, runProcess, startProcess } from "../support/processes.js";
import { tryLogin } from "../support/try-login.js";
import { verifiersOf } from "../support/verifiers.js";

let folder: string;
let gateway: RunningProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-sql-"));
});
afterEach(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true });
});

it("accounts of a table log in, also ones that come later; others do not", async () => {
  const ann = await verifiersOf("ann's");
  const database = new Database(join(folder, "site.db"));
  database.exec("CREATE TABLE site_users (login TEXT PRIMARY KEY, sha1 TEXT, sha256 TEXT)");
  const insert = database.prepare("INSERT INTO site_users VALUES (?, ?, ?)");
  insert.run("ann", ...ann);
  writeFileSync(join(folder, "salt"), "some secret of this installation\n");
  writeFileSync(
    join(folder, "gateway.yaml"),
    `link:
  mode: standalone
  listen: {port: 0}
  accounts:
    sql:
      url: sqlite:site.db
      query: SELECT sha1 AS scram_sha_1, sha256 AS scram_sha_256 FROM site_users WHERE login = ?
      saltSecret: {file: salt}
access: [{allow: "*@localhost"}]
`,
  );
  gateway = startProcess(process.execPath, [CLI, "serve", "--config", "gateway.yaml"], { cwd: folder });
  const [, port] = await gateway.until("stdout", /^ready localhost \(127\.0\.0\.1:(\d+)\)/m);
  const service = `xmpp://127.0.0.1:${port}`;
  expect(await tryLogin(service, "ann@localhost", "ann's")).toBe("logged in");
  expect(await tryLogin(service, "ann@localhost", "wrong")).toBe("authentication-failed");
  expect(await tryLogin(service, "bob@localhost", "ann's")).toBe("authentication-failed");
  insert.run("bob", null, ann[1]);
  expect(await tryLogin(service, "bob@localhost", "ann's")).toBe("logged in");
  database.close();
});

it("a database that is not there stops the start with the settings' line", async () => {
  writeFileSync(join(folder, "salt"), "x");
  const sql = "{url: 'sqlite:none.db', query: SELECT 1, saltSecret: {file: salt}}";
  writeFileSync(join(folder, "gateway.yaml"), `link:\n  mode: standalone\n  accounts: {sql: ${sql}}\n`);
  const { exitCode, stderr } = await runProcess(process.execPath, [CLI, "serve", "--config", "gateway.yaml"], {
    cwd: folder,
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^gateway\.yaml:3 link\.accounts: .+/m);
});
