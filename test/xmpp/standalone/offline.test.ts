// Messages for absent accounts: what is kept, who gets it, and looking through it (RFC 6121 §8.5.2.2; XEP-0160; XEP-0013).

import { afterEach, describe, expect, it } from "vitest";
import { element, escapeText, type XmlText } from "../../../src/xml/index.js";
import { readStanzaError, type StandaloneLinkOptions } from "../../../src/xmpp/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { RawClient, startGateway, type TestGateway } from "./support.js";

const NS = "http://jabber.org/protocol/offline";
const MARK = "<iq type='get' id='mark' to='localhost'><query xmlns='urn:echo'/></iq>";
const NOON = Date.UTC(2026, 10, 28, 12);
const DELAY = '<delay xmlns="urn:xmpp:delay" from="localhost" stamp="2026-11-28T12:00:00.000Z"/>';

let gateway: TestGateway;
afterEach(() => gateway.stop());

async function start(options: Partial<StandaloneLinkOptions> = {}): Promise<void> {
  gateway = await startGateway({ wallNow: () => NOON, ...options });
}

async function loggedIn(name: string, resource = "home"): Promise<RawClient> {
  const client = await RawClient.connect(gateway.port);
  await client.login(name, resource);
  return client;
}

/** All that has arrived up to now: the answer to a request of our own comes last. */
async function soFar(client: RawClient): Promise<string> {
  client.write(MARK);
  const seen = await client.until("<query xmlns='urn:echo'/></iq>");
  return seen.slice(0, seen.lastIndexOf("<iq type='result' id='mark'"));
}

/** Says that the client is available, and gives what it is then sent; it answers like any client that all is read. */
async function come(client: RawClient, presence = "<presence/>"): Promise<string> {
  client.write(presence);
  const given = await client.until(/<ping[^>]*\/><\/iq>/);
  const id = /<iq type='get' id='([^']+)'[^>]*><ping/.exec(given)?.[1];
  client.write(`<iq type='result' id='${id}' to='localhost'/>`);
  return given;
}

/** What the client gets for a request about kept messages: what comes before the answer, and the answer. */
async function ask(client: RawClient, type: "get" | "set", payload: string, to = ""): Promise<string> {
  client.write(`<iq type='${type}' id='ask'${to}>${payload}</iq>`);
  return client.until(/<iq type='(result|error)' id='ask'[^>]*(\/>|>.*<\/iq>)/);
}

const offline = (content: string): string => `<offline xmlns='${NS}'>${content}</offline>`;
const count = async (client: RawClient): Promise<number> => {
  const query = `<query xmlns='http://jabber.org/protocol/disco#info' node='${NS}'/>`;
  return Number(/number_of_messages"><value>(\d+)/.exec(await ask(client, "get", query))?.[1]);
};
const list = async (client: RawClient): Promise<[node: string, name: string][]> => {
  const query = `<query xmlns='http://jabber.org/protocol/disco#items' node='${NS}'/>`;
  const items = (await ask(client, "get", query)).matchAll(/<item jid="alice@localhost" node="(\d+)" name="([^"]*)"/g);
  return [...items].map(([, node = "", name = ""]) => [node, name]);
};

/** The gateway writes to alice, and what it wrote is kept or bounced. */
async function write(body: string, attrs: Readonly<Record<string, string>> = {}, ...more: XmlText[]): Promise<void> {
  const all = { to: "alice@localhost", from: "rpc@localhost", type: "chat", id: body, ...attrs };
  gateway.link.send(element("message", all, element("body", {}, escapeText(body)), ...more));
  await gateway.link.flushed();
}

const bounces = () =>
  gateway.listener.stanzas.filter(({ attrs }) => attrs["type"] === "error").map(({ attrs }) => attrs["id"]);
/** With their types and conditions. */
const refusals = () =>
  gateway.listener.stanzas
    .filter(({ attrs }) => attrs["type"] === "error")
    .map((stanza) => {
      const { type, condition } = readStanzaError(stanza);
      return `${stanza.attrs["id"]}: ${type} ${condition}`;
    });
const bodies = (text: string): string[] => [...text.matchAll(/<body>([^<]*)/g)].map(([, body = ""]) => body);

