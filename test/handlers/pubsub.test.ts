// builtin:pubsub: topics over RPC, each refusal a fault of its own.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PubSubService } from "../../src/handlers/index.js";
import { createGateway, createMemoryNetwork, createRequester, type Gateway, type Requester } from "../../src/index.js";
import { SERVICE, type PubSubService as Service, startPubSubService } from "../support/pubsub-service.js";

describe("the service pubsub", () => {
  let gateway: Gateway;
  let service: Service;
  let alice: Requester;

  beforeEach(async () => {
    const network = createMemoryNetwork();
    service = await startPubSubService(network);
    gateway = createGateway({
      link: network.link("rpc.example.org"),
      services: [PubSubService],
      access: [{ allow: "alice@example.org", methods: "pubsub.*" }],
    });
    await gateway.start();
    alice = createRequester({ link: network.link("alice@example.org/desk") });
    await alice.start();
  });
  afterEach(async () => {
    await alice.stop();
    await gateway.stop();
    await service.stop();
  });
  const call = (method: string, ...params: unknown[]): Promise<unknown> =>
    alice.call("rpc.example.org", `pubsub.${method}`, [SERVICE, "news", ...params]);

  it("makes a topic, publishes and reads", async () => {
    expect(await call("create", { title: "News" })).toBe("news");
    const updated = new Date("2026-11-28T10:00:00Z");
    expect(await call("publish", { title: "Hi", text: "there", link: "https://a.example/", updated }, "a")).toBe("a");
    expect(await call("publishJson", { n: 1, list: [true] }, "j")).toBe("j");
    expect(await call("publishXml", "<x xmlns='urn:y'/>", "x")).toBe("x");
    expect(await call("items")).toEqual([
      {
        id: "a",
        kind: "atom",
        title: "Hi",
        text: "there",
        link: "https://a.example/",
        updated,
        author: "rpc.example.org",
      },
      { id: "j", kind: "json", json: '{"n":1,"list":[true]}' },
      { id: "x", kind: "xml", xml: '<x xmlns="urn:y"/>' },
    ]);
    expect(await call("items", 1)).toMatchObject([{ id: "x" }]);
    expect(await call("subscribe")).toEqual({ jid: "rpc.example.org", state: "subscribed", node: "news", subid: "s1" });
    await call("unsubscribe", "s1");
    await call("retract", "a");
    await call("purge");
    await call("delete");
    expect(service.requests.at(-1)).toContain('<delete node="news"/>');
  });

  it("shows who waits to be let in, and lets him in or refuses", async () => {
    service.subscriptions = "<subscription jid='bob@example.org' subscription='pending' subid='s7'/>";
    expect(await call("pending")).toEqual([{ jid: "bob@example.org", subid: "s7" }]);
    service.subscriptions = "<subscription jid='bob@example.org' subscription='pending'/>";
    expect(await call("pending")).toEqual([{ jid: "bob@example.org" }]);
    await call("setSubscriber", "bob@example.org", "subscribed", "s7");
    expect(service.requests.at(-1)).toContain(
      '<subscription jid="bob@example.org" subscription="subscribed" subid="s7"/>',
    );
    await call("setSubscriber", "bob@example.org", "none");
    expect(service.requests.at(-1)).toContain('<subscription jid="bob@example.org" subscription="none"/>');
    await expect(call("setSubscriber", "bob@example.org", "pending")).rejects.toMatchObject({ code: -32602 });
  });

  it.each([
    ["item-not-found", 1, /no-such-node/],
    ["forbidden", 2, /forbidden/],
    ["conflict", 3, /precondition-not-met/],
    ["bad-request", 4, /refused/],
    ["service-unavailable", 5, /unavailable/],
  ])("says %s as fault %i", async (condition, code, message) => {
    await call("create");
    service.refusals.set("publish", `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>`);
    await expect(call("publish", { title: "Hi" })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each<[string, unknown[], RegExp]>([
    ["publish", [{ title: "Hi", link: "not absolute" }], /links\[0\]\.href: an absolute address/],
    ["publish", [{ title: "Hi", id: "1" }], /id: an absolute address/],
    ["publish", [{}], /title/],
    ["publishXml", ["<a>"], /xml: one well-formed element/],
    ["items", [0], /max: at least 1 expected/],
  ])("refuses what cannot be sent: %s(%j)", async (method, params, message) => {
    await call("create");
    await expect(call(method, ...params)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(message) as string,
    });
  });

  it("is for those whom the access list lets", async () => {
    const network = createMemoryNetwork();
    const other = createGateway({ link: network.link("rpc.example.org"), services: [PubSubService] });
    await other.start();
    const mallory = createRequester({ link: network.link("mallory@example.org/x") });
    await mallory.start();
    const asked = mallory.call("rpc.example.org", "pubsub.items", [SERVICE, "news"]);
    await expect(asked).rejects.toMatchObject({ condition: "forbidden" });
    await mallory.stop();
    await other.stop();
  });
});
