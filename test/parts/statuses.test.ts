// Statuses: one text to a room and to topics; to follow is to join or to subscribe, and `stop` ends it (issue 7).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../../src/config/index.js";
import { StatusesService } from "../../src/handlers/index.js";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
  Statuses,
} from "../../src/index.js";
import { readStatusesSettings } from "../../src/parts/index.js";
import { findChild, textOf, writeElement, type XmlElement } from "../../src/xml/index.js";
import { bodyOf, ROOM, startFakeRooms } from "../support/fake-rooms.js";
import { type PubSubService, SERVICE, startPubSubService } from "../support/pubsub-service.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";
import { type RecordingLog, recordingLog } from "../support/recording-log.js";

const GATEWAY = "rpc.example.org";
const PUBSUB = "http://jabber.org/protocol/pubsub";

describe("statuses", () => {
  let network: MemoryNetwork;
  let gateway: Gateway;
  let log: RecordingLog;
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    network = createMemoryNetwork();
    log = recordingLog();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  const start = async (options: Partial<GatewayOptions>): Promise<Statuses> => {
    gateway = createGateway({ link: network.link(GATEWAY), access: [{ anyone: true }], log, ...options });
    await gateway.start();
    stops.push(() => gateway.stop());
    return gateway.statuses ?? expect.fail();
  };
  const peer = async (jid = "bob@example.org/desk"): Promise<RawPeer> => {
    const one = await startRawPeer(network.link(jid));
    stops.push(() => one.stop());
    return one;
  };
  const subscribe = (follower: RawPeer, node: string): Promise<XmlElement> => {
    follower.send(
      `<iq type='set' to='${GATEWAY}' id='s'><pubsub xmlns='${PUBSUB}'><subscribe node='${node}' jid='${follower.jid}'/></pubsub></iq>`,
    );
    return follower.next();
  };
  const titlesIn = (message: XmlElement): string[] => writeElement(message).match(/(?<=<title>)[^<]*/g) ?? [];

  it("go to hosted topics, that of all and that of their author, which is made at the first one", async () => {
    const statuses = await start({ topics: [], statuses: {} });
    expect(Statuses.is(statuses)).toBe(true);
    const first = await statuses.publishStatus({ author: "Alice@Example.org/phone", text: "Up and\nabout" });
    expect(first).toEqual({
      id: first.id,
      places: [`${GATEWAY} statuses`, `${GATEWAY} statuses/alice@example.org`],
      problems: [],
    });
    expect(statuses.topicOf("alice@example.org/x")).toEqual({ service: GATEWAY, node: "statuses/alice@example.org" });
    const bob = await peer();
    await subscribe(bob, "statuses/alice@example.org");
    await statuses.publishStatus({ author: "carol", text: "Not hers" });
    await statuses.publishStatus({ author: "alice@example.org", text: "At work", link: "https://a.example/1" });
    expect(titlesIn(await bob.next())).toEqual(["At work"]);
    const [item] = (await gateway.topics?.items("statuses", { max: 1 })) ?? [];
    expect(item?.payload).toMatchObject({
      atom: {
        title: "At work",
        authors: [{ name: "alice@example.org" }],
        content: { type: "text", text: "At work" },
        links: [{ href: "https://a.example/1" }],
      },
    });
    expect((await gateway.topics?.items("statuses/alice@example.org"))?.[0]).toMatchObject({
      id: first.id,
      payload: { atom: { title: "Up and about", content: { text: "Up and\nabout" } } },
    });
  });

  it("end for who writes stop, and only for him", async () => {
    const statuses = await start({ topics: [], statuses: {} });
    await statuses.publishStatus({ author: "alice", text: "One" });
    const [bob, carol] = [await peer(), await peer("carol@example.org/desk")];
    for (const node of ["statuses", "statuses/alice"]) await subscribe(bob, node);
    await subscribe(carol, "statuses/alice");
    bob.send(`<message type='chat' to='${GATEWAY}' id='m'><body> Stop </body></message>`);
    const answer = await bob.next();
    expect(answer.attrs).toMatchObject({ type: "chat", from: GATEWAY, to: bob.jid });
    expect(textOf(findChild(answer, "body") ?? answer)).toBe("You are told no more: 2 topics left.");
    await statuses.publishStatus({ author: "alice", text: "Two" });
    expect(titlesIn(await carol.next())).toEqual(["Two"]);
    bob.send(`<iq type='get' to='${GATEWAY}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect((await bob.next()).attrs["id"]).toBe("ping");
  });

  it("leave stop to others where there is nothing to stop", async () => {
    await start({ topics: [], statuses: {}, onMessage: ({ body }) => `heard ${body}` });
    const bob = await peer();
    bob.send(`<message type='chat' to='${GATEWAY}' id='m'><body>stop</body></message>`);
    expect(textOf(findChild(await bob.next(), "body") ?? expect.fail())).toBe("heard stop");
  });

  describe("at a service of somebody else", () => {
    let service: PubSubService;
    beforeEach(async () => {
      service = await startPubSubService(network);
      stops.push(() => service.stop());
    });

    it("make their topics there", async () => {
      const statuses = await start({ statuses: { service: SERVICE, node: "team" } });
      const { id, places } = await statuses.publishStatus({ author: "alice", text: "x".repeat(200) });
      const orders = (): string[] =>
        service.requests.flatMap((request) => /<(create|publish) node="[^"]*"/.exec(request)?.[0] ?? []);
      expect(orders().toSorted()).toEqual(
        ["create", "publish"].flatMap((order) => [`<${order} node="team"`, `<${order} node="team/alice"`]),
      );
      expect(orders().findIndex((order) => order.startsWith("<publish"))).toBe(2);
      expect(places).toEqual([`${SERVICE} team`, `${SERVICE} team/alice`]);
      expect([...(service.nodes.get("team/alice")?.keys() ?? [])]).toEqual([id]);
      expect(service.nodes.get("team")?.get(id)).toContain(`<title>${"x".repeat(139)}…</title>`);
      // Made once, and again where somebody has deleted them.
      await statuses.publishStatus({ author: "alice", text: "Two" });
      expect(orders()).toHaveLength(6);
      service.nodes.clear();
      expect((await statuses.publishStatus({ author: "alice", text: "Three" })).problems).toEqual([]);
      expect(service.nodes.get("team/alice")?.size).toBe(1);
    });

    it("deal with a few people at once who write stop, and with each of them once", async () => {
      const statuses = await start({ statuses: { service: SERVICE } });
      await statuses.publishStatus({ author: "alice", text: "One" });
      let release = (): void => undefined;
      service.held.set("subscriptions", new Promise((resolve) => (release = resolve)));
      const people: RawPeer[] = [];
      for (let index = 0; index <= 16; index += 1) people.push(await peer(`p${index}@example.org/desk`));
      const [first, last] = [people[0] ?? expect.fail(), people[16] ?? expect.fail()];
      const lists = (): number => service.requests.filter((request) => request.includes("<subscriptions")).length;
      const stop = (one: RawPeer): void => one.send(`<message type='chat' to='${GATEWAY}'><body>stop</body></message>`);
      for (const one of people.slice(0, 16)) stop(one);
      stop(first);
      stop(last);
      // The sixteen are asked for, the second word of the first is not, and the seventeenth is sent away.
      expect(textOf(findChild(await last.next(), "body") ?? expect.fail())).toMatch(/try it again later/);
      expect(lists()).toBe(16);
      service.subscriptions = `<subscription jid='${first.jid}' subscription='subscribed'/>`;
      release();
      expect(textOf(findChild(await first.next(), "body") ?? expect.fail())).toMatch(/2 topics left/);
      await log.until(/^statuses\.stopped/);
      // Then there is room again.
      service.held.clear();
      service.subscriptions = `<subscription jid='${last.jid}' subscription='subscribed'/>`;
      stop(last);
      expect(textOf(findChild(await last.next(), "body") ?? expect.fail())).toMatch(/2 topics left/);
    });

    it("say where they could not be written, and fail where that is everywhere", async () => {
      const statuses = await start({ statuses: { service: SERVICE } });
      service.nodes.set("statuses", new Map());
      service.refusals.set("create", "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
      const partly = await statuses.publishStatus({ author: "alice", text: "One" });
      expect(partly.places).toEqual([`${SERVICE} statuses`]);
      expect(partly.problems).toEqual([expect.stringMatching(/"statuses\/alice".*forbidden/)]);
      expect(await log.until(/^statuses\.failed/)).toMatch(/author=alice/);
      service.nodes.clear();
      await expect(statuses.publishStatus({ author: "alice", text: "Two" })).rejects.toMatchObject({
        code: "forbidden",
      });
    });
  });

  it("are said in the room too, with who and where", async () => {
    const rooms = await startFakeRooms({ topics: [], statuses: { room: ROOM }, access: [{ anyone: true }] });
    stops.push(() => rooms.stop());
    const join = await rooms.letIn();
    const publishing = rooms.gateway.statuses?.publishStatus({
      author: "ida",
      text: "Fog",
      link: "https://a.example/",
    });
    const said = await rooms.next();
    expect(bodyOf(said)).toBe("ida: Fog https://a.example/");
    const nick = join.attrs["to"] ?? "";
    rooms.send(
      `<message type='groupchat' from='${nick}' to='${GATEWAY}' id='${said.attrs["id"]}'><body>${bodyOf(said)}</body></message>`,
    );
    expect(await publishing).toMatchObject({ places: [ROOM, `${GATEWAY} statuses`, `${GATEWAY} statuses/ida`] });
  });

  it.each([
    [{ author: "", text: "a" }, /author/],
    [{ author: "a/b", text: "a" }, /author/],
    [{ author: "a".repeat(201), text: "a" }, /author/],
    [{ author: "a", text: " \n" }, /text: a text expected/],
    [{ author: "a", text: "b", link: "/x" }, /^link: an absolute address/],
  ])("refuse what cannot be written: %j", async (status, message) => {
    const statuses = await start({ topics: [], statuses: {} });
    await expect(statuses.publishStatus(status)).rejects.toThrow(message);
  });

  it("are the caller's own over Jabber-RPC", async () => {
    await start({ topics: [], statuses: {}, services: [StatusesService] });
    const alice = createRequester({ link: network.link("alice@example.org/desk") });
    await alice.start();
    stops.push(() => alice.stop());
    expect(await alice.call(GATEWAY, "statuses.publish", ["Hi"])).toMatchObject({
      places: [`${GATEWAY} statuses`, `${GATEWAY} statuses/alice@example.org`],
    });
    await expect(alice.call(GATEWAY, "statuses.publish", [" "])).rejects.toMatchObject({ code: -32602 });
  });

  it("need somewhere to go", async () => {
    expect(() => createGateway({ link: network.link(GATEWAY), statuses: {} })).toThrow(/a room, a service or topics/);
    const read = (...lines: string[]) =>
      readStatusesSettings(
        checkSettings(parseSettingsText("g.yaml", ["link: {mode: memory}", ...lines, ""].join("\n"))),
      );
    expect(read()).toBeUndefined();
    expect(read("topics: []", "statuses: {}")).toEqual({ node: "statuses" });
    expect(read("rooms: [{jid: a@b.example}]", "statuses: {room: A@b.example, node: n}")).toEqual({
      node: "n",
      room: "A@b.example",
    });
    expect(() => read("statuses: {}")).toThrow(/g\.yaml:2 statuses: a room, a service/);
    expect(() => read("statuses:", "  room: a@b.example")).toThrow(
      /g\.yaml:3 statuses\.room: a room that stands in rooms/,
    );
    expect(() => read("statuses:", "  service: '@'")).toThrow(/g\.yaml:3 statuses\.service: an address/);
  });
});
