// What hosted topics push, to whom, and what becomes of it when the link, the process or the access changes meanwhile.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rpcMethod, rpcService, string, Topics } from "../../../src/index.js";
import { openDatabase } from "../../../src/mailbox/index.js";
import { findChild } from "../../../src/xml/index.js";
import { recordingLog } from "../../support/recording-log.js";
import {
  notified,
  type Person,
  SERVICE,
  startTopicsGateway,
  stopTopicsGateways,
} from "../../support/topics-gateway.js";

let folder: string;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-topics-"));
  url = `sqlite:${join(folder, "mailbox.db")}`;
});
afterEach(async () => {
  await stopTopicsGateways();
  await rm(folder, { recursive: true });
});

const subscribe = (person: Person, node = "news", jid = person.jid): Promise<string> =>
  person.outcome("set", `<subscribe node='${node}' jid='${jid}'/>`);
const told = async (person: Person): Promise<string> => notified(await person.next()).told;
/** What came before this answer, and nothing else, had come. */
const silence = async (person: Person): Promise<string> => person.outcome("get", "<dance/>");

@rpcService("desk")
class Desk {
  constructor(private readonly topics: Topics) {}

  @rpcMethod({ params: [string], returns: string })
  async announce(text: string): Promise<string> {
    return this.topics.publish("desk", { json: text }, { itemId: "only" });
  }
}

