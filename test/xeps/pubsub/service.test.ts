// Hosted topics as the network sees them: XEP-0060 §5 and §6, request by request, in memory and in a database.

import { afterEach, describe, expect, it } from "vitest";
import { defineMethod, PubSubError, string } from "../../../src/index.js";
import { childElements, type XmlElement } from "../../../src/xml/index.js";
import {
  notified,
  outcomeOf,
  type Person,
  SERVICE,
  startTopicsGateway,
  stopTopicsGateways,
  unlike,
} from "../../support/topics-gateway.js";

const PUBSUB = "http://jabber.org/protocol/pubsub";
const OWNER = { ns: `${PUBSUB}#owner` };
const STORES = [
  ["in memory", {}],
  ["in a database", { mailbox: { url: "sqlite::memory:" } }],
] as const;

afterEach(stopTopicsGateways);

const subscribe = (person: Person, node = "news", jid = person.jid): Promise<string> =>
  person.outcome("set", `<subscribe node='${node}' jid='${jid}'/>`);
const idsOf = (answer: XmlElement): (string | undefined)[] => {
  const [pubsub] = childElements(answer);
  const [items] = pubsub === undefined ? [] : childElements(pubsub);
  return items === undefined ? [] : childElements(items).map(({ attrs }) => attrs["id"]);
};

