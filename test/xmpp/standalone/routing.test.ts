// Who gets which stanza: the gateway, the sessions of an account, and other accounts (RFC 6120 §8, §10; RFC 6121 §8.5).

import { afterEach, describe, expect, it } from "vitest";
import { element, type XmlText } from "../../../src/xml/index.js";
import type { StandaloneLinkOptions } from "../../../src/xmpp/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { RawClient, startGateway, type TestGateway } from "./support.js";

const PING = element("ping", { xmlns: "urn:xmpp:ping" });
const MARK = "<iq type='get' id='mark' to='localhost'><query xmlns='urn:echo'/></iq>";

let gateway: TestGateway;
afterEach(() => gateway.stop());

async function start(options: Partial<StandaloneLinkOptions> = {}): Promise<void> {
  gateway = await startGateway(options);
}

async function loggedIn(name: string, resource: string): Promise<RawClient> {
  const client = await RawClient.connect(gateway.port);
  expect(await client.login(name, resource)).toBe(`${name}@localhost/${resource}`);
  return client;
}

/** All that has arrived up to now: the answer to a request of our own comes last. */
async function soFar(client: RawClient): Promise<string> {
  client.write(MARK);
  const seen = await client.until("<query xmlns='urn:echo'/></iq>");
  return seen.slice(0, seen.lastIndexOf("<iq type='result' id='mark'"));
}

const message = (to: string | undefined, type = "chat") =>
  `<message type='${type}' id='m'${to === undefined ? "" : ` to='${to}'`}><body>x</body></message>`;