describe("notifications", () => {
  it("wait for a link that is full, and stay in order for everybody", async () => {
    const { topics, person, link } = await startTopicsGateway({ topics: [{ node: "news" }] });
    const people = await Promise.all(["alice", "bert", "carol"].map((name) => person(`${name}@example.org/desk`)));
    for (const one of people) await subscribe(one);
    link.room = 2;
    for (const n of [1, 2, 3]) await topics.publish("news", { json: n }, { itemId: `i${n}` });
    for (const one of people) for (const n of [1, 2, 3]) expect(await told(one)).toBe(`headline news: +i${n}`);
  });

  it("pause where a link takes nothing though it is up", async () => {
    const log = recordingLog();
    const options = { topics: [{ node: "news" }], limits: { topicRetryMs: 1 }, log };
    const { topics, person, link } = await startTopicsGateway(options);
    const alice = await person();
    await subscribe(alice);
    link.room = 0;
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    expect(await log.until(/topics.paused/)).toMatch(/cause=the link takes nothing retryMs=1$/);
    link.room = Number.POSITIVE_INFINITY;
    expect(await told(alice)).toBe("headline news: +a");
  });

  it("are sent when the link is back", async () => {
    const { topics, person, link } = await startTopicsGateway({ topics: [{ node: "news" }] });
    const alice = await person();
    await subscribe(alice);
    link.lose();
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    await topics.publish("news", { json: 1 }, { itemId: "b" });
    await topics.retract("news", "a");
    expect((await topics.items("news")).map(({ id }) => id)).toEqual(["b"]);
    link.comeBack();
    expect([await told(alice), await told(alice)]).toEqual(["headline news: -a", "headline news: +b"]);
  });

  it("tell that a topic is gone when the link is back, before what is published under its name since", async () => {
    const { topics, person, link } = await startTopicsGateway({ topics: [{ node: "news" }] });
    const people = await Promise.all(["alice", "bert"].map((name) => person(`${name}@example.org/desk`)));
    for (const one of people) await subscribe(one);
    link.lose();
    await topics.publish("news", { json: 1 }, { itemId: "never told" });
    await topics.delete("news");
    await topics.publish("news", { json: 2 }, { itemId: "new" });
    link.comeBack();
    for (const one of people) {
      expect(await told(one)).toBe("headline news: delete");
      expect(await silence(one)).toBe("bad-request modify");
    }
    expect((await topics.items("news")).map(({ id }) => id)).toEqual(["new"]);
  });

  it("tell in the next life of the gateway that a topic is gone", async () => {
    const before = await startTopicsGateway({ mailbox: { url } });
    const alice = await before.person();
    await before.topics.create("gone");
    await subscribe(alice, "gone");
    before.link.lose();
    await before.topics.delete("gone");
    await before.gateway.stop();
    await before.restart();
    expect(await told(alice)).toBe("headline gone: delete");
    expect(await silence(alice)).toBe("bad-request modify");
  });

  it("are sent again, under the same id of the item, when nobody knows whether they arrived", async () => {
    const { topics, person, link } = await startTopicsGateway({
      topics: [{ node: "news" }],
      limits: { topicRetryMs: 1 },
    });
    const alice = await person();
    await subscribe(alice);
    link.losesAll = true;
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    expect(await told(alice)).toBe("headline news: +a");
    expect(await told(alice)).toBe("headline news: +a");
    link.losesAll = false;
    await topics.publish("news", { json: 1 }, { itemId: "b" });
    let last = "";
    while (last !== "headline news: +b") last = await told(alice);
    expect(await silence(alice)).toBe("bad-request modify");
  });

  it("of a process that died are sent by the next one, and say when it was", async () => {
    const before = await startTopicsGateway({ topics: [{ node: "news" }], mailbox: { url } });
    const alice = await before.person();
    await subscribe(alice);
    await before.topics.publish("news", { json: 1 }, { itemId: "old" });
    expect(await told(alice)).toBe("headline news: +old");
    await before.gateway.stop();
    // What a process leaves that ends between keeping an item and telling it.
    const database = await openDatabase(url);
    const published_at = Date.now() - 3_600_000;
    const payload = `<n xmlns='urn:x'>late</n>`;
    await database.query.updateTable("topic_items").set({ state: "retracted" }).execute();
    await database.query
      .insertInto("topic_items")
      .values({ service: SERVICE, node: "news", item_id: "late", payload, published_at })
      .execute();
    await database.close();
    const { topics } = await before.restart();
    expect(await told(alice)).toBe("headline news: -old");
    const stanza = await alice.next();
    expect(notified(stanza)).toEqual({ told: "headline news: +late", texts: ["late"], isLate: true });
    const stamp = findChild(stanza, "delay", "urn:xmpp:delay")?.attrs["stamp"];
    expect(stamp).toBe(new Date(published_at).toISOString());
    expect((await topics.items("news")).map(({ id }) => id)).toEqual(["late"]);
  });

  it("go on after a restart, with the items and those who subscribed", async () => {
    const before = await startTopicsGateway({ mailbox: { url } });
    const alice = await before.person();
    await before.topics.publish("authors/ann", { json: 1 }, { itemId: "a" });
    await subscribe(alice, "authors/ann");
    const { topics } = await before.restart();
    expect(await topics.nodes()).toEqual(["authors/ann"]);
    expect(await topics.items("authors/ann")).toEqual([{ id: "a", payload: { json: 1 } }]);
    expect(await topics.subscribers("authors/ann")).toEqual([
      { node: "authors/ann", jid: alice.jid, state: "subscribed" },
    ]);
    await topics.publish("authors/ann", { json: 2 }, { itemId: "b" });
    expect(notified(await alice.next())).toEqual({ told: "headline authors/ann: +b", texts: ["2"], isLate: false });
  });

  it("of two gateways that share a database stay apart", async () => {
    const first = await startTopicsGateway({ mailbox: { url } });
    await first.topics.publish("news", { json: 1 }, { itemId: "a" });
    const database = await openDatabase(url);
    await database.query.insertInto("topics").values({ service: "other.example.org", node: "theirs" }).execute();
    await database.close();
    expect(await first.topics.nodes()).toEqual(["news"]);
  });

  it("follow an answer with the newest item, where that is set", async () => {
    const { topics, person } = await startTopicsGateway({ topics: [{ node: "news", sendLastItem: true }] });
    const alice = await person();
    expect(await subscribe(alice)).toBe("result");
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    await topics.publish("news", { json: 2 }, { itemId: "b" });
    expect([await told(alice), await told(alice)]).toEqual(["headline news: +a", "headline news: +b"]);
    const bert = await person("bert@example.org/desk");
    expect(await subscribe(bert)).toBe("result");
    expect(notified(await bert.next())).toEqual({ told: "headline news: +b", texts: ["2"], isLate: true });
    // Once is enough.
    expect(await subscribe(bert)).toBe("result");
    expect(await silence(bert)).toBe("bad-request modify");
  });

  it("are what is set of the topic: the type, and whether they hold items; the longest beginning of a name counts", async () => {
    const { topics, person } = await startTopicsGateway({
      topics: [
        { node: "*", notificationType: "normal" },
        { node: "authors/*", deliverPayloads: false },
        { node: "authors/ann", notificationType: "normal", deliverPayloads: false },
      ],
    });
    const alice = await person();
    const seen: ReturnType<typeof notified>[] = [];
    for (const node of ["other", "authors/bob", "authors/ann"]) {
      await topics.create(node);
      await subscribe(alice, node);
      await topics.publish(node, { json: 1 }, { itemId: "a" });
      seen.push(notified(await alice.next()));
    }
    expect(seen.map((one) => [one.told, ...one.texts])).toEqual([
      ["normal other: +a", "1"],
      ["headline authors/bob: +a"],
      ["normal authors/ann: +a"],
    ]);
  });

  it("are not for those who lost the access since", async () => {
    const before = await startTopicsGateway({ topics: [{ node: "news" }], mailbox: { url } });
    const alice = await before.person();
    const bert = await before.person("bert@example.org/desk");
    await subscribe(alice);
    await subscribe(bert);
    const access = [{ allow: "*@example.org" }, { deny: "alice@example.org" }];
    const { topics } = await before.restart({ access });
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    expect(await told(bert)).toBe("headline news: +a");
    expect(await silence(alice)).toBe("bad-request modify");
  });

  it("end for an address that is gone for good, and for no other trouble of it", async () => {
    const log = recordingLog();
    const { topics, person } = await startTopicsGateway({ topics: [{ node: "news" }], log });
    const [alice, mallory] = [await person(), await person("mallory@example.org/desk")];
    await subscribe(alice);
    await subscribe(mallory);
    const returned = (id: string | undefined, condition: string): string =>
      `<message type='error' to='${SERVICE}' id='${id}'><error type='cancel'>` +
      `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`;
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    const { id } = (await alice.next()).attrs;
    alice.send(returned(id, "service-unavailable"));
    alice.send(returned("another", "gone"));
    expect(await silence(alice)).toBe("bad-request modify");
    // He can only end his own.
    mallory.send(returned(id, "gone"));
    expect(await log.until(/subscriber-gone/)).toBe("topics.subscriber-gone node=news jid=mallory@example.org/desk");
    expect((await topics.subscribers("news")).map(({ jid }) => jid)).toEqual([alice.jid]);
    alice.send(returned(id, "gone"));
    await log.until(/subscriber-gone node=news jid=alice/);
    expect(await topics.subscribers("news")).toEqual([]);
  });
});

