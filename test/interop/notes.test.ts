// Notes and questions to a person with slixmpp, by a gateway that is a client of Prosody and by one that stands alone (issue 6).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequester, type Requester } from "../../src/index.js";
import { cliUser } from "../support/cli.js";
import { type GatewayProcess, gatewaySettings, RESPONDER, spawnGateway } from "../support/gateway-process.js";
import { CLI, runProcess, startProcess } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type Person, startPerson } from "../support/slixmpp-person.js";
import { type Accounts, makeAccounts } from "../support/standalone-process.js";

const ADMIN = "admin@localhost";
const USERS = { responder: RESPONDER.password, admin: "secret", site: "site's", carol: "carol's" };

interface State {
  readonly id: string;
  readonly code: string;
  readonly status: string;
  readonly answer?: unknown;
}

/** A server with the gateway on it, and the site that has it ask. */
interface Stage {
  readonly gatewayJid: string;
  port(): number;
  restartGateway(): Promise<void>;
  stop(): Promise<void>;
}

const settingsOf = (base: object, folder: string): object => ({
  ...base,
  handlers: ["builtin:notes", "builtin:examples"],
  access: [{ allow: "site@localhost" }, { allow: "carol@localhost", methods: "examples.*" }],
  mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` },
});

async function startOnProsody(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-notes-"));
  const prosody = await startProsody({ users: USERS, contacts: { responder: ["admin"], admin: ["responder"] } });
  const settings = settingsOf(gatewaySettings(prosody), folder);
  const start = async (): Promise<GatewayProcess> => {
    const started = await spawnGateway(settings);
    await started.process.until("stdout", /^ready responder@localhost\/gateway$/m);
    return started;
  };
  let gateway = await start();
  return {
    gatewayJid: RESPONDER.jid,
    port: () => prosody.port,
    restartGateway: async () => {
      await gateway.stop();
      gateway = await start();
    },
    stop: async () => {
      await gateway.stop();
      await prosody.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startAlone(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-notes-"));
  const accounts: Accounts = await makeAccounts(USERS);
  let port = 0;
  const start = async (): Promise<GatewayProcess> => {
    const link = { mode: "standalone", listen: { port }, accounts: accounts.path };
    const started = await spawnGateway(settingsOf({ link }, folder));
    const [, listening] = await started.process.until("stdout", /^ready localhost \(127\.0\.0\.1:(\d+)\)/m);
    port = Number(listening);
    return started;
  };
  let gateway = await start();
  return {
    gatewayJid: "localhost",
    port: () => port,
    restartGateway: async () => {
      await gateway.stop();
      gateway = await start();
    },
    stop: async () => {
      await gateway.stop();
      await accounts.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe.each([
  ["a client of Prosody", startOnProsody],
  ["stand-alone", startAlone],
] as const)("a gateway that is %s", (_name, startStage) => {
  let stage: Stage;
  let admin: Person;
  let site: Requester;
  const login = async (): Promise<void> => {
    admin = await startPerson(stage.port(), "admin", USERS.admin, stage.gatewayJid);
    const service = `xmpp://127.0.0.1:${stage.port()}`;
    site = createRequester({ link: { service, jid: "site@localhost/web", password: USERS.site } });
    await site.start();
  };
  const logout = async (): Promise<void> => {
    await site.stop();
    await admin.stop();
  };
  const call = async (method: string, ...params: unknown[]): Promise<State> =>
    // The gateway's own service answers.
    (await site.call(stage.gatewayJid, method, params, { timeoutMs: 60_000 })) as State;

  beforeAll(async () => {
    stage = await startStage();
    await login();
  });
  afterAll(async () => {
    await logout();
    await stage.stop();
  });

  it("runs commands that are written in a chat, under the access list", async () => {
    const carol = await startPerson(stage.port(), "carol", USERS.carol, stage.gatewayJid);
    carol.act({ say: "!examples.getStateName 6" });
    expect((await carol.next()).body).toBe('"Colorado"');
    carol.act({ say: "!notes.notify admin@localhost hello" });
    expect((await carol.next()).body).toMatch(/^refused/);
    carol.act({ say: "!help" });
    expect((await carol.next()).body).toContain("examples.getStateName");
    await carol.stop();
  });

  it("sends a note, and knows that it was delivered", async () => {
    const { id } = await call("notes.notify", ADMIN, "42 orders", { subject: "Report", link: "https://example.org/7" });
    expect(await admin.next()).toMatchObject({
      body: "42 orders\nhttps://example.org/7",
      link: "https://example.org/7",
      type: "chat",
    });
    // The receipt is on the same stream as what follows it.
    admin.act({ list: true });
    expect((await admin.next()).nodes).toEqual([]);
    expect(await call("notes.note", id)).toMatchObject({ status: "delivered", deliveredTo: admin.jid });
  });

  it("takes the answer of a form that slixmpp fills in", async () => {
    const form = {
      fields: [
        { name: "approve", type: "boolean" },
        { name: "amount", type: "integer", max: 100 },
      ],
    };
    const answer = call("notes.ask", ADMIN, "Approve order 7?", { form });
    const asked = await admin.next();
    expect(asked.fields).toMatchObject({ approve: "boolean", amount: "text-single", "jabber-rpc-question": "hidden" });
    admin.act({ fill: { approve: true, amount: "500" } });
    const again = await admin.next();
    expect(again.body).toContain("Amount: whole number of at most 100 expected");
    expect(again.values).toMatchObject({ approve: true, amount: "500" });
    admin.act({ fill: { approve: true, amount: "50" } });
    expect((await admin.next()).body).toMatch(/^Thank you/);
    expect(await answer).toMatchObject({ status: "answered", answer: { approve: true, amount: 50 }, by: admin.jid });
  });

  it("takes a chat reply, and lists two open questions instead of guessing", async () => {
    const first = call("notes.ask", ADMIN, "Deploy?", { choices: ["yes", "no"] });
    const firstAsked = await admin.next();
    const second = call("notes.ask", ADMIN, "Restart?", { choices: ["now", "later"] });
    const [, code = ""] = /Question (\w+),/.exec((await admin.next()).body ?? "") ?? [];
    admin.act({ say: "yes" });
    const list = (await admin.next()).body ?? "";
    expect(list).toContain("2 questions are open");
    expect(list).toContain(`${code}: Restart? Reply with one of: now, later.`);
    admin.act({ say: `${code.toLowerCase()} later` });
    expect((await admin.next()).body).toBe(`Thank you (${code}: later).`);
    expect(await second).toMatchObject({ answer: "later" });
    admin.act({ say: "yes" });
    expect((await admin.next()).thread).toBe(firstAsked.thread);
    expect(await first).toMatchObject({ answer: "yes" });
  });

  it("takes the answer of the command, which only the person sees", async () => {
    const [one, other] = [
      await call("notes.put", ADMIN, "Deploy?", { choices: ["yes", "no"] }),
      await call("notes.put", ADMIN, "Why?"),
    ];
    await admin.next();
    await admin.next();
    admin.act({ list: true });
    expect((await admin.next()).nodes).toEqual(["system.questions"]);
    expect((await site.listCommands(stage.gatewayJid)).map(({ node }) => node)).not.toContain("system.questions");
    admin.act({ command: "system.questions", fill: { code: other.code, answer: "because" } });
    expect((await admin.next()).command).toEqual([["info", `Thank you (${other.code}: because).`]]);
    expect(await call("notes.question", other.id)).toMatchObject({ status: "answered", answer: "because" });
    expect(await call("notes.cancel", one.id)).toBe(true);
    expect((await admin.next()).body).toBe(`Question ${one.code} was taken back, so it needs no answer.`);
  });

  it("tells who answers late", async () => {
    const { status, code } = await call("notes.ask", ADMIN, "Quick?", { choices: ["yes", "no"], deadlineMs: 300 });
    expect(status).toBe("expired");
    await admin.next();
    admin.act({ say: `${code} yes` });
    expect((await admin.next()).body).toBe(`Question ${code} has expired: your answer came too late.`);
  });

  it("keeps its questions over a restart", async () => {
    const { id, code } = await call("notes.put", ADMIN, "Still there?", { choices: ["yes", "no"] });
    await admin.next();
    await logout();
    await stage.restartGateway();
    await login();
    admin.act({ say: `${code} yes` });
    expect((await admin.next()).body).toBe(`Thank you (${code}: yes).`);
    expect(await call("notes.question", id)).toMatchObject({ status: "answered", answer: "yes", by: admin.jid });
  });

  it("waits until the person is there", async () => {
    admin.act({ presence: "unavailable" });
    // Answered on the same streams, and so after it.
    admin.act({ list: true });
    await admin.next();
    const { status } = await call("notes.notify", ADMIN, "welcome back", { when: "online" });
    expect(status).toBe("waiting");
    admin.act({ presence: "available" });
    expect(await admin.next()).toMatchObject({ body: "welcome back", delayed: true });
  });

  it("asks by the command line through the gateway", async () => {
    const env = {
      JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${stage.port()}`,
      JABBER_RPC_JID: "site@localhost",
      JABBER_RPC_PASSWORD: USERS.site,
    };
    const words = ["ask", ADMIN, "Deploy?", "--choices", "yes,no", "--via", stage.gatewayJid];
    const running = startProcess(process.execPath, [CLI, ...words], { env, input: "" });
    await admin.next();
    admin.act({ say: "no" });
    expect(await running.ended).toMatchObject({ exitCode: 11, stdout: "no\n" });
    await admin.next();
    const told = await runProcess(process.execPath, [CLI, "notify", ADMIN, "done", "--via", stage.gatewayJid], { env });
    // The receipt may be there before the server has said that it took the note.
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toMatch(/^(sent|delivered)\n$/);
    expect((await admin.next()).body).toBe("done");
  });
});

describe("the command line, through Prosody, with no gateway at all", () => {
  let prosody: Prosody;
  let admin: Person;
  const cli = () => cliUser(prosody, "site@localhost/cli", USERS.site);

  beforeAll(async () => {
    prosody = await startProsody({ users: USERS });
    admin = await startPerson(prosody.port, "admin", USERS.admin, "site@localhost/cli");
  });
  afterAll(async () => {
    await admin.stop();
    await prosody.stop();
  });

  it.each([
    ["yes", 0],
    ["no", 11],
    ["maybe", 12],
  ])("asks, and exits by the answer %s", async (answer, exitCode) => {
    const running = cli().start(["ask", ADMIN, "Deploy?", "--choices", "yes,no,maybe"]);
    await admin.next();
    admin.act({ say: answer });
    expect(await running.ended).toMatchObject({ exitCode, stdout: `${answer}\n`, stderr: "" });
    expect((await admin.next()).body).toMatch(/^Thank you/);
  });

  it("asks with a form of a file, and prints JSON", async () => {
    const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-form-"));
    const file = join(folder, "form.yaml");
    await writeFile(file, "fields:\n  - {name: approve, type: boolean}\n  - {name: size, choices: [S, L]}\n");
    const running = cli().start(["ask", ADMIN, "Which?", "--form", file]);
    await admin.next();
    admin.act({ fill: { approve: true, size: "L" } });
    expect(await running.ended).toMatchObject({ exitCode: 0, stdout: '{"approve":true,"size":"L"}\n' });
    await admin.next();
    await rm(folder, { recursive: true });
  });

  it("gives up at the deadline", async () => {
    const ended = await cli().run(["ask", ADMIN, "Quick?", "--deadline", "500ms"]);
    expect(ended).toMatchObject({ exitCode: 4, stdout: "", stderr: "no answer: the question is expired\n" });
    await admin.next();
  });

  it("does not take the question for its answer when it is sent to itself", async () => {
    const ended = await cli().run(["ask", "site@localhost", "Anybody?", "--deadline", "1s"]);
    expect(ended).toMatchObject({ exitCode: 4, stdout: "", stderr: "no answer: the question is expired\n" });
  });

  it("says that it reaches nobody, and that it asks again", async () => {
    const running = cli().start(["ask", "nobody@localhost", "Anybody?", "--deadline", "30s"]);
    await running.until("stderr", /^nobody@localhost was not reached: .*; asking again once he comes\n/);
    running.signal("SIGINT");
    expect(await running.ended).toMatchObject({ exitCode: 130, stdout: "" });
  });

  it("takes the question back when it is interrupted", async () => {
    const running = cli().start(["ask", ADMIN, "Really?"]);
    await admin.next();
    running.signal("SIGINT");
    expect((await running.ended).exitCode).toBe(130);
    expect((await admin.next()).body).toContain("was taken back");
  });

  it("notifies", async () => {
    const ended = await cli().run([
      "notify",
      ADMIN,
      "42 orders",
      "--subject",
      "Report",
      "--link",
      "https://example.org/",
    ]);
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^(sent|delivered)\n$/) });
    expect(await admin.next()).toMatchObject({ body: "42 orders\nhttps://example.org/", link: "https://example.org/" });
    const none = await cli().run(["notify", "nobody@localhost", "x"]);
    expect(none.exitCode).toBe(3);
    expect(none.stdout).toMatch(/^failed: service-unavailable/);
  });
});