describe("the gateway", () => {
  it("survives a stanza to itself that it would not read", async () => {
    await start();
    const elements = element("a", {}).repeat(20_001) as XmlText;
    gateway.link.send(element("message", { to: "rpc.localhost" }, elements));
    const client = await loggedIn("alice", "home");
    expect(await soFar(client)).toBe("");
  });

  it("asks a session and gets its answer", async () => {
    await start();
    const client = await loggedIn("alice", "home");
    const answer = gateway.router.request("get", "alice@localhost/home", PING);
    const asked = await client.until("</iq>");
    expect(asked).toMatch(/^<iq type='get' id='[^']+' to='alice@localhost\/home' from='localhost'><ping/);
    client.write(`<iq type='result' id='${/id='([^']+)'/.exec(asked)?.[1]}' to='localhost'/>`);
    expect((await answer).attrs["from"]).toBe("alice@localhost/home");
  });

  it("is told nothing of a session that ends after its answer", async () => {
    await start();
    const client = await loggedIn("alice", "home");
    const answer = gateway.router.request("get", "alice@localhost/home", PING);
    client.write(`<iq type='result' id='${/id='([^']+)'/.exec(await client.until("</iq>"))?.[1]}' to='localhost'/>`);
    await answer;
    client.write("</stream:stream>");
    await client.closed();
    await gateway.link.flushed();
    expect(gateway.listener.stanzas.map(({ attrs }) => attrs["type"])).toEqual(["result"]);
  });

  it("does not believe another session's answer", async () => {
    await start();
    const [alice, bob] = [await loggedIn("alice", "home"), await loggedIn("bob", "home")];
    const answer = gateway.router.request("get", "alice@localhost/home", PING);
    const id = /id='([^']+)'/.exec(await alice.until("</iq>"))?.[1];
    bob.write(`<iq type='result' id='${id}' to='localhost'><spoof xmlns='urn:x'/></iq>`);
    await soFar(bob);
    alice.write(`<iq type='result' id='${id}' to='localhost'/>`);
    expect((await answer).children).toEqual([]);
  });

  it.each([
    ["a session that is not there", "alice@localhost/away", "service-unavailable"],
    ["an account", "alice@localhost", "service-unavailable"],
    ["another domain", "alice@example.org/x", "remote-server-not-found"],
  ])("learns at once that it asked %s", async (_what, to, condition) => {
    await start();
    await loggedIn("alice", "home");
    await expect(gateway.router.request("get", to, PING)).rejects.toMatchObject({ condition });
  });

  it("learns of a session that ends before it answers", async () => {
    await start();
    const client = await loggedIn("alice", "home");
    const answer = gateway.router.request("get", "alice@localhost/home", PING);
    const refused = expect(answer).rejects.toMatchObject({ condition: "recipient-unavailable", type: "wait" });
    await client.until("</iq>");
    client.destroy();
    await refused;
  });

  it("can call itself", async () => {
    await start();
    const answer = await gateway.router.request("get", "rpc@localhost", element("query", { xmlns: "urn:echo" }));
    expect(answer.children).toMatchObject([{ name: "query", ns: "urn:echo" }]);
  });

  it("writes to an account: the most wanted of its resources get it", async () => {
    await start();
    const [high, low, away] = [
      await loggedIn("alice", "high"),
      await loggedIn("alice", "low"),
      await loggedIn("alice", "away"),
    ];
    high.write("<presence><priority>5</priority></presence>");
    await soFar(high);
    low.write("<presence><priority>-1</priority></presence>");
    await soFar(low);
    gateway.link.send(element("message", { to: "Alice@localhost", from: "rpc@localhost", type: "chat" }, PING));
    expect(await soFar(high)).toContain('<message to="Alice@localhost" from="rpc@localhost" type="chat">');
    expect(await soFar(low)).not.toContain("<message");
    expect(await soFar(away)).not.toContain("<message");
  });

  it("is told that a message reached nobody", async () => {
    await start();
    gateway.link.send(element("message", { to: "nobody@localhost", from: "rpc@localhost", id: "7" }));
    await gateway.listener.until(() => gateway.listener.stanzas.length === 1);
    const [bounced] = gateway.listener.stanzas;
    expect(bounced?.attrs).toEqual({ type: "error", id: "7", from: "nobody@localhost", to: "rpc@localhost" });
  });

  it("shows its presence with its own content, and sees who comes and goes", async () => {
    await start();
    gateway.link.announce(element("c", { xmlns: "http://jabber.org/protocol/caps", ver: "v" }));
    const client = await loggedIn("alice", "home");
    client.write("<presence><show>away</show></presence>");
    const seen = await soFar(client);
    expect(seen).toContain(
      '<presence from="localhost" to="alice@localhost/home"><c xmlns="http://jabber.org/protocol/caps" ver="v"/></presence>',
    );
    expect(seen).toContain('from="alice@localhost/home" to="alice@localhost/home"');
    const presences = () =>
      gateway.listener.stanzas.filter(({ name }) => name === "presence").map(({ attrs }) => attrs);
    expect(presences()).toEqual([{ from: "alice@localhost/home", to: "localhost" }]);
    client.destroy();
    await gateway.listener.until(() => presences().length === 2);
    expect(presences()[1]).toEqual({ type: "unavailable", from: "alice@localhost/home", to: "localhost" });
  });

  it("spreads its own presence to who is available", async () => {
    await start();
    const [here, away] = [await loggedIn("alice", "here"), await loggedIn("bob", "away")];
    here.write("<presence/>");
    await soFar(here);
    gateway.link.announce(PING);
    expect(await soFar(here)).toContain('<presence from="localhost" to="alice@localhost/here"><ping');
    expect(await soFar(away)).not.toContain("<presence");
    away.write("<presence/>");
    expect(await soFar(away)).toContain('<presence from="rpc@localhost/gateway" to="bob@localhost/away"><ping');
  });

  it("tells a headline to every resource that takes messages, and one for a resource to no other", async () => {
    await start();
    const [high, low, silent] = [
      await loggedIn("alice", "high"),
      await loggedIn("alice", "low"),
      await loggedIn("alice", "silent"),
    ];
    high.write("<presence><priority>5</priority></presence>");
    low.write("<presence/>");
    silent.write("<presence><priority>-1</priority></presence>");
    for (const client of [high, low, silent]) await soFar(client);
    const send = (to: string, type: string, id: string) => gateway.link.send(element("message", { to, type, id }));
    send("alice@localhost", "headline", "all");
    send("alice@localhost/gone", "headline", "nobody");
    send("alice@localhost/gone", "chat", "best");
    const ids = async (client: RawClient) => [...(await soFar(client)).matchAll(/ id="(\w+)"/g)].map(([, id]) => id);
    expect(await ids(high)).toEqual(["all", "best"]);
    expect(await ids(low)).toEqual(["all"]);
    expect(await ids(silent)).toEqual([]);
  });

  it("knows when all it has said is on its way", async () => {
    await start();
    const client = await loggedIn("alice", "home");
    gateway.link.send(element("message", { to: "alice@localhost/home" }));
    await gateway.link.flushed();
    expect(await client.until("/>")).toBe("<message from='localhost' to=\"alice@localhost/home\"/>");
  });
});

