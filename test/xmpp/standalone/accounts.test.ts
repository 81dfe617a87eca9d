// Accounts in a file and behind a URL.

import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AccountFile,
  createHttpAccounts,
  createStandaloneLink,
  openAccountFile,
  type StandaloneLink,
} from "../../../src/xmpp/index.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { HEADER, RawClient } from "./support.js";

let folder: string;
let path: string;
const open: (AccountFile | StandaloneLink)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "accounts-"));
  path = join(folder, "accounts.yaml");
});

afterEach(async () => {
  for (const each of open.splice(0)) {
    if ("stop" in each) await each.stop();
    else each.close();
  }
  await rm(folder, { recursive: true });
});

async function openFile(): Promise<AccountFile> {
  const file = await openAccountFile({ path, iterations: 4096 });
  open.push(file);
  return file;
}

describe("a file of accounts", () => {
  it("is made by its first account, for its owner alone, and holds no password", async () => {
    const file = await openFile();
    expect(await file.names()).toEqual([]);
    expect(await file.set("alice", "opensesame")).toBe("added");
    expect(await file.set("alice", "sesameopen")).toBe("changed");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, "utf8");
    expect(text).not.toContain("sesame");
    expect(JSON.parse(text)).toEqual({
      saltSecret: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      users: {
        alice: {
          "scram-sha-1": expect.stringMatching(/^SCRAM-SHA-1\$4096:[^$]+\$[^:]+:[^:]+$/),
          "scram-sha-256": expect.stringMatching(/^SCRAM-SHA-256\$4096:[^$]+\$[^:]+:[^:]+$/),
        },
      },
    });
    expect(await readdir(folder)).toEqual(["accounts.yaml"]);
  });

  it("gives everybody the same verifiers and the same secret", async () => {
    const [first, second] = [await openFile(), await openFile()];
    await first.set("alice", "secret");
    expect(await second.verifiers("alice")).toEqual(await first.verifiers("alice"));
    expect(second.saltSecret).toEqual(first.saltSecret);
    expect((await openFile()).saltSecret).toEqual(first.saltSecret);
    expect(await second.verifiers("toString")).toBeUndefined();
  });

  it("keeps what others wrote when both change it", async () => {
    const [first, second] = [await openFile(), await openFile()];
    await Promise.all([first.set("alice", "secret"), first.set("bob", "secret")]);
    await second.set("carol", "secret");
    expect(await second.remove("bob")).toBe(true);
    expect(await second.remove("bob")).toBe(false);
    expect(await first.names()).toEqual(["alice", "carol"]);
  });

  it("loses no account when several add one at the same moment", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const files = await Promise.all(names.map(() => openFile()));
    await Promise.all(files.map((file, index) => file.set(names[index] ?? "", "secret")));
    expect(await (await openFile()).names()).toEqual(names);
    expect(await readdir(folder)).toEqual(["accounts.yaml"]);
  });

  it("can be changed although somebody died while changing it", async () => {
    const file = await openFile();
    await writeFile(`${path}.lock`, "");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.lock`, longAgo, longAgo);
    expect(await file.set("alice", "secret")).toBe("added");
    expect(await readdir(folder)).toEqual(["accounts.yaml"]);
  });

  it("tells of accounts that somebody else removes or changes, without being asked", async () => {
    const [server, command] = [await openFile(), await openFile()];
    await command.set("alice", "secret");
    await command.set("bob", "secret");
    await server.refresh();
    const changed: string[] = [];
    const told = new Promise<void>((resolve) => {
      server.onChanged((name) => {
        changed.push(name);
        if (changed.length === 2) resolve();
      });
    });
    await command.remove("alice");
    await command.set("bob", "other");
    await told;
    expect(changed.sort()).toEqual(["alice", "bob"]);
  });

  it("keeps the last good content while the file is broken, and loses it with the file", async () => {
    const file = await openFile();
    await file.set("alice", "secret");
    const good = await readFile(path, "utf8");
    await writeFile(path, good.slice(0, 50));
    expect(await file.names()).toEqual(["alice"]);
    await writeFile(path, good.replace("alice", "bob"));
    expect(await file.names()).toEqual(["bob"]);
    await rm(path);
    expect(await file.names()).toEqual([]);
  });

  it.each([
    ["no JSON", "users: {", "accounts.yaml"],
    ["no mapping", "[]", "the file: expected a mapping"],
    ["an unknown key", '{"saltSecret":"","passwords":{}}', "unknown key passwords"],
    ["no secret", '{"users":{}}', "saltSecret"],
    ["a short secret", '{"saltSecret":"AAAA"}', "16 bytes"],
    ["a password", `{"saltSecret":"${"A".repeat(44)}","users":{"alice":"hunter2"}}`, "users.alice: expected a mapping"],
    ["no verifier", `{"saltSecret":"${"A".repeat(44)}","users":{"alice":{}}}`, "users.alice: expected scram-sha-1"],
    [
      "a bad verifier",
      `{"saltSecret":"${"A".repeat(44)}","users":{"alice":{"scram-sha-1":"hunter2"}}}`,
      "users.alice.scram-sha-1",
    ],
  ])("is refused with %s, and quotes no secret", async (_what, text, named) => {
    await writeFile(path, text);
    const error: unknown = await openAccountFile({ path }).catch((reason: unknown) => reason);
    expect(String(error)).toContain(named);
    expect(String(error)).not.toContain("hunter2");
  });

  it("may be written in another format", async () => {
    const format = {
      parse: (text: string): unknown => JSON.parse(text.slice(1)),
      stringify: (value: unknown) => `#${JSON.stringify(value)}`,
    };
    const file = await openAccountFile({ path, format, iterations: 4096 });
    open.push(file);
    await file.set("alice", "secret");
    expect((await readFile(path, "utf8"))[0]).toBe("#");
    expect(await (await openAccountFile({ path, format })).names()).toEqual(["alice"]);
  });

  it("ends the sessions of an account that is removed", async () => {
    const [server, command] = [await openFile(), await openFile()];
    await command.set("alice", "secret");
    const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts: server });
    open.push(link);
    await link.start(new RecordingListener());
    const client = await RawClient.connect(link.listening?.port ?? 0);
    await client.login("alice", "home");
    await command.remove("alice");
    expect(await client.closed()).toContain("<not-authorized");
  });
});