describe("access", () => {
  it("of a topic is its own list; without one it is that of the gateway", async () => {
    const { person } = await startTopicsGateway({
      access: [{ allow: "alice@example.org" }],
      topics: [
        { node: "mine" },
        { node: "all", access: [{ anyone: true }] },
        { node: "bert", access: [{ allow: "bert@example.org" }] },
      ],
    });
    const people = { alice: await person(), bert: await person("bert@example.org/desk") };
    const outcomes = async (who: Person) => [
      await subscribe(who, "mine"),
      await subscribe(who, "all"),
      await subscribe(who, "bert"),
    ];
    const closed = "not-allowed cancel closed-node";
    expect(await outcomes(people.alice)).toEqual(["result", "result", closed]);
    expect(await outcomes(people.bert)).toEqual([closed, "result", "result"]);
  });

  it("by a whole domain is none for nicks in rooms, known or found out", async () => {
    const { person } = await startTopicsGateway({
      topics: [
        { node: "news", access: [{ anyone: true }] },
        { node: "one", access: [{ allow: "team@rooms.example.org/ann" }] },
      ],
      roomServices: ["rooms.example.org"],
    });
    const ann = await person("team@rooms.example.org/ann");
    expect(await subscribe(ann, "news")).toBe("not-allowed cancel closed-node");
    expect(await subscribe(ann, "one")).toBe("result");
    const rooms = await person("conference.example.org");
    const eve = await person("team@conference.example.org/eve");
    const asked = subscribe(eve, "news");
    const { id } = (await rooms.next()).attrs;
    const identity = "<identity category='conference' type='text'/>";
    const query = `<query xmlns='http://jabber.org/protocol/disco#info'>${identity}</query>`;
    rooms.send(`<iq type='result' to='${SERVICE}' id='${id}'>${query}</iq>`);
    expect(await asked).toBe("not-allowed cancel closed-node");
  });

  it("is one address's: another one of the gateway has no topics", async () => {
    const { person } = await startTopicsGateway({ topics: [{ node: "news" }] });
    const alice = await person();
    const content = `<subscribe node='news' jid='${alice.jid}'/>`;
    expect(await alice.outcome("set", content, { to: SERVICE.toUpperCase() })).toBe("result");
    expect(await alice.outcome("set", content, { to: `${SERVICE}/there` })).toBe("service-unavailable cancel");
  });
});

