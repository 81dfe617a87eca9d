// Our commands run by others: slixmpp's xep_0050, profanity on a terminal, and a person at our own prompts (issue 5).

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI, PYTHON, ROOT, runProcess, startProcess } from "../support/processes.js";
import { type Accounts, makeAccounts, type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { startTerminal, type Terminal } from "../support/terminal.js";

const SCRIPT = join(ROOT, "test/interop/peers/slixmpp_commands.py");
const PASSWORD = "secret";

let accounts: Accounts;
let server: StandaloneProcess;
beforeAll(async () => {
  accounts = await makeAccounts({ alice: PASSWORD, mallory: PASSWORD, bob: PASSWORD });
  server = await startStandalone({ accounts: accounts.path });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await accounts.remove();
});

type Reply = Readonly<Record<string, unknown>>;

async function startSlixmpp(jid: string) {
  const peer = startProcess(PYTHON, [SCRIPT, `127.0.0.1:${server.port}`, jid, PASSWORD, "localhost"]);
  const replies: Reply[] = [];
  const waiting: ((reply: Reply) => void)[] = [];
  await new Promise<void>((resolve) => {
    peer.onLine((line) => {
      // Our own peer writes nothing else.
      const reply = JSON.parse(line) as Reply;
      if ("online" in reply) resolve();
      else {
        const next = waiting.shift();
        if (next === undefined) replies.push(reply);
        else next(reply);
      }
    });
  });
  const ended = peer.ended.then(({ stderr }): Reply => ({ ended: stderr }));
  return {
    run: (step: object): Promise<Reply> => {
      peer.write(`${JSON.stringify(step)}\n`);
      const ready = replies.shift();
      return ready === undefined
        ? Promise.race([new Promise<Reply>((resolve) => waiting.push(resolve)), ended])
        : Promise.resolve(ready);
    },
    stop: () => peer.stop(),
  };
}

describe("slixmpp's xep_0050", () => {
  let slix: Awaited<ReturnType<typeof startSlixmpp>>;
  beforeAll(async () => {
    slix = await startSlixmpp("alice@localhost/slix");
  });
  afterAll(() => slix.stop());

  it("lists the commands of its account", async () => {
    const { nodes } = await slix.run({ do: "list" });
    expect(nodes).toContain("examples.getStateName");
    expect(nodes).toContain("probe.order");
    expect(nodes).not.toContain("shop.refund");
  });

  it("runs a command of one step", async () => {
    const asked = await slix.run({ do: "start", node: "examples.getStateName" });
    expect(asked).toMatchObject({ status: "executing", actions: ["complete"], title: "examples.getStateName" });
    expect(await slix.run({ do: "complete", fields: { index: "6" } })).toMatchObject({
      status: "completed",
      session: asked["session"],
      values: { result: "Colorado" },
    });
  });

  it("runs one that asks nothing, and reads its table", async () => {
    const rows = [
      { id: "1", item: "tea" },
      { id: "12", item: "coffee" },
    ];
    expect(await slix.run({ do: "start", node: "probe.table" })).toMatchObject({ status: "completed", items: rows });
  });

  it("is told of a failure by a note", async () => {
    await slix.run({ do: "start", node: "examples.getStateName" });
    expect(await slix.run({ do: "complete", fields: { index: "60" } })).toMatchObject({
      status: "completed",
      notes: [["error", expect.stringMatching(/^no state 60 \[call \w+\] \(fault 4\)$/)]],
    });
  });

  it("goes through a wizard, back, and through again", async () => {
    await slix.run({ do: "start", node: "probe.order" });
    const reason = await slix.run({ do: "next", fields: { item: "tea", amount: "12" } });
    expect(reason).toMatchObject({ status: "executing", actions: ["next", "prev"], title: "Why so many" });
    const what = await slix.run({ do: "prev" });
    expect(what).toMatchObject({ title: "What", values: { item: "tea", amount: "12" } });
    expect(await slix.run({ do: "next", fields: { item: "tea", amount: "2" } })).toMatchObject({ title: "Where to" });
    const end = await slix.run({ do: "complete", fields: { street: "Main" } });
    expect(end).toMatchObject({ status: "completed", values: { result: "2 tea to Main" } });
  });

  it("cancels", async () => {
    const { session } = await slix.run({ do: "start", node: "probe.order" });
    expect(await slix.run({ do: "cancel" })).toMatchObject({ status: "canceled", session });
    expect(await slix.run({ do: "next", fields: { item: "tea", amount: "2" } })).toEqual({
      error: ["not-allowed", "session-expired"],
      type: "cancel",
    });
  });

  it("cannot steal a session", async () => {
    const { session } = await slix.run({ do: "start", node: "probe.order" });
    const thief = await startSlixmpp("bob@localhost/thief");
    const stolen = { session, node: "probe.order", fields: { item: "tea", amount: "2" } };
    expect(await thief.run({ do: "next", ...stolen })).toEqual({
      error: ["bad-request", "bad-sessionid"],
      type: "modify",
    });
    expect(await thief.run({ do: "cancel", ...stolen })).toMatchObject({ error: ["bad-request", "bad-sessionid"] });
    await thief.stop();
    expect(await slix.run({ do: "next", fields: { item: "tea", amount: "2" } })).toMatchObject({ title: "Where to" });
  });

  it("is forbidden what an access rule denies", async () => {
    const mallory = await startSlixmpp("mallory@localhost/slix");
    expect(await mallory.run({ do: "start", node: "probe.order" })).toEqual({ error: ["forbidden"], type: "cancel" });
    await mallory.stop();
  });
});

describe("profanity", () => {
  let folder: string;
  let profanity: Terminal;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "jabber-rpc-profanity-"));
    await mkdir(join(folder, "data/profanity"), { recursive: true });
    const account = {
      enabled: true,
      jid: "alice@localhost",
      password: PASSWORD,
      server: "127.0.0.1",
      port: server.port,
    };
    const lines = Object.entries({ ...account, "tls.policy": "disable" }).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(folder, "data/profanity/accounts"), `[alice]\n${lines.join("")}`);
    profanity = await startTerminal("profanity -a alice", {
      HOME: folder,
      XDG_DATA_HOME: join(folder, "data"),
      XDG_CONFIG_HOME: join(folder, "config"),
    });
    await profanity.shows(/logged in successfully/);
    await profanity.type("/msg localhost");
    await profanity.shows(/jabber-rpc \[online\]/);
  });
  afterAll(async () => {
    await profanity.stop();
    await rm(folder, { recursive: true });
  });
  const exec = async (node: string) => {
    await profanity.type("/win 2");
    await profanity.type(`/cmd exec ${node} localhost`);
  };

  it("lists the commands", async () => {
    await profanity.type("/cmd list localhost");
    expect(await profanity.shows(/examples\.getStateName[\s\S]*probe\.order/)).not.toContain("shop.refund");
  });

  it("shows a form with its labels, says what is wrong with an answer, and shows the result", async () => {
    await exec("examples.getStateName");
    const screen = await profanity.shows(/\[field1\] Index \(required\):/);
    expect(screen).toContain("Form title: examples.getStateName");
    expect(screen).toContain("Name of the index-th US state, 1 to 50.");
    await profanity.type("/form help field1");
    await profanity.shows(/Description : A whole number\./);
    await profanity.type("/field1 six");
    await profanity.type("/form submit");
    await profanity.shows(/Supplied instructions:\n[\d:]+ - Index: whole number expected/);
    await profanity.type("/field1 6");
    await profanity.type("/form submit");
    await profanity.shows(/\[field1\] Result: Colorado/);
  });

  it("shows a fault", async () => {
    await exec("examples.getStateName");
    await profanity.shows(/\[field1\] Index \(required\): *\n/);
    await profanity.type("/field1 60");
    await profanity.type("/form submit");
    await profanity.type("/win 2");
    await profanity.shows(/no state 60 \[call \w+\] \(fault 4\)/);
  });

  it("goes through a wizard", async () => {
    await exec("probe.order");
    await profanity.shows(/Form title: What/);
    await profanity.type("/form help field1");
    await profanity.shows(/is one of[\s\S]*tea[\s\S]*coffee/);
    await profanity.type("/field1 tea");
    await profanity.type("/field2 2");
    await profanity.type("/form submit");
    await profanity.shows(/Form title: Where to[\s\S]*\[field1\] Street \(required\)[\s\S]*\[field2\] Note/);
    await profanity.type("/field1 Main");
    await profanity.type("/form submit");
    await profanity.shows(/\[field1\] Result: 2 tea to Main/);
  });

  it("shows every kind of field, and lives on", async () => {
    await exec("probe.fields");
    const screen = await profanity.shows(/\[field8\] More/);
    for (const text of ["Colour (required)", "Colours", "Lines", "Password (required)", "Address: Street (required)"])
      expect(screen).toContain(text);
    expect(screen).toMatch(/Is gift:\n.*\[unset\] \(not given\)\n.*\[true\] Yes\n.*\[false\] No\n/);
  });
});

