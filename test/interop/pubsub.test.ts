// Topics of Prosody and ejabberd, with slixmpp's xep_0060 as the other people (XEP-0060; issue 7).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createComponentLink,
  createGateway,
  type FollowedItem,
  type Gateway,
  type GatewayOptions,
} from "../../src/index.js";
import { cliUser } from "../support/cli.js";
import { startEjabberd } from "../support/ejabberd.js";
import { type GatewayProcess, spawnGateway } from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { type PubSubPerson, startPubSubPerson } from "../support/slixmpp-pubsub.js";
import { startServer, type TestServer } from "../upstream/http-server.js";

const SERVICE = "pubsub.localhost";
const USERS = { responder: "gateway's", bob: "bob's" };
const COMPONENT = { jid: "rpc.localhost", secret: "s3cret" };
const ADMINS = [COMPONENT.jid, "responder@localhost"];

type Server = Pick<Prosody, "port" | "componentPort" | "restart" | "stop">;

const startProsodyWithTopics = (): Promise<Server> =>
  startProsody({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    hostConfig: `Component "${SERVICE}" "pubsub"\n  admins = { ${ADMINS.map((jid) => `"${jid}"`).join(", ")} }\n  pubsub_max_items = 1000`,
    extraConfig: `storage = "internal"`,
  });
const startEjabberdWithTopics = (): Promise<Server> =>
  startEjabberd({
    users: USERS,
    components: { [COMPONENT.jid]: COMPONENT.secret },
    moreModules: { mod_pubsub: { host: SERVICE, access_createnode: "all", max_items_node: 1_000, plugins: ["flat"] } },
  });

const asClient = ({ port }: Server): GatewayOptions["link"] => ({
  service: `xmpp://127.0.0.1:${port}`,
  jid: "responder@localhost/gateway",
  password: USERS.responder,
});
const asComponent = ({ componentPort }: Server): GatewayOptions["link"] =>
  createComponentLink({ service: `xmpp://127.0.0.1:${componentPort}`, jid: COMPONENT.jid, password: COMPONENT.secret });