describe("accounts", () => {
  it("do not reach each other", async () => {
    await start();
    const [alice, bob] = [await loggedIn("alice", "home"), await loggedIn("bob", "home")];
    bob.write("<presence/>");
    await soFar(bob);
    const iq = "<iq type='get' id='1' to='bob@localhost/home'><ping xmlns='urn:xmpp:ping'/></iq>";
    alice.write(`<presence to='bob@localhost/home'/>${message("bob@localhost")}${message("bob@localhost/home")}${iq}`);
    const refused = await soFar(alice);
    expect(refused.match(/<service-unavailable/g)).toHaveLength(3);
    expect(refused).toContain("from='bob@localhost/home'");
    expect(await soFar(bob)).toBe("");
  });

  it("reach each other where that is allowed", async () => {
    await start({ clientToClient: true });
    const [alice, bob] = [await loggedIn("alice", "home"), await loggedIn("bob", "home")];
    alice.write("<iq type='get' id='1' to='bob@localhost/home'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(await bob.until("</iq>")).toBe(
      '<iq type="get" id="1" to="bob@localhost/home" from="alice@localhost/home"><ping xmlns="urn:xmpp:ping"/></iq>',
    );
    bob.write("<iq type='result' id='1' to='alice@localhost/home'/>");
    expect(await alice.until("/>")).toContain('from="bob@localhost/home"');
  });

  it("reach their own resources", async () => {
    await start();
    const [home, work] = [await loggedIn("alice", "home"), await loggedIn("alice", "work")];
    work.write("<presence/>");
    await soFar(work);
    home.write(message("alice@localhost/work") + message(undefined) + message("alice@localhost", "headline"));
    expect((await soFar(work)).match(/ id="m"/g)).toHaveLength(3);
    expect(await soFar(home)).toBe("");
    home.write("<presence/>");
    const seen = await soFar(home);
    expect(seen).toContain('from="alice@localhost/work" to="alice@localhost/home"');
    expect(await soFar(work)).toContain('from="alice@localhost/home" to="alice@localhost/work"');
  });

  it("end with their removal or a new password, and no other does", async () => {
    await start();
    const [alice, bob] = [await loggedIn("alice", "home"), await loggedIn("bob", "home")];
    await gateway.accounts.set("alice", "other");
    expect(await alice.closed()).toContain("<not-authorized");
    expect(await soFar(bob)).toBe("");
    gateway.accounts.remove("bob");
    expect(await bob.closed()).toContain("<not-authorized");
  });
});

describe("two sessions that want one address", () => {
  it("do not evict each other for ever", async () => {
    const clock = new ManualClock();
    await start({ clock });
    const first = await loggedIn("alice", "home");
    const second = await loggedIn("alice", "home");
    expect(await first.closed()).toContain("<conflict");
    const third = await RawClient.connect(gateway.port);
    expect(await third.login("alice", "home")).toMatch(/^alice@localhost\/home-.{16}$/);
    expect(await soFar(second)).toBe("");
    clock.advance(30_000);
    const fourth = await loggedIn("alice", "home");
    expect(await second.closed()).toContain("<conflict");
    expect(await soFar(fourth)).toBe("");
    expect(await soFar(third)).toBe("");
  });

  it("leave the gateway one session to talk to", async () => {
    await start();
    const first = await loggedIn("alice", "home");
    const second = await loggedIn("alice", "home");
    await first.closed();
    gateway.link.send(element("message", { to: "alice@localhost/home" }));
    expect(await soFar(second)).toContain("<message");
  });
});