describe.each(STORES)("topics %s", (_name, store) => {
  const start = (options: Parameters<typeof startTopicsGateway>[0] = {}) =>
    startTopicsGateway({ ...store, ...options });

  it("are pushed to who subscribes, in order, each item with what it holds", async () => {
    const { topics, person } = await start();
    await topics.create("news");
    const alice = await person();
    const answer = await alice.ask("set", `<subscribe node='news' jid='${alice.jid}'/>`);
    const subscription = `<subscription node='news' jid='${alice.jid}' subscription='subscribed'/>`;
    const result = `<iq type='result' from='${SERVICE}'><pubsub xmlns='${PUBSUB}'>${subscription}</pubsub></iq>`;
    expect(unlike(answer, result)).toBeUndefined();
    for (const n of [1, 2, 3]) await topics.publish("news", { json: { n } }, { itemId: `i${n}` });
    for (const n of [1, 2, 3]) {
      const stanza = await alice.next();
      expect(stanza.attrs).toMatchObject({ from: SERVICE, to: alice.jid, type: "headline", id: expect.any(String) });
      expect(notified(stanza)).toEqual({ told: `headline news: +i${n}`, texts: [`{"n":${n}}`], isLate: false });
    }
    await topics.retract("news", "i2");
    expect(notified(await alice.next()).told).toBe("headline news: -i2");
    await topics.publish("news", { json: 4 }, { itemId: "i1" });
    expect(notified(await alice.next())).toMatchObject({ told: "headline news: +i1", texts: ["4"] });
    expect(await topics.items("news")).toEqual([
      { id: "i3", payload: { json: { n: 3 } } },
      { id: "i1", payload: { json: 4 } },
    ]);
    await topics.delete("news");
    expect(notified(await alice.next()).told).toBe("headline news: delete");
    expect(await alice.outcome("get", "<items node='news'/>")).toBe("item-not-found cancel");
  });

  it("are read on demand: all, the newest, by id", async () => {
    const { topics, person } = await start({ topics: [{ node: "news", maxItems: 3 }] });
    for (const n of [1, 2, 3, 4])
      await topics.publish("news", { xml: `<n xmlns='urn:x'>${n}</n>` }, { itemId: `i${n}` });
    const alice = await person();
    // What is over the number goes once it is told; it is shown to nobody even before.
    expect(idsOf(await alice.ask("get", "<items node='news'/>"))).toEqual(["i2", "i3", "i4"]);
    expect(idsOf(await alice.ask("get", "<items node='news' max_items='2'/>"))).toEqual(["i3", "i4"]);
    expect(idsOf(await alice.ask("get", "<items node='news'><item id='i3'/><item id='no'/></items>"))).toEqual(["i3"]);
    expect(await alice.outcome("get", "<items node='news'><item id='no'/></items>")).toBe("item-not-found cancel");
    for (const max of ["0", "-1", "x", "1e3"])
      expect(await alice.outcome("get", `<items node='news' max_items='${max}'/>`)).toBe("bad-request modify");
    expect(await topics.items("news", { max: 1 })).toEqual([{ id: "i4", payload: { xml: '<n xmlns="urn:x">4</n>' } }]);
  });

  it("answer with the newest items that one stanza can hold", async () => {
    const { topics, person } = await start({ limits: { maxSentBytes: 10_000 } });
    for (const n of [1, 2, 3, 4]) await topics.publish("big", { json: "x".repeat(4_000) }, { itemId: `i${n}` });
    const alice = await person();
    expect(idsOf(await alice.ask("get", "<items node='big'/>"))).toEqual(["i3", "i4"]);
    expect(idsOf(await alice.ask("get", "<items node='big'><item id='i1'/></items>"))).toEqual(["i1"]);
  });

  it("end subscriptions, and say who has which", async () => {
    const { topics, person } = await start({
      topics: [{ node: "news" }, { node: "open", access: [{ anyone: true }] }],
    });
    const alice = await person();
    const bert = await person("bert@example.org/desk");
    for (const node of ["news", "open"]) expect(await subscribe(alice, node)).toBe("result");
    expect(await subscribe(alice, "news", "alice@example.org")).toBe("result");
    expect(await subscribe(alice)).toBe("result");
    await subscribe(bert);
    const own = async (somebody: Person, content: string) => {
      const [pubsub] = childElements(await somebody.ask("get", content));
      return (pubsub === undefined ? [] : childElements(pubsub)).flatMap(childElements).map(({ attrs }) => attrs);
    };
    expect(await own(alice, "<subscriptions/>")).toEqual([
      { node: "news", jid: "alice@example.org/desk", subscription: "subscribed" },
      { node: "open", jid: "alice@example.org/desk", subscription: "subscribed" },
      { node: "news", jid: "alice@example.org", subscription: "subscribed" },
    ]);
    expect(await own(bert, "<subscriptions node='open'/>")).toEqual([]);
    expect(await own(alice, "<affiliations/>")).toEqual([{ node: "news", affiliation: "member" }]);
    expect(await own(alice, "<affiliations node='open'/>")).toEqual([]);
    expect((await topics.subscribers("news")).map(({ jid }) => jid)).toEqual([
      "alice@example.org/desk",
      "alice@example.org",
      "bert@example.org/desk",
    ]);
    const unsubscribe = `<unsubscribe node='news' jid='${alice.jid}'/>`;
    expect(await alice.outcome("set", unsubscribe)).toBe("result");
    expect(await alice.outcome("set", unsubscribe)).toBe("unexpected-request cancel not-subscribed");
    await topics.publish("news", { json: 1 }, { itemId: "a" });
    expect(notified(await bert.next()).told).toBe("headline news: +a");
    expect((await topics.subscribers("news")).map(({ jid }) => jid)).toEqual([
      "alice@example.org",
      "bert@example.org/desk",
    ]);
  });

  it("are found by disco, with what is known of them", async () => {
    const { topics, person } = await start({
      topics: [
        { node: "news", title: "All the news", description: "As it comes", access: [{ anyone: true }] },
        { node: "staff", access: [{ allow: "boss@example.org" }] },
      ],
    });
    await topics.publish("authors/ann", { json: 1 }, { itemId: "a1" });
    const alice = await person();
    const service = childElements(await alice.disco("info"));
    expect(service.map(({ attrs }) => attrs)).toContainEqual({
      category: "pubsub",
      type: "service",
      name: "jabber-rpc",
    });
    for (const feature of [PUBSUB, `${PUBSUB}#subscribe`, `${PUBSUB}#retrieve-items`, `${PUBSUB}#publish`])
      expect(service.map(({ attrs }) => attrs["var"])).toContain(feature);
    const listed = async (node?: string) => childElements(await alice.disco("items", node)).map(({ attrs }) => attrs);
    expect(await listed()).toEqual([
      { jid: SERVICE, node: "authors/ann", name: "authors/ann" },
      { jid: SERVICE, node: "news", name: "All the news" },
    ]);
    expect(await listed("authors/ann")).toEqual([{ jid: SERVICE, name: "a1" }]);
    expect(outcomeOf(await alice.disco("info", "staff"))).toMatch(/item-not-found/);
    await subscribe(alice);
    const info = await alice.disco("info", "news");
    const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
    const form = `<field var='FORM_TYPE' type='hidden'><value>${PUBSUB}#meta-data</value></field>
      ${field("pubsub#title", "All the news")}${field("pubsub#description", "As it comes")}
      ${field("pubsub#creation_date", "2*Z")}${field("pubsub#num_subscribers", "1")}
      ${field("pubsub#access_model", "open")}${field("pubsub#publish_model", "publishers")}
      ${field("pubsub#max_items", "100")}${field("pubsub#deliver_payloads", "1")}
      ${field("pubsub#notification_type", "headline")}`;
    const pattern = `<query><identity category='pubsub' type='leaf' name='All the news'/><feature var='${PUBSUB}'/>
      <x xmlns='jabber:x:data' type='result'>${form}</x></query>`;
    expect(unlike(info, pattern)).toBeUndefined();
  });

  it("survive only in a database", async () => {
    const before = await start({ topics: [{ node: "news", sendLastItem: true }] });
    const alice = await before.person();
    await subscribe(alice);
    await before.topics.publish("news", { json: "old" }, { itemId: "a" });
    expect(notified(await alice.next()).told).toBe("headline news: +a");
    const { topics } = await before.restart();
    // A database in memory ends with its gateway as well.
    expect(await topics.nodes()).toEqual(["news"]);
    expect(await topics.items("news")).toEqual([]);
    expect(await topics.subscribers("news")).toEqual([]);
  });

  it("keep what is published while nobody subscribes, the newest only", async () => {
    const { topics } = await start({ topics: [{ node: "news", maxItems: 2 }] });
    for (const n of [1, 2, 3, 4, 5]) await topics.publish("news", { json: n }, { itemId: `i${n}` });
    expect((await topics.items("news")).map(({ id }) => id)).toEqual(["i4", "i5"]);
    expect((await topics.items("news", { ids: ["i5", "i1"] })).map(({ id }) => id)).toContain("i5");
  });

  it("take nothing back that is not there", async () => {
    const { topics } = await start({ topics: [{ node: "news" }] });
    await expect(topics.retract("news", "no")).rejects.toMatchObject({ code: "no-such-item" });
    await expect(topics.items("no")).rejects.toMatchObject({ code: "no-such-node" });
    await expect(topics.subscribers("no")).rejects.toMatchObject({ code: "no-such-node" });
    await expect(topics.delete("no")).rejects.toMatchObject({ code: "no-such-node" });
    await expect(topics.delete("news")).resolves.toBeUndefined();
    const error = await topics.items("no").catch((thrown: unknown) => thrown);
    expect(PubSubError.is(error) && error.message).toBe('node "no": no-such-node');
  });

  describe("limits, at each and one past it", () => {
    it("topicNodes", async () => {
      const { topics } = await start({ topics: [{ node: "news" }], limits: { topicNodes: 2 } });
      expect(await topics.create("second")).toBe(true);
      expect(await topics.create("second")).toBe(false);
      await expect(topics.publish("third", { json: 1 })).rejects.toMatchObject({ code: "max-nodes-exceeded" });
      // One of the settings is always there.
      expect(await topics.publish("news", { json: 1 }, { itemId: "a" })).toBe("a");
    });

    it("topicNameChars", async () => {
      const { topics } = await start({ limits: { topicNameChars: 4 } });
      expect(await topics.publish("abcd", { json: 1 }, { itemId: "1234" })).toBe("1234");
      await expect(topics.publish("abcde", { json: 1 }, { itemId: "1" })).rejects.toThrow(/1 to 4 characters/);
      await expect(topics.publish("abcd", { json: 1 }, { itemId: "12345" })).rejects.toThrow(/1 to 4 characters/);
      await expect(topics.publish("", { json: 1 }, { itemId: "1" })).rejects.toThrow(/1 to 4 characters/);
    });

    it("topicSubscribers and topicSubscriptionsPerAccount", async () => {
      const topics = [{ node: "a" }, { node: "b" }, { node: "c" }];
      const { person } = await start({ topics, limits: { topicSubscribers: 2, topicSubscriptionsPerAccount: 2 } });
      const [alice, bert, carol] = await Promise.all(
        ["alice", "bert", "carol"].map((name) => person(`${name}@example.org/d`)),
      );
      if (alice === undefined || bert === undefined || carol === undefined) throw new Error("nobody");
      expect(await subscribe(alice, "a")).toBe("result");
      expect(await subscribe(bert, "a")).toBe("result");
      expect(await subscribe(carol, "a")).toBe("policy-violation wait too-many-subscriptions");
      expect(await subscribe(alice, "b")).toBe("result");
      expect(await subscribe(alice, "c")).toBe("policy-violation wait too-many-subscriptions");
      // What is there already is no new one.
      expect(await subscribe(alice, "a")).toBe("result");
    });

    it("maxSentBytes", async () => {
      const { topics } = await start({ limits: { maxSentBytes: 10_000 } });
      const json = "x".repeat(10_000 - 4_096 - '<json xmlns="urn:xmpp:json:0">""</json>'.length);
      expect(await topics.publish("big", { json }, { itemId: "a" })).toBe("a");
      await expect(topics.publish("big", { json: `${json}x` })).rejects.toMatchObject({ code: "payload-too-big" });
    });
  });
});