/** Items as a handler gets them, and a wait for them. */
function collector(): {
  readonly take: (item: FollowedItem) => void;
  ids(): string[];
  until(count: number): Promise<void>;
} {
  const seen: FollowedItem[] = [];
  let wake = (): void => undefined;
  return {
    take: (item) => {
      seen.push(item);
      wake();
    },
    ids: () => seen.map(({ id }) => id),
    until: async (count) => {
      while (seen.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

describe.each([
  ["a client of Prosody", startProsodyWithTopics, asClient],
  ["a component of Prosody", startProsodyWithTopics, asComponent],
  ["a client of ejabberd", startEjabberdWithTopics, asClient],
  ["a component of ejabberd", startEjabberdWithTopics, asComponent],
] as const)("topics for %s", (_name, startOne, linkTo) => {
  let server: Server;
  let gateway: Gateway;
  let bob: PubSubPerson;

  beforeAll(async () => {
    server = await startOne();
    gateway = createGateway({ link: linkTo(server) });
    await gateway.start();
    bob = await startPubSubPerson(server.port, "bob@localhost/desk", USERS.bob, SERVICE);
  });
  afterAll(async () => {
    await bob.stop();
    await gateway.stop();
    await server.stop();
  });
  const entry = (id: string) => ({ atom: { id: `urn:x:${id}`, title: `Title of ${id}`, updated: new Date(0) } });

  it("are made, published to, read, taken back and deleted", async () => {
    const { pubsub } = gateway;
    expect(await pubsub.features(SERVICE)).toContain("publish");
    expect(await pubsub.create(SERVICE, "news", { title: "News", persist_items: true, max_items: 100 })).toBe("news");
    await expect(pubsub.create(SERVICE, "news")).rejects.toMatchObject({ code: "node-exists" });
    expect(await pubsub.ensure(SERVICE, "news", { title: "Newer" })).toBe(false);
    expect(await pubsub.configuration(SERVICE, "news")).toMatchObject({
      "pubsub#title": ["Newer"],
      "pubsub#max_items": ["100"],
    });
    expect(await bob.act({ do: "subscribe", node: "news" })).toBe(true);
    const before = bob.events.length;
    await pubsub.publish(SERVICE, "news", entry("a"), { itemId: "a" });
    await pubsub.publish(SERVICE, "news", entry("b"), { itemId: "b", conditions: { persist_items: true } });
    await bob.until(before + 2);
    expect(bob.events.slice(before)).toEqual([
      { event: "item", node: "news", id: "a", title: "Title of a" },
      { event: "item", node: "news", id: "b", title: "Title of b" },
    ]);
    expect(await bob.act({ do: "items", node: "news" })).toEqual([
      ["a", "Title of a"],
      ["b", "Title of b"],
    ]);
    await pubsub.retract(SERVICE, "news", "a");
    await bob.until(before + 3);
    expect(bob.events.at(-1)).toMatchObject({ event: "retract", id: "a" });
    await expect(pubsub.retract(SERVICE, "news", "a")).rejects.toMatchObject({ code: "no-such-item" });
    expect((await pubsub.subscribers(SERVICE, "news")).map(({ jid, state }) => [jid.split("/")[0], state])).toEqual([
      ["bob@localhost", "subscribed"],
    ]);
    expect(await bob.act({ do: "publish", node: "news", id: "c", title: "Mine" })).toBe("forbidden");
    await pubsub.setAffiliate(SERVICE, "news", "bob@localhost", "publisher");
    expect(await bob.act({ do: "publish", node: "news", id: "c", title: "Mine" })).toBe(true);
    expect(await pubsub.items(SERVICE, "news", { ids: ["c"] })).toMatchObject([
      { id: "c", payload: { atom: { title: "Mine" } } },
    ]);
    await pubsub.purge(SERVICE, "news");
    expect(await pubsub.itemIds(SERVICE, "news")).toEqual([]);
    await pubsub.delete(SERVICE, "news");
    await expect(pubsub.items(SERVICE, "news")).rejects.toMatchObject({ code: "no-such-node" });
  });

  it("are followed through a restart of the server: what was missed comes, and nothing twice", async () => {
    const { pubsub } = gateway;
    await pubsub.ensure(SERVICE, "watched", { persist_items: true, max_items: 100 });
    await pubsub.setAffiliate(SERVICE, "watched", "bob@localhost", "publisher");
    const { take, ids, until } = collector();
    const following = pubsub.follow(SERVICE, "watched", take, { payload: "atom" });
    await pubsub.publish(SERVICE, "watched", entry("own"), { itemId: "own" });
    await until(1);
    await bob.act({ do: "publish", node: "watched", id: "live", title: "Live" });
    await until(2);
    await bob.stop();
    await server.restart();
    // Somebody publishes before the gateway is back, or after: it must not matter.
    bob = await startPubSubPerson(server.port, "bob@localhost/desk", USERS.bob, SERVICE);
    await bob.act({ do: "publish", node: "watched", id: "missed", title: "Missed" });
    await until(3);
    await bob.act({ do: "publish", node: "watched", id: "after", title: "After" });
    await until(4);
    expect(ids()).toEqual(["own", "live", "missed", "after"]);
    await following.stop();
    expect((await pubsub.subscriptions(SERVICE)).filter(({ node }) => node === "watched")).toEqual([]);
  });

  it("give many large items in pieces that a stanza can hold", async () => {
    const { pubsub } = gateway;
    await pubsub.ensure(SERVICE, "large", { persist_items: true, max_items: 100 });
    for (let index = 0; index < 12; index += 1)
      await pubsub.publish(SERVICE, "large", { json: "x".repeat(50_000) }, { itemId: `i${index}` });
    const { take, ids, until } = collector();
    const following = pubsub.follow(SERVICE, "large", take);
    await until(12);
    expect(ids()).toEqual(Array.from({ length: 12 }, (_, index) => `i${index}`));
    await following.stop();
  });
});

describe("jabber-rpc follow", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startProsodyWithTopics();
  });
  afterAll(() => server.stop());

  it("prints items as they come, also after the server was away", async () => {
    const responder = cliUser(server, "responder@localhost", USERS.responder);
    const gateway = createGateway({ link: asComponent(server) });
    await gateway.start();
    await gateway.pubsub.create(SERVICE, "lines", { persist_items: true });
    await gateway.pubsub.setAffiliate(SERVICE, "lines", "responder@localhost", "publisher");
    await gateway.pubsub.publish(SERVICE, "lines", { json: "old" }, { itemId: "old" });
    const following = responder.start(["follow", SERVICE, "lines", "--json", "--last", "1"]);
    await following.until("stdout", /"id":"old"/);
    const published = await responder.run(["publish", SERVICE, "lines", "--title", "Hello", "--item", "h"]);
    expect(published).toMatchObject({ exitCode: 0, stdout: "h\n" });
    const [line = ""] = await following.until("stdout", /^.*"id":"h".*$/m);
    expect(JSON.parse(line)).toMatchObject({ id: "h", service: SERVICE, node: "lines", atom: { title: "Hello" } });
    await server.restart();
    // The component is back when it can publish again.
    for (let published = false; !published; )
      published = await gateway.pubsub.publish(SERVICE, "lines", { json: "new" }, { itemId: "new" }).then(
        () => true,
        () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 100)),
      );
    await following.until("stdout", /"id":"new"/);
    await gateway.pubsub.retract(SERVICE, "lines", "new");
    await following.until("stdout", /"event":"retracted","id":"new"/);
    following.signal("SIGINT");
    const { exitCode, stdout } = await following.ended;
    expect(exitCode).toBe(0);
    expect(stdout.match(/"id":"h"/g)).toHaveLength(1);
    const refused = await responder.run(["follow", SERVICE, "nosuch"]);
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/no-such-node/) as string });
    await gateway.stop();
  });
});