describe("our own prompts", () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await startTerminal("env PS1='$ ' bash --norc", {
      JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${server.port}`,
      JABBER_RPC_JID: "alice@localhost",
      JABBER_RPC_PASSWORD: PASSWORD,
      JABBER_RPC: `${process.execPath} ${CLI}`,
    });
  });
  afterAll(() => terminal.stop());
  const run = (words: string) => terminal.type(`clear; $JABBER_RPC command localhost ${words}; echo "exit $?"`);

  it("ask for each field with its label, repeat a wrong one, and show the result", async () => {
    await run("examples.getStateName");
    const screen = await terminal.shows(/\* Index \(a whole number\):$/m);
    expect(screen).toMatch(
      /^examples\.getStateName\n {2}Name of the index-th US state, 1 to 50\.\n {2}\(\* must be filled in; :cancel ends\)$/m,
    );
    await terminal.type("six");
    await terminal.shows(/^ {2}Index: whole number expected\n\* Index/m);
    await terminal.type("6");
    await terminal.shows(/^Result: Colorado\nexit 0$/m);
  });

  it("go through a wizard with options by number, back to what was given, and on", async () => {
    await run("probe.order");
    await terminal.shows(/^ {4}1 {2}tea\n {4}2 {2}coffee\n\* Item \(number\):$/m);
    await terminal.type("2");
    await terminal.shows(/\* Amount \(a whole number\):$/m);
    await terminal.type("12");
    await terminal.shows(/^Why so many\n {2}\(.*; :prev goes back; :cancel ends\)\n\n\* Reason:$/m);
    await terminal.type(":prev");
    await terminal.shows(/\* Item \(number\) \[2\]:$/m);
    await terminal.type("");
    await terminal.shows(/\* Amount \(a whole number\) \[12\]:$/m);
    await terminal.type("3");
    await terminal.shows(/^Where to\n[\s\S]*\* Street:$/m);
    await terminal.type("Main");
    await terminal.shows(/^ {2}Note:$/m);
    await terminal.type("");
    await terminal.shows(/^Result: 3 coffee to Main\nexit 0$/m);
  });

  it("cancel, and end with a failure", async () => {
    await run("probe.order");
    await terminal.shows(/\* Item \(number\):$/m);
    await terminal.type(":cancel");
    await terminal.shows(/^canceled\nexit 2$/m);
  });

  it("never show what is private, and take lines, choices and yes or no", async () => {
    await run("probe.fields");
    await terminal.shows(/\* Colour \(number\):$/m);
    await terminal.type("blue");
    await terminal.shows(/ {2}Colours \(numbers, with commas\):$/m);
    await terminal.type("2, 1");
    await terminal.shows(/ {2}Lines \(one a line; an empty line ends\):$/m);
    await terminal.type("first line");
    await terminal.type("");
    await terminal.shows(/\* Password:$/m);
    await terminal.type("sw0rdfish");
    expect(await terminal.shows(/^Address\n\* Address: Street:$/m)).not.toContain("sw0rdfish");
    await terminal.type("Main");
    await terminal.shows(/ {2}Address: Is home \[y\/N\]:$/m);
    await terminal.type("y");
    await terminal.shows(/ {4}1 {2}\(not given\)\n {4}2 {2}Yes\n {4}3 {2}No\n {2}Is gift \(number\) \[1\]:$/m);
    await terminal.type("");
    await terminal.shows(/ {2}More \(any value in JSON; texts in quotes; an empty line ends\):$/m);
    await terminal.type("");
    await terminal.shows(
      /^Result: \["blue",\["red","blue"\],\["first line"\],9,\{"street":"Main","isHome":true\},null,null\]\nexit 0$/m,
    );
  });

  it("show a table", async () => {
    await run("probe.table");
    await terminal.shows(/^Id {2}Item\n1 {3}tea\n12 {2}coffee\nexit 0$/m);
  });

  it("end when they are interrupted", async () => {
    await run("probe.order");
    await terminal.shows(/\* Item \(number\):$/m);
    await terminal.type("\u0003");
    await terminal.shows(/^exit 130$/m);
  });
});

describe("jabber-rpc command without a person", () => {
  const run = (...words: string[]) =>
    runProcess(process.execPath, [CLI, "command", "localhost", ...words], {
      env: {
        JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${server.port}`,
        JABBER_RPC_JID: "alice@localhost",
        JABBER_RPC_PASSWORD: PASSWORD,
      },
    });

  it("lists the commands", async () => {
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^examples\.getStateName +Name of the index-th US state, 1 to 50$/m);
  });

  it.each<[string, string[], number, RegExp, RegExp]>([
    ["a result", ["examples.getStateName", "--field", "index=6"], 0, /^Result: Colorado\n$/, /^$/],
    [
      "a result as JSON",
      ["examples.getStateName", "--field", "index=6", "--json"],
      0,
      /^\{"status":"completed","notes":\[\],"fields":\{"result":"Colorado"\}\}\n$/,
      /^$/,
    ],
    [
      "a table as JSON",
      ["probe.table", "--json"],
      0,
      /"items":\[\{"id":"1","item":"tea"\},\{"id":"12","item":"coffee"\}\]/,
      /^$/,
    ],
    [
      "a fault",
      ["examples.getStateName", "--field", "index=60"],
      2,
      /^$/,
      /^error: no state 60 \[call \w+\] \(fault 4\)\n$/,
    ],
    [
      "a wizard",
      [
        "probe.order",
        "--field",
        "item=tea",
        "--field",
        "amount=12",
        "--field",
        "reason=a party",
        "--field",
        "street=Main",
      ],
      0,
      /^Result: 12 tea to Main for a party\n$/,
      /^$/,
    ],
    ["a missing field", ["examples.getStateName"], 1, /^$/, /--field index=… {2}Index: a value is required/],
    ["a wrong value", ["examples.getStateName", "--field", "index=six"], 1, /^$/, /Index: whole number expected/],
    [
      "a field that is not there",
      ["examples.getStateName", "--field", "indx=6"],
      1,
      /^$/,
      /^there is no field indx; the form has index \(Index\)\n$/,
    ],
    ["a field without a value", ["examples.getStateName", "--field", "index"], 1, /^$/, /name=value expected/],
    [
      "a value that only the method refuses",
      [
        "probe.fields",
        "--field",
        "colour=red",
        "--field",
        "password=x",
        "--field",
        "address.street=Main",
        "--field",
        "more={",
      ],
      1,
      /^$/,
      /More: JSON expected/,
    ],
    [
      "a command that is forbidden",
      ["shop.refund"],
      3,
      /^$/,
      /^forbidden: alice@localhost may not use this command\n$/,
    ],
    ["no such command", ["probe.nosuch"], 3, /^$/, /^item-not-found: no such command\n$/],
  ])("%s", async (_what, words, exitCode, stdout, stderr) => {
    const ended = await run(...words);
    expect(ended).toEqual({ exitCode, stdout: expect.stringMatching(stdout), stderr: expect.stringMatching(stderr) });
  });
});