describe("a message for an account that is away", () => {
  it("is kept with its time, and given once to who comes first", async () => {
    await start();
    await write("one");
    await write("two", { type: "normal" });
    const [home, work] = [await loggedIn("alice", "home"), await loggedIn("alice", "work")];
    expect(await soFar(home)).toBe("");
    const given = await come(home);
    expect(given).toContain(`two</body>${DELAY}</message>`);
    expect(given).toContain(
      `<message to="alice@localhost" from="rpc@localhost" type="chat" id="one"><body>one</body>${DELAY}</message>`,
    );
    work.write("<presence/>");
    expect(await soFar(work)).not.toContain("<message");
    expect(await count(work)).toBe(0);
    expect(bounces()).toEqual([]);
  });

  it("waits while the account's sessions want no messages", async () => {
    await start();
    const client = await loggedIn("alice");
    client.write("<presence><priority>-1</priority></presence>");
    await soFar(client);
    await write("one");
    expect(await soFar(client)).not.toContain("<message");
    expect(bodies(await come(client))).toEqual(["one"]);
  });

  it.each<[what: string, attrs: Record<string, string>, content: XmlText[]]>([
    ["a headline", { type: "headline" }, []],
    ["a room's message", { type: "groupchat" }, []],
    ["what its sender wants not stored", {}, [element("no-store", { xmlns: "urn:xmpp:hints" })]],
    ["what its sender wants not stored for long", {}, [element("no-permanent-store", { xmlns: "urn:xmpp:hints" })]],
  ])("comes back when it is %s", async (_what, attrs, content) => {
    await start();
    await write("one", attrs, ...content);
    expect(bounces()).toEqual(["one"]);
    expect(await count(await loggedIn("alice"))).toBe(0);
  });

  it("is kept without a text if it is no chat message, or its sender wants it stored", async () => {
    await start();
    const send = (attrs: Record<string, string>, ...content: XmlText[]) =>
      gateway.link.send(element("message", { to: "alice@localhost", ...attrs }, ...content));
    send({ id: "event" }, element("event", { xmlns: "urn:x" }));
    send({ id: "typing", type: "chat" }, element("composing", { xmlns: "http://jabber.org/protocol/chatstates" }));
    send({ id: "hint", type: "chat" }, element("store", { xmlns: "urn:xmpp:hints" }));
    await gateway.link.flushed();
    expect(bounces()).toEqual(["typing"]);
    expect(await count(await loggedIn("alice"))).toBe(2);
  });

  it("comes back when there is no such account", async () => {
    await start();
    await write("one", { to: "nobody@localhost" });
    expect(refusals()).toEqual(["one: cancel service-unavailable"]);
  });

  it("is stamped by the server alone; another's time stays", async () => {
    await start();
    const delay = (from: string | undefined, stamp: string) =>
      element("delay", { xmlns: "urn:xmpp:delay", from, stamp });
    await write("forged", {}, delay("localhost", "2001-01-01T00:00:00Z"), delay(undefined, "2001-01-01T00:00:00Z"));
    await write("room", {}, delay("room@rooms.example", "2002-01-01T00:00:00Z"));
    const client = await loggedIn("alice");
    const given = await come(client);
    expect(given).toContain(`forged</body>${DELAY}</message>`);
    expect(given).not.toContain("2001");
    expect(given).toContain(
      'room</body><delay xmlns="urn:xmpp:delay" from="room@rooms.example" stamp="2002-01-01T00:00:00Z"/></message>',
    );
  });

  it("of another account is kept where accounts may write to each other, and refused elsewhere", async () => {
    await start();
    const refused = await loggedIn("bob");
    refused.write("<message to='alice@localhost' id='m' type='chat'><body>x</body></message>");
    expect(await soFar(refused)).toContain("<service-unavailable");
    await gateway.stop();
    await start({ clientToClient: true });
    const bob = await loggedIn("bob");
    for (const to of ["alice@localhost", "alice@localhost/gone", "nobody@localhost"])
      bob.write(`<message to='${to}' id='${to}' type='chat' xmlns:p='urn:p' p:mark='1'><body>x</body></message>`);
    const error = await bob.until("</message>");
    expect(error).toContain("id='nobody@localhost'");
    const alice = await loggedIn("alice");
    expect(await list(alice)).toEqual([
      ["0000000001", "bob@localhost/home"],
      ["0000000002", "bob@localhost/home"],
    ]);
    expect(await ask(alice, "get", offline("<fetch/>"))).toContain('mark="1"');
  });

  it("of a removed account is not kept for the next of its name", async () => {
    await start();
    await write("one");
    await gateway.accounts.set("alice", "secret");
    await gateway.link.flushed();
    gateway.accounts.remove("alice");
    await gateway.link.flushed();
    await gateway.accounts.set("alice", "secret");
    expect(await count(await loggedIn("alice"))).toBe(0);
  });

  it("stays when the session that is given it ends, or does not say that it has read it", async () => {
    const clock = new ManualClock();
    await start({ clock });
    const body = "x".repeat(60_000);
    for (const id of ["one", "two"]) await write(body, { id });
    const ends = await loggedIn("alice");
    ends.write("<presence/>");
    await ends.until("<ping");
    ends.destroy();
    await gateway.listener.until(() => gateway.listener.stanzas.some(({ attrs }) => attrs["type"] === "unavailable"));
    const silent = await loggedIn("alice", "silent");
    silent.write("<presence/>");
    expect(await silent.until("<ping")).toContain('id="one"');
    clock.advance(30_000);
    const reads = await loggedIn("alice", "reads");
    const first = await come(reads);
    const second = await reads.until("<ping");
    expect([first, second].map((given) => [...given.matchAll(/ id="(\w+)"/g)].map(([, id]) => id))).toEqual([
      ["one"],
      ["two"],
    ]);
    // The second has not been read yet.
    await gateway.link.flushed();
    expect(await count(reads)).toBe(1);
  });
});