describe("accounts behind a URL", () => {
  let http: Server;
  const asked: unknown[] = [];

  /** A web application that knows alice; `status` decides about the rest. */
  async function application(status: number): Promise<string> {
    asked.length = 0;
    http = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const login = JSON.parse(body) as { name: string; password: string };
        asked.push({ ...login, type: request.headers["content-type"], key: request.headers["authorization"] });
        const isRight = login.name === "alice" && login.password === "sécret";
        response.writeHead(isRight ? 204 : status, { Location: "/elsewhere" }).end();
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/login`;
  }

  afterEach(() => {
    http?.close();
    http?.closeAllConnections();
  });

  it("are asked with name and password", async () => {
    expect(await logIn(await application(401), "sécret")).toContain("<success");
    expect(asked).toEqual([{ name: "alice", password: "sécret", type: "application/json", key: "Bearer key" }]);
  });

  it.each([
    [401, "not-authorized"],
    [403, "not-authorized"],
    [404, "temporary-auth-failure"],
    [500, "temporary-auth-failure"],
    [302, "temporary-auth-failure"],
  ])("mean by status %i: %s", async (status, condition) => {
    expect(await logIn(await application(status), "wrong")).toContain(`<${condition}/>`);
    expect(asked).toHaveLength(1);
  });

  it.each([
    [
      '{"contacts":[{"jid":"Bob@Example.org/x","name":"Bob"},{"jid":"rooms.example.org"}]}',
      ["bob@example.org", "rooms.example.org"],
    ],
    ['{"contacts":[{"jid":"@"},7,null,{"name":"x"},{"jid":"c@d","name":"\\u0001"}]}', ["c@d"]],
    ['{"contacts":7}', []],
    ["<html>", []],
    [`{"contacts":[${" ".repeat(300_000)}{"jid":"a@b"}]}`, []],
  ])("may name contacts: %.40s", async (answer, expected) => {
    http = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const accounts = createHttpAccounts({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/` });
    const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts, plainOnLoopback: true });
    open.push(link);
    await link.start(new RecordingListener());
    const client = await RawClient.connect(link.listening?.port ?? 0);
    client.write(HEADER);
    await client.until("</stream:features>");
    const plain = Buffer.from("\0alice\0pw").toString("base64");
    client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    await client.until(/<success [^>]*\/>/);
    client.write(`${HEADER}<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    client.write("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    const answered = await client.until(/id='r'.*<\/iq>/);
    const roster = answered.slice(answered.indexOf("id='r'"));
    const listed = [...roster.matchAll(/jid="([^"]+)"/g)].map(([, jid]) => jid);
    expect(listed).toEqual(["localhost", "rpc@localhost", ...expected]);
  });

  it("that do not answer are trouble, not a wrong password", async () => {
    const url = await application(401);
    await new Promise((resolve) => http.close(resolve));
    expect(await logIn(url, "sécret")).toContain("<temporary-auth-failure/>");
  });

  it.each(["http://example.org/login", "ftp://127.0.0.1/", "http://127.0.0.1.example.org/"])(
    "are refused at %s",
    (url) => {
      expect(() => createHttpAccounts({ url })).toThrow("expected https");
    },
  );
});

async function logIn(url: string, password: string): Promise<string> {
  const accounts = createHttpAccounts({ url, headers: { Authorization: "Bearer key" } });
  const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts, plainOnLoopback: true });
  open.push(link);
  await link.start(new RecordingListener());
  const client = await RawClient.connect(link.listening?.port ?? 0);
  client.write(HEADER);
  expect(await client.until("</stream:features>")).toMatch(
    /<mechanisms [^>]*><mechanism>PLAIN<\/mechanism><\/mechanisms>/,
  );
  const text = Buffer.from(`\0alice\0${password}`).toString("base64");
  client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${text}</auth>`);
  return client.until(/<success [^>]*\/>|<\/failure>/);
}
