// Topics of Prosody and ejabberd, and topics that the gateway hosts, with slixmpp's xep_0060 as the other person (XEP-0060; issue 7).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createComponentLink,
  createGateway,
  type FollowedItem,
  type Gateway,
  type GatewayOptions,
  type Link,
} from "../../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../../src/xmpp/index.js";
import { startEjabberd } from "../support/ejabberd.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { startTopicPerson, type TopicPerson } from "../support/slixmpp-topics.js";

const SERVICE = "pubsub.localhost";
const USERS = { responder: "gateway's", bob: "bob's" };
const COMPONENT = { jid: "rpc.localhost", secret: "s3cret" };

type Server = Pick<Prosody, "port" | "componentPort" | "restartCleanly" | "stop">;

const servers = {
  Prosody: (): Promise<Server> =>
    startProsody({
      users: USERS,
      components: { [COMPONENT.jid]: COMPONENT.secret },
      hostConfig: `Component "${SERVICE}" "pubsub"\n  admins = { "responder@localhost", "bob@localhost" }`,
    }),
  ejabberd: (): Promise<Server> =>
    startEjabberd({
      users: USERS,
      components: { [COMPONENT.jid]: COMPONENT.secret },
      moreModules: { mod_pubsub: { host: SERVICE, access_createnode: "all", plugins: ["flat"] } },
    }),
};