describe("what is refused", () => {
  const start = () =>
    startTopicsGateway({
      topics: [
        { node: "news" },
        { node: "staff", access: [{ allow: "*@example.org" }, { deny: "alice@example.org" }] },
      ],
    });

  it.each<[what: string, type: "get" | "set", content: string, outcome: string]>([
    ["nothing", "set", "", "bad-request modify"],
    ["something unknown", "set", "<dance/>", "bad-request modify"],
    ["a get as a set", "set", "<items node='news'/>", "bad-request modify"],
    ["a property of every object", "get", "<toString/>", "bad-request modify"],
    ["subscribing without a node", "set", "<subscribe jid='alice@example.org'/>", "bad-request modify nodeid-required"],
    ["subscribing without an address", "set", "<subscribe node='news'/>", "bad-request modify jid-required"],
    ["subscribing a malformed address", "set", "<subscribe node='news' jid='@x'/>", "bad-request modify invalid-jid"],
    ["subscribing another", "set", "<subscribe node='news' jid='bert@example.org'/>", "bad-request modify invalid-jid"],
    ["subscribing to nothing", "set", "<subscribe node='no' jid='alice@example.org'/>", "item-not-found cancel"],
    [
      "a topic for others",
      "set",
      "<subscribe node='staff' jid='alice@example.org'/>",
      "not-allowed cancel closed-node",
    ],
    ["items for others", "get", "<items node='staff'/>", "not-allowed cancel closed-node"],
    ["items of nothing", "get", "<items node='no'/>", "item-not-found cancel"],
    ["items without a node", "get", "<items/>", "bad-request modify nodeid-required"],
    [
      "options of a subscription",
      "set",
      "<subscribe node='news' jid='alice@example.org'/><options><x xmlns='jabber:x:data' type='submit'/></options>",
      "feature-not-implemented cancel unsupported subscription-options",
    ],
    ["options", "get", "<options node='news'/>", "feature-not-implemented cancel unsupported subscription-options"],
    ["the default", "get", "<default/>", "feature-not-implemented cancel unsupported retrieve-default-sub"],
    ["ending another's", "set", "<unsubscribe node='news' jid='bert@example.org'/>", "forbidden auth"],
    ["ending one at nothing", "set", "<unsubscribe node='no' jid='alice@example.org'/>", "item-not-found cancel"],
    [
      "ending by a subid",
      "set",
      "<unsubscribe node='news' jid='alice@example.org' subid='1'/>",
      "not-acceptable modify invalid-subid",
    ],
    ["subscriptions at nothing", "get", "<subscriptions node='no'/>", "item-not-found cancel"],
    ["affiliations at nothing", "get", "<affiliations node='no'/>", "item-not-found cancel"],
    ["publishing", "set", "<publish node='news'><item id='a'><x xmlns='urn:x'/></item></publish>", "forbidden auth"],
    ["publishing at nothing", "set", "<publish node='no'><item/></publish>", "forbidden auth"],
    ["retracting", "set", "<retract node='news'><item id='a'/></retract>", "forbidden auth"],
    ["creating", "set", "<create node='mine'/>", "feature-not-implemented cancel unsupported create-nodes"],
  ])("%s", async (_what, type, content, outcome) => {
    const { person } = await start();
    expect(await (await person()).outcome(type, content)).toBe(outcome);
  });

  it.each([
    ["get", "configure", "config-node"],
    ["set", "configure", "config-node"],
    ["get", "default", "retrieve-default"],
    ["set", "delete", "delete-nodes"],
    ["set", "purge", "purge-nodes"],
    ["get", "subscriptions", "manage-subscriptions"],
    ["set", "affiliations", "modify-affiliations"],
  ] as const)("an owner's %s %s", async (type, name, feature) => {
    const { person } = await start();
    const outcome = await (await person()).outcome(type, `<${name} node='news'/>`, OWNER);
    expect(outcome).toBe(`feature-not-implemented cancel unsupported ${feature}`);
  });

  it("an owner's unknown request", async () => {
    const { person } = await start();
    expect(await (await person()).outcome("set", "<dance/>", OWNER)).toBe("bad-request modify");
  });

  it("names that mean something else here", async () => {
    const methods = [defineMethod("tools.ping", { params: [], returns: string }, () => "pong")];
    const { topics } = await startTopicsGateway({ methods });
    for (const node of ["tools.ping", "describe;tools.ping", "http://jabber.org/protocol/commands"])
      await expect(topics.publish(node, { json: 1 })).rejects.toMatchObject({ code: "node-exists" });
  });

  it.each([
    [[{ node: "" }], "topics[0].node: a name, or the beginning of names and `*`, expected"],
    [[{ node: "a*b" }], "topics[0].node: a name, or the beginning of names and `*`, expected"],
    [[{ node: "a" }, { node: "a" }], 'topics[1].node: "a" stands there twice'],
    [[{ node: "a", maxItems: 0 }], "topics[0].maxItems: a whole number from 1 expected"],
    [[{ node: "a", access: [{ allow: "*" }] }], "topics[0].access[0].allow: `*` matches nobody"],
  ])("settings %j", async (topics, problem) => {
    await expect(startTopicsGateway({ topics })).rejects.toThrow(problem);
  });
});
