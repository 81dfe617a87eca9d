// A person's client at a stand-alone gateway: profanity on a terminal sees the gateway online, asks what it can, and chats (issue 3).

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Accounts, makeAccounts, type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { startTerminal, type Terminal } from "../support/terminal.js";

let accounts: Accounts;
let server: StandaloneProcess;
let folder: string;
let profanity: Terminal;

beforeAll(async () => {
  accounts = await makeAccounts({ alice: "secret" });
  server = await startStandalone({ accounts: accounts.path, tls: true });
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-profanity-"));
  await mkdir(join(folder, "data/profanity"), { recursive: true });
  const account = {
    enabled: true,
    jid: "alice@localhost",
    resource: "desk",
    password: "secret",
    server: "127.0.0.1",
    port: server.port,
    // The certificate is signed by itself.
    "tls.policy": "trust",
  };
  const lines = Object.entries(account).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, "data/profanity/accounts"), `[alice]\n${lines.join("")}`);
  profanity = await startTerminal("profanity -a alice", {
    HOME: folder,
    XDG_DATA_HOME: join(folder, "data"),
    XDG_CONFIG_HOME: join(folder, "config"),
  });
});
afterAll(async () => {
  await profanity.stop();
  expect(await server.stop()).toBe(0);
  await accounts.remove();
  await rm(folder, { recursive: true });
});

it("logs in over TLS and shows the gateway online", async () => {
  const screen = await profanity.shows(/Online \(0\)\s+.*jabber-rpc\b[\s\S]*jabber-rpc \(chat\)/);
  expect(screen).toContain("[TLS] [online]");
  expect(screen).toContain("alice@localhost/desk logged in successfully");
  // It asks for more than a gateway has: message carbons, among others. Each refusal comes at once.
  expect(screen).toContain("Server error enabling message carbons: service-unavailable");
  expect(screen).not.toContain("timed out");
});

it("shows what /disco tells of the gateway", async () => {
  await profanity.type("/disco info localhost");
  const info = await profanity.shows(/urn:xmpp:ping/);
  expect(info).toMatch(/jabber-rpc im server/);
  expect(info).toMatch(/jabber-rpc rpc automation/);
  expect(info).toMatch(/jabber:iq:rpc/);
  await profanity.type("/disco items localhost");
  expect(await profanity.shows(/Service discovery items for localhost[\s\S]*rpc@localhost/)).toContain("rpc.localhost");
});

it("pings the gateway", async () => {
  await profanity.type("/ping localhost");
  await profanity.shows(/Ping response from localhost: \d+ms/);
});

it("gets an answer to help, and those of a handler of messages", async () => {
  await profanity.type("/msg rpc@localhost help");
  const screen = await profanity.shows(/examples\.getStateName\(int\)/);
  expect(screen).toContain("Methods of rpc@localhost that you may call by Jabber-RPC (XEP-0009):");
  await profanity.type("hello");
  await profanity.shows(/you said hello/);
});
