// Commands of other implementations run by our `command`: the admin commands of Prosody and ejabberd (issue 5).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEjabberd } from "../support/ejabberd.js";
import { CLI, runProcess } from "../support/processes.js";
import { startProsody } from "../support/prosody.js";
import type { ServerProcess } from "../support/server-process.js";
import { startTerminal } from "../support/terminal.js";

const users = { alice: "secret", admin: "secret" };
const ADMIN = "http://jabber.org/protocol/admin";

function environment(server: ServerProcess): Readonly<Record<string, string>> {
  return {
    JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${server.port}`,
    JABBER_RPC_JID: "admin@localhost/desk",
    JABBER_RPC_PASSWORD: users.admin,
  };
}

function runCommand(server: ServerProcess, ...words: string[]) {
  return runProcess(process.execPath, [CLI, "command", "localhost", ...words], { env: environment(server) });
}

describe("Prosody's mod_admin_adhoc", () => {
  let prosody: ServerProcess;
  beforeAll(async () => {
    prosody = await startProsody({
      users,
      modules: ["adhoc", "admin_adhoc"],
      extraConfig: 'admins = { "admin@localhost" }',
    });
  });
  afterAll(() => prosody.stop());
  const run = (...words: string[]) => runCommand(prosody, ...words);

  it("is listed", async () => {
    expect((await run()).stdout).toMatch(new RegExp(`^${ADMIN}#add-user +Add User$`, "m"));
  });

  it("answers a form with a boolean and a list", async () => {
    const { stdout, stderr } = await run(
      `${ADMIN}#get-online-users-list`,
      "--field",
      "max_items=25",
      "--field",
      "details=true",
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^The list of all online users:\n {2}admin@localhost/);
  });

  it("takes an address and a password, and tells success in a note", async () => {
    const fields = ["accountjid=bob@localhost", "password=pw", "password-verify=pw"].flatMap((field) => [
      "--field",
      field,
    ]);
    expect(await run(`${ADMIN}#add-user`, ...fields)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: expect.stringMatching(/successfully created/i),
    });
  });

  it("tells failure in an error note", async () => {
    const fields = ["accountjid=bob@localhost", "password=pw", "password-verify=other"].flatMap((field) => [
      "--field",
      field,
    ]);
    const { exitCode, stderr } = await run(`${ADMIN}#add-user`, ...fields);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
  });

  it("refuses an address that is none before it is sent", async () => {
    const { exitCode, stderr } = await run(`${ADMIN}#add-user`, "--field", "accountjid=@");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("an address such as name@example.org expected")]);
  });

  it("shows results of several lines, also as JSON", async () => {
    expect((await run("http://prosody.im/protocol/modules#list")).stdout).toMatch(
      /following modules are loaded:\n {2}\w+/,
    );
    const { stdout } = await run("http://prosody.im/protocol/modules#list", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      status: "completed",
      fields: { modules: expect.arrayContaining(["adhoc"]) },
    });
  });

  it("is filled in by a person", async () => {
    const terminal = await startTerminal(
      `${process.execPath} ${CLI} command localhost ${ADMIN}#add-user; sleep 60`,
      environment(prosody),
    );
    try {
      await terminal.shows(/\* The Jabber ID for the account to be added:$/m);
      await terminal.type("carol@");
      await terminal.shows(/an address such as name@example\.org expected$/m);
      await terminal.type("carol@localhost");
      await terminal.shows(/ {2}The password for this account:$/m);
      await terminal.type("pw");
      await terminal.shows(/ {2}Retype password:$/m);
      await terminal.type("pw");
      const screen = await terminal.shows(/successfully created/i);
      expect(screen).not.toMatch(/: pw$/m);
    } finally {
      await terminal.stop();
    }
  });
});

describe("ejabberd's own commands", () => {
  let ejabberd: ServerProcess;
  beforeAll(async () => {
    ejabberd = await startEjabberd({ users, admins: ["admin"] });
  });
  afterAll(() => ejabberd.stop());
  const run = (...words: string[]) => runCommand(ejabberd, ...words);

  it("are listed", async () => {
    expect((await run()).stdout).toMatch(new RegExp(`^${ADMIN}#add-user +Add User$`, "m"));
  });

  it("answer without a form", async () => {
    const { exitCode, stdout } = await run(`${ADMIN}#get-registered-users-num`);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/: 2$/m)]);
  });

  it("take an address and a password", async () => {
    const fields = ["accountjid=bob@localhost", "password=pw", "password-verify=pw"].flatMap((field) => [
      "--field",
      field,
    ]);
    expect(await run(`${ADMIN}#add-user`, ...fields)).toMatchObject({ exitCode: 0 });
    expect((await run(`${ADMIN}#get-registered-users-num`)).stdout).toMatch(/: 3$/m);
  });

  it("show fields of a user", async () => {
    const { stdout } = await run(`${ADMIN}#user-stats`, "--field", "accountjid=admin@localhost");
    expect(stdout).toMatch(/admin@localhost/);
  });
});