describe("looking through what is kept", () => {
  const three = async (): Promise<RawClient> => {
    await start();
    for (const body of ["one", "two", "three"]) await write(body);
    return loggedIn("alice");
  };

  it("is offered by the server and by the account", async () => {
    await start();
    expect(gateway.link.features).toEqual([NS, "msgoffline"]);
    const info = await ask(await loggedIn("alice"), "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    expect(info).toContain(`<feature var="${NS}"/>`);
  });

  it("counts, lists, shows, removes and purges", async () => {
    const client = await three();
    expect(await count(client)).toBe(3);
    const nodes = (await list(client)).map(([node]) => node);
    expect(nodes).toEqual([...nodes].sort());
    const [first, second, third] = nodes;
    const shown = await ask(
      client,
      "get",
      offline(`<item action='view' node='${third}'/><item action='view' node='${second}'/>`),
    );
    expect(bodies(shown)).toEqual(["two", "three"]);
    expect(shown).toContain(`<offline xmlns="${NS}"><item node="${second}"/></offline></message>`);
    expect(await ask(client, "set", offline(`<item action='remove' node='${second}'/>`))).toContain("type='result'");
    expect(bodies(await ask(client, "get", offline("<fetch/>")))).toEqual(["one", "three"]);
    expect(await ask(client, "get", offline(`<item action='view' node='${second}'/>`))).toContain("<item-not-found");
    const both = offline(`<item action='remove' node='${first}'/><item action='remove' node='${second}'/>`);
    expect(await ask(client, "set", both)).toContain("<item-not-found");
    expect(await count(client)).toBe(2);
    await ask(client, "set", offline("<purge/>"));
    expect(await list(client)).toEqual([]);
  });

  it("keeps the messages from being given, to other sessions too, while it lasts", async () => {
    const client = await three();
    await count(client);
    const other = await loggedIn("alice", "work");
    client.write("<presence/>");
    other.write("<presence/>");
    expect(bodies((await soFar(client)) + (await soFar(other)))).toEqual([]);
    expect(await count(other)).toBe(3);
    client.destroy();
    other.destroy();
    await gateway.listener.until(
      () => gateway.listener.stanzas.filter(({ attrs }) => attrs["type"] === "unavailable").length === 2,
    );
    const next = await loggedIn("alice");
    expect(bodies(await come(next))).toEqual(["one", "two", "three"]);
  });

  it.each<[what: string, type: "get" | "set", content: string]>([
    ["an empty request", "get", ""],
    ["a view of nothing", "get", "<item action='view'/>"],
    ["a removal by get", "get", "<item action='remove' node='1'/>"],
    ["a view by set", "set", "<item action='view' node='1'/>"],
    ["a purge by get", "get", "<purge/>"],
    ["something else", "get", "<other/>"],
  ])("refuses %s", async (_what, type, content) => {
    await start();
    expect(await ask(await loggedIn("alice"), type, offline(content))).toContain("<bad-request");
  });

  it.each(["bob@localhost", "nobody@localhost"])("is forbidden for %s to everybody else", async (who) => {
    await start({ clientToClient: true });
    const alice = await loggedIn("alice");
    const query = `<query xmlns='http://jabber.org/protocol/disco#items' node='${NS}'/>`;
    for (const payload of [query, offline("<fetch/>")])
      expect(await ask(alice, "get", payload, ` to='${who}'`)).toContain("<forbidden");
  });
});

describe("limits", () => {
  it("an account has so many messages", async () => {
    await start({ limits: { offlineMessagesPerAccount: 2 } });
    for (const body of ["one", "two", "three"]) await write(body);
    await write("bob", { to: "bob@localhost" });
    expect(refusals()).toEqual(["three: wait resource-constraint"]);
  });

  it("none are kept with zero", async () => {
    await start({ limits: { offlineMessagesPerAccount: 0 } });
    await write("one");
    expect(refusals()).toEqual(["one: cancel service-unavailable"]);
  });

  it("all accounts together have so many messages", async () => {
    await start({ limits: { offlineMessages: 2 } });
    await write("one");
    await write("two", { to: "bob@localhost" });
    await write("three", { to: "bob@localhost" });
    expect(bounces()).toEqual(["three"]);
  });

  it("all messages together have so many bytes", async () => {
    await start();
    await write("x".repeat(100));
    const client = await loggedIn("alice");
    const bytes = /<message.*<\/message>/.exec(await come(client))?.[0].length ?? 0;
    await gateway.stop();
    await start({ limits: { offlineBytes: 2 * bytes } });
    for (const name of ["a", "b"]) await write("x".repeat(100), { id: name.padEnd(100) });
    await write("", { id: "c" });
    expect(bounces()).toEqual(["c"]);
  });

  it("a message is kept for so many days", async () => {
    let now = NOON;
    await start({ limits: { offlineDays: 1 }, wallNow: () => now });
    await write("one");
    now += 86_400_000;
    await write("two");
    now += 1;
    await write("three");
    expect(bodies(await ask(await loggedIn("alice"), "get", offline("<fetch/>")))).toEqual(["two", "three"]);
  });
});

it("keeps messages for who has logged in before, where only the owner of the accounts knows them", async () => {
  const passwords = {
    kind: "passwords",
    checkPassword: async () => true,
    onChanged: () => () => undefined,
    close: () => undefined,
  } as const;
  await start({ accounts: passwords, plainOnLoopback: true });
  await write("before");
  const client = await RawClient.connect(gateway.port);
  client.write(
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
  );
  client.write(
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from("\0alice\0x").toString("base64")}</auth>`,
  );
  await client.until("<success");
  client.write(
    "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
  );
  await client.bind("home");
  await write("after");
  expect(bounces()).toEqual(["before"]);
  expect(await count(client)).toBe(1);
});

it("survives a store that fails, and a message in it that is none", async () => {
  await start();
  const bad = { id: "1", from: "x@localhost", stampMs: NOON, bytes: 9 };
  gateway.link.keepOffline?.({
    keep: () => Promise.reject(new Error("gone")),
    list: async () => [bad],
    read: async () => [{ ...bad, xml: "<message" }],
    remove: () => Promise.reject(new Error("gone")),
  });
  await write("one");
  expect(bounces()).toEqual(["one"]);
  const client = await loggedIn("alice");
  expect(await ask(client, "get", offline("<fetch/>"))).toMatch(/^<iq type='result' id='ask'/);
  expect(await ask(client, "set", offline("<purge/>"))).toContain("<internal-server-error");
});