/** The items that a handler was given, and a way to wait for them. */
function createShelf() {
  const items: FollowedItem[] = [];
  let wake = (): void => undefined;
  return {
    items,
    put: (item: FollowedItem): void => {
      items.push(item);
      wake();
    },
    until: async (count: number): Promise<string[]> => {
      while (items.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return items.map(({ id }) => id);
    },
  };
}

describe.each(Object.entries(servers))("a gateway that is a client of %s", (_name, startServer) => {
  let server: Server;
  let gateway: Gateway;
  let bob: TopicPerson;

  const start = async (): Promise<Gateway> => {
    const service = `xmpp://127.0.0.1:${server.port}`;
    const link = { service, jid: "responder@localhost/gateway", password: USERS.responder };
    const started = createGateway({ link, access: [{ anyone: true }] });
    await started.start();
    return started;
  };

  beforeAll(async () => {
    server = await startServer();
    gateway = await start();
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
  });
  afterAll(async () => {
    await bob.stop();
    await gateway.stop();
    await server.stop();
  });

  it("makes a topic, publishes there, and tells who subscribes", async () => {
    const { pubsub } = gateway;
    expect(await pubsub.ensure(SERVICE, "news", { title: "News", persist_items: true, max_items: 10 })).toBe(true);
    expect(await pubsub.ensure(SERVICE, "news", { title: "News" })).toBe(false);
    expect(await bob.act({ do: "subscribe", service: SERVICE, node: "news" })).toEqual({ subscribed: "news" });
    const atom = { id: "urn:test:1", title: "One", updated: new Date("2026-11-28T10:00:00Z") };
    await pubsub.publish(SERVICE, "news", { atom }, { itemId: "one" });
    expect(await bob.told()).toMatchObject({ from: SERVICE, told: [{ id: "one", title: "One" }] });
    await pubsub.publish(SERVICE, "news", { json: { two: [2] } }, { itemId: "two" });
    expect(await bob.told()).toMatchObject({ told: [{ id: "two", json: { two: [2] } }] });
    const { items = [] } = await bob.act({ do: "items", service: SERVICE, node: "news" });
    expect(items.map(({ id }) => id).sort()).toEqual(["one", "two"]);
    expect((await pubsub.subscribers(SERVICE, "news")).map(({ jid }) => jid)).toContain("bob@localhost/slix");
    await pubsub.retract(SERVICE, "news", "one");
    expect(await bob.told()).toMatchObject({ retracted: ["one"] });
    expect(await pubsub.itemIds(SERVICE, "news")).toEqual(["two"]);
  });

  it("is told clearly what is not there and what it may not", async () => {
    const { pubsub } = gateway;
    await expect(pubsub.items(SERVICE, "nowhere")).rejects.toMatchObject({ code: "no-such-node" });
    await expect(pubsub.create(SERVICE, "news")).rejects.toMatchObject({ code: "node-exists" });
    await expect(pubsub.publish("localhost", "news", { json: 1 })).rejects.toMatchObject({ name: "PubSubError" });
  });

  it("follows a topic: what is there, what comes, and once the server is back what was missed", async () => {
    const { pubsub } = gateway;
    await pubsub.ensure(SERVICE, "followed", { persist_items: true, max_items: 50, publish_model: "open" });
    const shelf = createShelf();
    await bob.act({ do: "publish", service: SERVICE, node: "followed", id: "before", title: "Before" });
    const following = pubsub.follow(SERVICE, "followed", shelf.put);
    expect(await shelf.until(1)).toEqual(["before"]);
    expect(await bob.act({ do: "publish", service: SERVICE, node: "followed", id: "live", title: "Live" })).toEqual({
      published: "live",
    });
    expect(await shelf.until(2)).toEqual(["before", "live"]);
    expect(shelf.items[1]?.payload).toMatchObject({ atom: { title: "Live" } });

    await bob.stop();
    await server.restartCleanly();
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
    await bob.act({ do: "publish", service: SERVICE, node: "followed", id: "missed", title: "Missed" });
    expect(await shelf.until(3)).toEqual(["before", "live", "missed"]);
    await following.stop();
  });
});

const hosts = {
  "stand-alone": async () => {
    const accounts = createMemoryAccounts({ iterations: 4096 });
    await accounts.set("bob", USERS.bob);
    let port = 0;
    return {
      service: "localhost",
      port: () => port,
      link: async (): Promise<Link> => {
        const link = createStandaloneLink({ domain: "localhost", listen: { port }, accounts });
        return link;
      },
      listening: (link: Link): void => {
        // Made above.
        port = (link as ReturnType<typeof createStandaloneLink>).listening?.port ?? 0;
      },
      stop: async () => undefined,
    };
  },
  ...Object.fromEntries(
    Object.entries(servers).map(([name, startServer]) => [
      `a component of ${name}`,
      async () => {
        const server = await startServer();
        return {
          service: COMPONENT.jid,
          port: () => server.port,
          link: async (): Promise<Link> =>
            createComponentLink({
              service: `xmpp://127.0.0.1:${server.componentPort}`,
              jid: COMPONENT.jid,
              password: COMPONENT.secret,
            }),
          listening: () => undefined,
          stop: () => server.stop(),
        };
      },
    ]),
  ),
};

describe.each(Object.entries(hosts))("a gateway that hosts topics as %s", (_name, startHost) => {
  let host: Awaited<ReturnType<typeof startHost>>;
  let gateway: Gateway;
  let bob: TopicPerson;
  let folder: string;

  const start = async (): Promise<Gateway> => {
    const link = await host.link();
    const options: GatewayOptions = {
      link,
      access: [{ anyone: true }],
      topics: [{ node: "news", title: "News", maxItems: 5 }],
      mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` },
    };
    const started = createGateway(options);
    await started.start();
    host.listening(link);
    return started;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "jabber-rpc-topics-"));
    host = await startHost();
    gateway = await start();
    bob = await startTopicPerson(host.port(), "bob", USERS.bob);
  });
  afterAll(async () => {
    await bob.stop();
    await gateway.stop();
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("lists them, takes subscriptions, and pushes", async () => {
    const { service } = host;
    expect((await bob.act({ do: "nodes", service })).nodes).toContain("news");
    expect(await bob.act({ do: "subscribe", service, node: "news" })).toEqual({ subscribed: "news" });
    await gateway.topics?.publish("news", { json: { n: 1 } }, { itemId: "one" });
    expect(await bob.told()).toMatchObject({ from: service, told: [{ id: "one", json: { n: 1 } }] });
  });

  it("lets nobody else publish, and names what is not there", async () => {
    const { service } = host;
    const refused = await bob.act({ do: "publish", service, node: "news", id: "x", title: "X" });
    expect(refused).toEqual({ error: "forbidden" });
    expect(await bob.act({ do: "subscribe", service, node: "nowhere" })).toEqual({ error: "item-not-found" });
  });

  it("keeps topics, items and subscriptions over a restart", async () => {
    const { service } = host;
    await gateway.stop();
    await bob.stop();
    gateway = await start();
    bob = await startTopicPerson(host.port(), "bob", USERS.bob);
    const { items = [] } = await bob.act({ do: "items", service, node: "news" });
    expect(items.map(({ id }) => id)).toEqual(["one"]);
    await gateway.topics?.publish("news", { json: { n: 2 } }, { itemId: "two" });
    expect(await bob.told()).toMatchObject({ told: [{ id: "two" }] });
    await gateway.topics?.retract("news", "one");
    expect(await bob.told()).toMatchObject({ retracted: ["one"] });
    expect(await bob.act({ do: "unsubscribe", service, node: "news" })).toEqual({ unsubscribed: "news" });
  });
});
