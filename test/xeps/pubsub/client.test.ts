// The asking side of publish-subscribe: what is sent, what is read, what every refusal is called (XEP-0060 §5 to §8).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  type Gateway,
  PubSub,
  PubSubError,
  ValueError,
} from "../../../src/index.js";
import { type PubSubService, SERVICE, startPubSubService } from "../../support/pubsub-service.js";

const STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";
const ERRORS = "http://jabber.org/protocol/pubsub#errors";

describe("gateway.pubsub", () => {
  let gateway: Gateway;
  let service: PubSubService;
  let pubsub: PubSub;

  beforeEach(async () => {
    const network = createMemoryNetwork();
    service = await startPubSubService(network);
    gateway = createGateway({ link: network.link("rpc.example.org") });
    await gateway.start();
    ({ pubsub } = gateway);
  });
  afterEach(async () => {
    await gateway.stop();
    await service.stop();
  });
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "no error",
      (error: unknown) => (PubSubError.is(error) ? error.code : String(error)),
    );

  it("is the port that handlers have injected", () => {
    expect(PubSub.is(pubsub)).toBe(true);
    expect(PubSub.is({})).toBe(false);
  });

  it("publishes entries, JSON and XML, each as one element of a namespace of its own", async () => {
    await pubsub.create(SERVICE, "news");
    const atom = { id: "urn:x:1", title: "A <b>", updated: new Date("2026-11-28T10:00:00Z") };
    expect(await pubsub.publish(SERVICE, "news", { atom }, { itemId: "a" })).toBe("a");
    expect(await pubsub.publish(SERVICE, "news", { json: { n: [1, null, "<"] } }, { itemId: "j" })).toBe("j");
    expect(await pubsub.publish(SERVICE, "news", { xml: "<x xmlns='urn:y'><z/></x>" })).toBe("made-2");
    expect([...(service.nodes.get("news")?.values() ?? [])]).toEqual([
      '<entry xmlns="http://www.w3.org/2005/Atom"><id>urn:x:1</id><title>A &lt;b&gt;</title><updated>2026-11-28T10:00:00.000Z</updated>' +
        '<author><name>rpc.example.org</name></author><content type="text">A &lt;b&gt;</content></entry>',
      '<json xmlns="urn:xmpp:json:0">{"n":[1,null,"&lt;"]}</json>',
      '<x xmlns="urn:y"><z/></x>',
    ]);
    expect(await pubsub.items(SERVICE, "news")).toEqual([
      {
        id: "a",
        payload: {
          atom: { ...atom, authors: [{ name: "rpc.example.org" }], content: { type: "text", text: "A <b>" } },
        },
      },
      { id: "j", payload: { json: { n: [1, null, "<"] } } },
      { id: "made-2", payload: { xml: '<x xmlns="urn:y"><z/></x>' } },
    ]);
    expect(await pubsub.items(SERVICE, "news", { max: 1 })).toMatchObject([{ id: "made-2" }]);
    expect(await pubsub.items(SERVICE, "news", { ids: ["a", "gone"] })).toMatchObject([{ id: "a" }]);
    expect(await pubsub.itemIds(SERVICE, "news")).toEqual(["a", "j", "made-2"]);
  });

  it.each<[what: string, payload: Parameters<PubSub["publish"]>[2]]>([
    ["an entry whose id is no address", { atom: { id: "1", title: "t", updated: new Date() } }],
    ["an entry whose date is none", { atom: { id: "urn:x:1", title: "t", updated: new Date(Number.NaN) } }],
    ["a relative link", { atom: { id: "urn:x:1", title: "t", updated: new Date(), links: [{ href: "/a" }] } }],
    [
      "XHTML that is no div",
      { atom: { id: "urn:x:1", title: "t", updated: new Date(), content: { type: "xhtml", text: "<p/>" } } },
    ],
    ["what JSON has no text for", { json: undefined }],
    ["XML that is none", { xml: "<a><b></a>" }],
    ["XML of no namespace", { xml: "<a/>" }],
    ["two elements", { xml: "<a xmlns='urn:a'/><a xmlns='urn:a'/>" }],
  ])("does not publish %s", async (_what, payload) => {
    await pubsub.create(SERVICE, "news");
    await expect(pubsub.publish(SERVICE, "news", payload)).rejects.toSatisfy((error) => ValueError.is(error));
    expect(service.published).toEqual([]);
  });

  it("does not send what is over the limit of a stanza", async () => {
    await pubsub.create(SERVICE, "news");
    expect(await codeOf(pubsub.publish(SERVICE, "news", { json: "x".repeat(200_000) }))).toBe("payload-too-big");
    await expect(pubsub.publish(SERVICE, "", { json: 1 })).rejects.toThrow("node: a name expected, got an empty one");
    expect(service.published).toEqual([]);
  });

  it("puts the configuration behind create, and names the form", async () => {
    await pubsub.create(SERVICE, "news", { title: "News", "pubsub#max_items": 5, persist_items: true, type: ["a"] });
    expect(service.requests.at(-1)).toBe(
      '<pubsub xmlns="http://jabber.org/protocol/pubsub"><create node="news"/><configure><x xmlns="jabber:x:data" type="submit">' +
        '<field var="FORM_TYPE" type="hidden"><value>http://jabber.org/protocol/pubsub#node_config</value></field>' +
        '<field var="pubsub#title"><value>News</value></field><field var="pubsub#max_items"><value>5</value></field>' +
        '<field var="pubsub#persist_items"><value>1</value></field><field var="pubsub#type"><value>a</value></field></x></configure></pubsub>',
    );
  });

  it("says what the node must be like, and how an item is taken back", async () => {
    await pubsub.create(SERVICE, "news");
    await pubsub.publish(SERVICE, "news", { json: 1 }, { itemId: "a", conditions: { access_model: "open" } });
    expect(service.requests.at(-1)).toContain(
      '</publish><publish-options><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE" type="hidden"><value>http://jabber.org/protocol/pubsub#publish-options</value></field>',
    );
    await pubsub.retract(SERVICE, "news", "a");
    expect(service.requests.at(-1)).toContain('<retract node="news" notify="1"><item id="a"/></retract>');
    await pubsub.retract(SERVICE, "news", "a", false);
    expect(service.requests.at(-1)).toContain('notify="0"');
  });

  it("subscribes, and knows that pending is no error", async () => {
    await pubsub.create(SERVICE, "news");
    expect(await pubsub.subscribe(SERVICE, "news")).toEqual({
      node: "news",
      jid: "rpc.example.org",
      state: "subscribed",
      subid: "s1",
    });
    service.state = "pending";
    expect(await pubsub.subscribe(SERVICE, "news")).toMatchObject({ state: "pending" });
    await pubsub.unsubscribe(SERVICE, "news", { subid: "s1" });
    expect(service.requests.at(-1)).toContain('<unsubscribe node="news" jid="rpc.example.org" subid="s1"/>');
  });

  it("tells the features by their short names", async () => {
    expect(await pubsub.features(SERVICE)).toEqual(new Set(["publish", "config-node-max"]));
  });

  it.each<[asked: keyof PubSub & string, element: string, condition: string, application: string, code: string]>([
    ["create", "create", "conflict", "", "node-exists"],
    ["create", "create", "not-acceptable", "nodeid-required", "node-required"],
    ["create", "create", "conflict", "max-nodes-exceeded", "max-nodes-exceeded"],
    ["create", "create", "not-acceptable", "", "invalid-options"],
    ["create", "create", "bad-request", "", "invalid-options"],
    ["configure", "configure", "not-acceptable", "", "invalid-options"],
    ["configure", "configure", "bad-request", "", "invalid-options"],
    ["publish", "publish", "forbidden", "", "forbidden"],
    ["publish", "publish", "item-not-found", "", "no-such-node"],
    ["publish", "publish", "conflict", "precondition-not-met", "precondition-not-met"],
    ["publish", "publish", "conflict", "", "precondition-not-met"],
    ["publish", "publish", "conflict", "node-full", "node-full"],
    ["publish", "publish", "not-acceptable", "payload-too-big", "payload-too-big"],
    ["publish", "publish", "bad-request", "invalid-payload", "invalid-payload"],
    ["publish", "publish", "bad-request", "item-required", "item-required"],
    ["publish", "publish", "bad-request", "payload-required", "payload-required"],
    ["publish", "publish", "bad-request", "item-forbidden", "item-forbidden"],
    ["publish", "publish", "not-allowed", "max-items-exceeded", "max-items-exceeded"],
    ["publish", "publish", "feature-not-implemented", "unsupported", "unsupported"],
    ["publish", "publish", "feature-not-implemented", "", "unsupported"],
    ["publish", "publish", "resource-constraint", "", "overloaded"],
    ["publish", "publish", "policy-violation", "", "overloaded"],
    ["publish", "publish", "service-unavailable", "", "unavailable"],
    ["publish", "publish", "remote-server-not-found", "", "unavailable"],
    ["publish", "publish", "remote-server-timeout", "", "unavailable"],
    ["publish", "publish", "gone", "", "no-such-node"],
    ["publish", "publish", "not-authorized", "", "forbidden"],
    ["publish", "publish", "registration-required", "", "forbidden"],
    ["publish", "publish", "internal-server-error", "", "refused"],
    ["retract", "retract", "item-not-found", "", "no-such-item"],
    ["subscribe", "subscribe", "bad-request", "invalid-jid", "invalid-jid"],
    ["subscribe", "subscribe", "not-authorized", "presence-subscription-required", "presence-subscription-required"],
    ["subscribe", "subscribe", "not-authorized", "not-in-roster-group", "not-in-roster-group"],
    ["subscribe", "subscribe", "not-allowed", "closed-node", "closed-node"],
    ["subscribe", "subscribe", "not-authorized", "pending-subscription", "pending-subscription"],
    ["subscribe", "subscribe", "not-acceptable", "configuration-required", "configuration-required"],
    ["subscribe", "subscribe", "policy-violation", "too-many-subscriptions", "too-many-subscriptions"],
    ["unsubscribe", "unsubscribe", "bad-request", "subid-required", "subid-required"],
    ["unsubscribe", "unsubscribe", "not-acceptable", "invalid-subid", "subid-invalid"],
    ["unsubscribe", "unsubscribe", "unexpected-request", "not-subscribed", "not-subscribed"],
    ["items", "items", "bad-request", "jid-required", "invalid-jid"],
    ["setAffiliate", "affiliations", "not-acceptable", "invalid-options", "invalid-options"],
    ["delete", "delete", "forbidden", "", "forbidden"],
    ["purge", "purge", "item-not-found", "", "no-such-node"],
  ])("calls what %s is refused with, <%s/>: %s %s, %s", async (asked, element, condition, application, code) => {
    const detail = application === "" ? "" : `<${application} xmlns='${ERRORS}'/>`;
    service.refusals.set(element, `<${condition} xmlns='${STANZAS}'/>${detail}`);
    const ask: Partial<Record<keyof PubSub & string, () => Promise<unknown>>> = {
      create: () => pubsub.create(SERVICE, "news"),
      configure: () => pubsub.configure(SERVICE, "news", { max_items: 1 }),
      publish: () => pubsub.publish(SERVICE, "news", { json: 1 }),
      retract: () => pubsub.retract(SERVICE, "news", "a"),
      subscribe: () => pubsub.subscribe(SERVICE, "news"),
      unsubscribe: () => pubsub.unsubscribe(SERVICE, "news"),
      items: () => pubsub.items(SERVICE, "news"),
      setAffiliate: () => pubsub.setAffiliate(SERVICE, "news", "a@b", "publisher"),
      delete: () => pubsub.delete(SERVICE, "news"),
      purge: () => pubsub.purge(SERVICE, "news"),
    };
    expect(await codeOf(ask[asked]?.() ?? expect.fail())).toBe(code);
  });

  it("sends the whole form back with what is changed, and with a title that stands in no form yet", async () => {
    await pubsub.create(SERVICE, "news");
    await pubsub.configure(SERVICE, "news", { title: "News" });
    expect(service.requests.at(-1)).toContain(
      '<field var="pubsub#max_items"><value>10</value></field><field var="pubsub#title"><value>News</value></field>',
    );
    await expect(pubsub.configure(SERVICE, "news", { nosuch: 1 })).rejects.toThrow(/have no field pubsub#nosuch/);
  });

  it.each([
    ["not-acceptable", "", "not-acceptable"],
    ["resource-constraint", "Bad value of field 'pubsub#access_model'", "resource-constraint: Bad value"],
    ["resource-constraint", "Unknown field 'pubsub#access_model'", "resource-constraint: Unknown field"],
  ])("says which configuration was refused: <%s/> %s", async (condition, text, said) => {
    service.refusals.set("create", `<${condition} xmlns='${STANZAS}'/><text xmlns='${STANZAS}'>${text}</text>`);
    const creating = pubsub.create(SERVICE, "news", { access_model: "authorize", max_items: 5 });
    await expect(creating).rejects.toMatchObject({
      code: "invalid-options",
      message: expect.stringContaining(`invalid-options (${said}`) as string,
    });
    await expect(creating).rejects.toThrow(/; asked for access_model=authorize, max_items=5$/);
  });

  it("names service, node and reason in the message, and keeps the stanza error", async () => {
    service.refusals.set("publish", `<forbidden xmlns='${STANZAS}'/><text xmlns='${STANZAS}'>not you</text>`);
    const error: unknown = await pubsub.publish(SERVICE, "news", { json: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: `node "news" at ${SERVICE}: forbidden (forbidden: not you)`,
      mayRetry: false,
      cause: { name: "StanzaError", condition: "forbidden" },
    });
  });
});