describe("what is published", () => {
  it("has the same id whenever it is the same entry, and another one each time when it is something else", async () => {
    const { topics } = await startTopicsGateway({});
    const atom = { id: "tag:example.org,2026:1", title: "First", updated: new Date("2026-11-28T00:00:00Z") };
    const first = await topics.publish("feed", { atom });
    expect(await topics.publish("feed", { atom: { ...atom, title: "Changed" } })).toBe(first);
    const items = await topics.items("feed");
    expect(items).toMatchObject([{ id: first, payload: { atom: { title: "Changed", authors: [{ name: SERVICE }] } } }]);
    expect(await topics.publish("feed", { json: 1 })).not.toBe(await topics.publish("feed", { json: 1 }));
  });

  it.each([
    [{ xml: "<a/>" }, "needs a namespace"],
    [{ xml: "<a xmlns='urn:x'>" }, "one well-formed element expected"],
    [{ json: undefined }, "a value that JSON has a text for expected"],
  ])("%j is refused and leaves nothing behind", async (payload, problem) => {
    const { topics } = await startTopicsGateway({});
    await expect(topics.publish("news", payload)).rejects.toThrow(problem);
    expect(await topics.nodes()).toEqual([]);
  });

  it("pushes the oldest out of memory, at topicMemoryChars and one past it", async () => {
    // An id of one character, and `<n xmlns="urn:x">0</n>`.
    const size = 1 + 22;
    const put = (id: string, topics: Topics) =>
      topics.publish("news", { xml: "<n xmlns='urn:x'>0</n>" }, { itemId: id });
    const { topics, link } = await startTopicsGateway({ limits: { topicMemoryChars: 2 * size } });
    for (const id of ["a", "b"]) await put(id, topics);
    const ids = async () => (await topics.items("news")).map(({ id }) => id);
    expect(await ids()).toEqual(["a", "b"]);
    await put("c", topics);
    expect(await ids()).toEqual(["b", "c"]);
    await put("c", topics);
    expect(await ids()).toEqual(["b", "c"]);
    // What is still to be told is not forgotten for it.
    link.lose();
    await put("d", topics);
    await put("e", topics);
    await expect(put("f", topics)).rejects.toMatchObject({ code: "overloaded", mayRetry: true });
    expect(await ids()).toEqual(["d", "e"]);
  });

  it("may come from a handler", async () => {
    const { topics, person } = await startTopicsGateway({ services: [Desk] });
    const alice = await person();
    await topics.create("desk");
    await subscribe(alice, "desk");
    const call = `<methodCall><methodName>desk.announce</methodName><params><param><value>hi</value></param></params></methodCall>`;
    alice.send(`<iq type='set' to='${SERVICE}' id='c'><query xmlns='jabber:iq:rpc'>${call}</query></iq>`);
    const stanzas = [await alice.next(), await alice.next()];
    const message = stanzas.find(({ name }) => name === "message");
    expect(message && notified(message)).toEqual({ told: "headline desk: +only", texts: ['"hi"'], isLate: false });
  });
});

it("topicBatch: so many are told before the link is asked", async () => {
  const { topics, person, link } = await startTopicsGateway({
    topics: [{ node: "news" }],
    limits: { topicBatch: 2, topicRetryMs: 0x7fffffff },
  });
  const alice = await person();
  await subscribe(alice);
  link.lose();
  for (const id of ["a", "b", "c"]) await topics.publish("news", { json: 1 }, { itemId: id });
  link.losesAll = true;
  link.comeBack();
  expect([await told(alice), await told(alice)]).toEqual(["headline news: +a", "headline news: +b"]);
  expect(await silence(alice)).toBe("bad-request modify");
});