describe.each([
  ["Prosody", startProsodyWithTopics],
  ["ejabberd", startEjabberdWithTopics],
] as const)("a feed of 500 entries to a topic of %s", (_name, startOne) => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  const rss = (count: number): string => {
    const items = Array.from(
      { length: count },
      (_, index) => `<item><guid>urn:x:${index}</guid><title>n${index}</title></item>`,
    );
    return `<rss version="2.0"><channel><title>T</title>${items.reverse().join("")}</channel></rss>`;
  };

  it("is published exactly once, though the gateway is killed and restarted", async () => {
    const server = await startOne();
    stops.push(() => server.stop());
    let count = 500;
    const web: TestServer = await startServer((_request, response) => void response.end(rss(count)));
    stops.push(() => web.stop());
    const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-feed-"));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const start = async (): Promise<GatewayProcess> => {
      const settings = {
        link: {
          mode: "component",
          service: `xmpp://127.0.0.1:${server.componentPort}`,
          jid: COMPONENT.jid,
          password: { env: "FEED_SECRET" },
        },
        mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` },
        feeds: [{ url: `${web.origin}/feed`, service: SERVICE, node: "feed", intervalSeconds: 3_600 }],
      };
      const gateway = await spawnGateway(settings, { FEED_SECRET: COMPONENT.secret });
      stops.push(() => gateway.process.stop());
      return gateway;
    };

    const first = await start();
    const bob = await startPubSubPerson(server.port, "bob@localhost/desk", USERS.bob, SERVICE);
    stops.push(() => bob.stop());
    // The topic is there as soon as the first entry is to be published.
    while ((await bob.act({ do: "subscribe", node: "feed" })) !== true)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await bob.until(100);
    await first.process.stop();
    const second = await start();
    await bob.until(300);
    await second.stop();
    const third = await start();
    await third.process.until("stderr", /feed\.polled/);
    await third.stop();
    count = 501;
    const fourth = await start();
    await fourth.process.until("stderr", /feed\.polled/);
    // The last one tells that nothing is under way any more.
    const last = bob.events.findIndex(({ title }) => title === "n500");
    if (last < 0) await bob.until(bob.events.length + 1);
    await fourth.stop();

    const items = (await bob.act({ do: "items", node: "feed" })) as [string, string][];
    expect(new Set(items.map(([, title]) => title)).size).toBe(501);
    const seen = bob.events.map(({ title }) => title);
    expect(new Set(seen).size).toBe(seen.length);
    // Whatever was published before he subscribed, he has seen everything since, in order.
    const numbers = seen.map((title) => Number(title?.slice(1)));
    expect(numbers).toEqual(Array.from({ length: 501 - (numbers[0] ?? 0) }, (_, index) => index + (numbers[0] ?? 0)));
  });
});
