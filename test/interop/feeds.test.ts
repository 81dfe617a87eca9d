// A feed of 500 entries reaches a topic of Prosody or ejabberd exactly once while the gateway is killed and started again and again
// (issue 7).

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEjabberd } from "../support/ejabberd.js";
import { gatewaySettings, RESPONDER, spawnGateway } from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { startTopicPerson, type TopicPerson } from "../support/slixmpp-topics.js";

const SERVICE = "pubsub.localhost";
const ENTRIES = 500;
const RESTARTS = 3;

const USERS = { responder: RESPONDER.password, bob: "bob's" };

type XmppServer = Pick<Prosody, "port" | "stop">;

// It is never restarted here; its files it would read and write as a whole at every publication.
const startProsodyWithTopics = (): Promise<XmppServer> =>
  startProsody({
    users: USERS,
    hostConfig: `Component "${SERVICE}" "pubsub"\n  admins = { "responder@localhost", "bob@localhost" }\n  pubsub_max_items = ${2 * ENTRIES}\n  storage = "memory"`,
  });
const startEjabberdWithTopics = (): Promise<XmppServer> =>
  startEjabberd({
    users: USERS,
    moreModules: {
      mod_pubsub: { host: SERVICE, access_createnode: "all", plugins: ["flat"], max_items_node: 2 * ENTRIES },
    },
  });

function rss(): string {
  const items = Array.from({ length: ENTRIES }, (_, index) => {
    const date = new Date(Date.UTC(2026, 0, 1, 0, index)).toUTCString();
    return `<item><title>Entry ${index} &amp; more</title><guid isPermaLink="false">entry-${index}</guid><link>https://example.org/${index}</link><pubDate>${date}</pubDate></item>`;
  });
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://example.org/</link><description>x</description>${items.reverse().join("")}</channel></rss>`;
}

describe.each([
  ["Prosody", startProsodyWithTopics],
  ["ejabberd", startEjabberdWithTopics],
] as const)("a gateway at %s", (_name, startXmppServer) => {
  let server: XmppServer;
  let web: Server;
  let bob: TopicPerson;
  let folder: string;
  /** How many answers the web server gave in full, and how many times it said that nothing had changed. */
  const answered = { whole: 0, unchanged: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "jabber-rpc-feeds-"));
    server = await startXmppServer();
    web = createServer((request, response) => {
      if (request.headers["if-none-match"] === '"all"') {
        answered.unchanged += 1;
        response.writeHead(304).end();
        return;
      }
      answered.whole += 1;
      response.writeHead(200, { "content-type": "application/rss+xml", etag: '"all"' }).end(rss());
    }).listen(0, "127.0.0.1");
    await once(web, "listening");
    bob = await startTopicPerson(server.port, "bob", USERS.bob);
    // Made by somebody else, so that nothing is published before there is a subscriber.
    const config = { max_items: String(2 * ENTRIES), persist_items: "1", publish_model: "open" };
    expect(await bob.act({ do: "create", service: SERVICE, node: "news", config })).toEqual({ created: "news" });
    await bob.act({ do: "subscribe", service: SERVICE, node: "news" });
  });
  afterAll(async () => {
    await bob.stop();
    await server.stop();
    web.close();
    await rm(folder, { recursive: true, force: true });
  });

  it(`publishes ${ENTRIES} entries once each, though the gateway is started ${RESTARTS + 1} times`, async () => {
    const { port } = web.address() as AddressInfo;
    const settings = {
      ...gatewaySettings(server),
      mailbox: { url: `sqlite:${join(folder, "mailbox.db")}` },
      feeds: [{ url: `http://127.0.0.1:${port}/feed.xml`, service: SERVICE, node: "news", intervalSeconds: 1 }],
    };
    const titles = new Map<string, string[]>();
    const hear = async (count: number): Promise<void> => {
      while (titles.size < count) {
        for (const { id, title } of (await bob.told()).told ?? [])
          titles.set(id, [...(titles.get(id) ?? []), title ?? ""]);
      }
    };
    for (let start = 0; start <= RESTARTS; start++) {
      const gateway = await spawnGateway(settings);
      await hear(start === RESTARTS ? ENTRIES : (start + 1) * 100);
      // The last one is asked again, and has nothing new.
      if (start === RESTARTS)
        await gateway.process.until(
          "stderr",
          /"event":"feed.polled"[\s\S]*"event":"feed.polled"|feed\.polled[\s\S]*feed\.polled/,
        );
      // The first and the third are killed in the middle of it.
      if (start % 2 === 0 && start < RESTARTS) await gateway.process.stop();
      else expect((await gateway.stop()).exitCode).toBe(0);
    }
    expect(titles.size).toBe(ENTRIES);
    // A second notification of the last entries would have come before the answer to this question.
    const { items = [] } = await bob.act({ do: "items", service: SERVICE, node: "news" });
    expect(new Set(items.map(({ title }) => title)).size).toBe(ENTRIES);
    expect(bob.rest()).toEqual([]);
    expect([...titles.values()].filter((seen) => seen.length !== 1)).toEqual([]);
    expect(new Set([...titles.values()].flat())).toEqual(
      new Set(Array.from({ length: ENTRIES }, (_, index) => `Entry ${index} & more`)),
    );
    expect(answered.unchanged).toBeGreaterThan(0);
  });
});
