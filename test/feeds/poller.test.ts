// Feeds become items, each once, whatever fails on the way (protocol: RFC 9110 §13; issue 7).
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { itemIdOf } from "../../src/feeds/feed.js";
import { createFeedFetcher, createFeedPoller, FEED_LIMIT_TABLE, type FeedPoller } from "../../src/feeds/index.js";
import type { FeedPollerOptions } from "../../src/feeds/poller.js";
import { isPublicAddress } from "../../src/feeds/public-addresses.js";
import { createGateway, createMemoryNetwork, type Gateway } from "../../src/index.js";
import { limitDefaults } from "../../src/limit-table.js";
import { createProcessMemory } from "../../src/memory/index.js";
import { ManualClock } from "../support/manual-clock.js";
import { type PubSubService, SERVICE, startPubSubService } from "../support/pubsub-service.js";
import { type RecordingLog, recordingLog } from "../support/recording-log.js";
import { type Answer, startServer, type TestServer } from "../upstream/http-server.js";

const LIMITS = limitDefaults(FEED_LIMIT_TABLE);
const NODE = "news";

interface Item {
  readonly id: string;
  readonly title?: string;
  readonly day?: number;
  readonly text?: string;
}

/** The newest first, as feeds have it. */
function rss(items: readonly Item[]): string {
  const texts = items.map(({ id, title = id, day, text = "" }) => {
    const date = day === undefined ? "" : `<pubDate>${day} Nov 2026 10:00 GMT</pubDate>`;
    return `<item><guid>${id}</guid><title>${title}</title>${date}<description>${text}</description></item>`;
  });
  return `<rss version="2.0"><channel><title>T</title>${texts.join("")}</channel></rss>`;
}

describe("a feed that is polled", () => {
  let gateway: Gateway;
  let service: PubSubService;
  let server: TestServer;
  let log: RecordingLog;
  let clock: ManualClock;
  let body: string;
  let answer: Answer | undefined;
  const pollers: FeedPoller[] = [];

  beforeEach(async () => {
    const network = createMemoryNetwork();
    service = await startPubSubService(network);
    service.nodes.set(NODE, new Map());
    gateway = createGateway({ link: network.link("rpc.example.org") });
    await gateway.start();
    body = rss([{ id: "urn:x:2" }, { id: "urn:x:1" }]);
    answer = undefined;
    server = await startServer((request, response) => {
      if (answer !== undefined) answer(request, response);
      else response.writeHead(200, { "content-type": "application/rss+xml" }).end(body);
    });
    log = recordingLog();
    clock = new ManualClock();
  });
  afterEach(async () => {
    for (const poller of pollers.splice(0)) await poller.stop();
    await gateway.stop();
    await service.stop();
    await server.stop();
  });

  const start = (options: Partial<FeedPollerOptions> = {}): FeedPoller => {
    const limits = options.limits ?? LIMITS;
    const poller = createFeedPoller({
      feeds: [{ url: `${server.origin}/feed.xml?key=secret`, service: SERVICE, node: NODE, intervalSeconds: 60 }],
      pubsub: gateway.pubsub,
      fetcher: createFeedFetcher({ limits, userAgent: "test/1" }),
      memory: createProcessMemory(),
      limits,
      log,
      clock,
      random: () => 0.5,
      isOnline: () => true,
      ...options,
    });
    pollers.push(poller);
    poller.start();
    clock.advance(1_000);
    return poller;
  };
  /** Lets the clock reach the next poll and waits for its line in the log. */
  const poll = async (ms = 60_000, pattern = /^feed\.(polled|failed)/): Promise<string> => {
    log.lines.length = 0;
    const line = log.until(pattern);
    // The line of a poll is written before its next time is set.
    while (clock.waits.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ms);
    return line;
  };
  const items = (): string[] => [...(service.nodes.get(NODE)?.keys() ?? [])];
  const ids = (...entries: string[]): string[] => entries.map(itemIdOf);

  it("is published oldest first, once, and an entry whose date has changed again", async () => {
    start();
    expect(await log.until(/^feed\.polled/)).toBe(
      `feed.polled feed=${server.origin}/feed.xml service=${SERVICE} node=${NODE} published=2`,
    );
    expect(service.published).toEqual(ids("urn:x:1", "urn:x:2"));
    body = rss([{ id: "urn:x:3", day: 3 }, { id: "urn:x:2" }, { id: "urn:x:1" }]);
    expect(await poll()).toMatch(/published=1$/);
    body = rss([{ id: "urn:x:3", day: 3, title: "only the title" }]);
    expect(await poll()).toMatch(/published=0$/);
    body = rss([{ id: "urn:x:3", day: 4 }]);
    expect(await poll()).toMatch(/published=1$/);
    expect(service.published).toEqual(ids("urn:x:1", "urn:x:2", "urn:x:3", "urn:x:3"));
    expect(service.nodes.get(NODE)?.get(itemIdOf("urn:x:3"))).toMatch(
      /^<entry xmlns="http:\/\/www.w3.org\/2005\/Atom"><id>urn:x:3<\/id><title>urn:x:3<\/title><updated>2026-11-04T10:00:00.000Z/,
    );
  });

  it("is asked for only if it has changed", async () => {
    answer = (request, response) => {
      if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"v1"', "last-modified": "Sat, 28 Nov 2026 10:00:00 GMT" }).end(body);
    };
    start();
    await log.until(/^feed\.polled/);
    expect(await poll()).toMatch(/published=0$/);
    expect(server.seen.map(({ headers }) => [headers["if-none-match"], headers["if-modified-since"]])).toEqual([
      [undefined, undefined],
      ['"v1"', "Sat, 28 Nov 2026 10:00:00 GMT"],
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ "user-agent": "test/1" });
  });

  it("goes to a topic that is made when it is missing", async () => {
    service.nodes.clear();
    start();
    expect(await log.until(/^feed\./)).toMatch(/published=2$/);
    const asked = service.requests.filter((request) => /<create|<publish/.test(request));
    const [create] = asked;
    expect(asked).toHaveLength(3);
    expect(create).toContain("pubsub#title");
    expect(create).toContain("<value>max</value>");
  });

  it("loses nothing when publishing fails on the way, and publishes nothing twice", async () => {
    const wait = "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
    body = rss([{ id: "urn:x:3" }, { id: "urn:x:2" }, { id: "urn:x:1" }]);
    service.onPublish = (id) => {
      // From the second on.
      if (id === itemIdOf("urn:x:1")) service.refusals.set("publish", wait);
      return true;
    };
    start();
    expect(await log.until(/^feed\./)).toMatch(/feed\.failed.*overloaded/);
    expect(service.published).toEqual(ids("urn:x:1"));
    service.refusals.clear();
    expect(await poll()).toMatch(/published=2$/);
    expect(await poll()).toMatch(/published=0$/);
    expect(service.published).toEqual(ids("urn:x:1", "urn:x:2", "urn:x:3"));
  });

  it("looks whether an entry arrived when nobody knows, as after a kill", async () => {
    const memory = createProcessMemory();
    start({ memory });
    await log.until(/^feed\.polled/);
    await pollers.pop()?.stop();
    // As if the process had ended between the publication and its note.
    const name = nameOf(server);
    await memory.put(name, itemIdOf("urn:x:2"), "begun undated");
    log.lines.length = 0;
    start({ memory });
    expect(await log.until(/^feed\.polled/)).toMatch(/published=0$/);
    expect(service.published).toEqual(ids("urn:x:1", "urn:x:2"));
    await pollers.pop()?.stop();
    await memory.put(name, itemIdOf("urn:x:2"), "begun undated");
    service.nodes.get(NODE)?.delete(itemIdOf("urn:x:2"));
    log.lines.length = 0;
    start({ memory });
    expect(await log.until(/^feed\.polled/)).toMatch(/published=1$/);
  });

  it("is not published again by a gateway that remembers nothing, as far as the topic still holds it", async () => {
    start();
    await log.until(/^feed\.polled/);
    await pollers.pop()?.stop();
    log.lines.length = 0;
    start();
    expect(await log.until(/^feed\.polled/)).toMatch(/published=0$/);
    expect(service.published).toHaveLength(2);
  });

  it("has what the service will never take refused, once, and an entry that is too large shortened", async () => {
    const refuse = (name: string) =>
      `<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><${name} xmlns='http://jabber.org/protocol/pubsub#errors'/>`;
    service.refusals.set("publish", refuse("invalid-payload"));
    start();
    await log.until(/^feed\.polled.*published=0/);
    expect(log.lines.filter((line) => line.startsWith("feed.entry-refused"))).toHaveLength(2);
    service.refusals.clear();
    expect(await poll()).toMatch(/published=0$/);
    body = rss([{ id: "urn:x:9", title: "Long", text: "x".repeat(250_000) }]);
    expect(await poll()).toMatch(/published=1$/);
    expect(items()).toEqual(ids("urn:x:9"));
    expect(service.nodes.get(NODE)?.get(itemIdOf("urn:x:9"))?.length).toBeLessThan(1_000);
  });

  it("rests longer after each failure, up to an hour, and at once after a success no more", async () => {
    answer = (_request, response) => void response.writeHead(500).end();
    start();
    expect(await log.until(/^feed\.failed/)).toMatch(/status 200 expected, got 500 failures=1 nextSeconds=60$/);
    expect(await poll(60_000)).toMatch(/failures=2 nextSeconds=120$/);
    expect(await poll(120_000)).toMatch(/failures=3 nextSeconds=240$/);
    let line = "";
    for (let seconds = 240; seconds < 3_600; seconds = Number(/nextSeconds=(\d+)/.exec(line)?.[1]))
      line = await poll(seconds * 1_000);
    expect(line).toMatch(/nextSeconds=3600$/);
    answer = undefined;
    expect(await poll(3_600_000)).toMatch(/published=2$/);
    expect(await poll(60_000)).toMatch(/published=0$/);
  });

  it("is left alone as long as its server asks", async () => {
    answer = (_request, response) => void response.writeHead(503, { "retry-after": "7200" }).end();
    start();
    expect(await log.until(/^feed\.failed/)).toMatch(/nextSeconds=7200$/);
  });

  it("waits while the link is down", async () => {
    let online = false;
    start({ isOnline: () => online });
    expect(server.seen).toEqual([]);
    online = true;
    expect(await poll(5_000)).toMatch(/published=2$/);
  });

  it.each<[what: string, answer: Answer, line: RegExp]>([
    ["gone", (_q, r) => void r.writeHead(410).end(), /code=gone.*nextSeconds=3600/],
    ["a page", (_q, r) => void r.end("<html></html>"), /code=not-a-feed/],
    ["a DTD", (_q, r) => void r.end(`<!DOCTYPE a>${rss([])}`), /code=malformed cause=a DOCTYPE/],
    [
      "too large, and says so",
      (_q, r) => void r.writeHead(200, { "content-length": "50000000" }).end(),
      /code=too-large cause=more than 4000000 bytes/,
    ],
    [
      "of 50 MB",
      (_q, r) => {
        const chunk = Buffer.alloc(1_000_000, " ");
        const write = (left: number): void => {
          if (left === 0) r.end();
          else if (!r.destroyed) r.write(chunk, () => write(left - 1));
        };
        write(50);
      },
      /code=too-large/,
    ],
    [
      "50 MB packed small",
      (_q, r) => void r.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000, " "))),
      /code=too-large/,
    ],
    ["packed strangely", (_q, r) => void r.writeHead(200, { "content-encoding": "rot13" }).end("x"), /code=malformed/],
    ["packed and broken", (_q, r) => void r.writeHead(200, { "content-encoding": "gzip" }).end("x"), /code=malformed/],
    [
      "cut off",
      (_q, r) => void r.writeHead(200, { "content-length": "100" }).write("<rss>", () => r.destroy()),
      /code=unreachable/,
    ],
    [
      "a redirect to itself",
      (_q, r) => void r.writeHead(302, { location: "/feed.xml" }).end(),
      /code=redirect cause=more than 5 redirects/,
    ],
    ["a redirect to nowhere", (_q, r) => void r.writeHead(302).end(), /code=redirect/],
    [
      "a redirect to a file",
      (_q, r) => void r.writeHead(302, { location: "file:///etc/passwd" }).end(),
      /code=redirect cause=a redirect to file:/,
    ],
    [
      "a redirect inside",
      (_q, r) => void r.writeHead(302, { location: "http://127.0.0.2/" }).end(),
      /code=redirect.*no public address/,
    ],
    [
      "a redirect to a metadata service",
      (_q, r) => void r.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      /no public address/,
    ],
    [
      "a redirect to a name inside",
      (_q, r) => void r.writeHead(302, { location: "http://localhost:1/" }).end(),
      /no public address/,
    ],
  ])("that is %s is refused with a line, and the next one is read", async (_what, hostile, line) => {
    answer = hostile;
    start();
    expect(await log.until(/^feed\./)).toMatch(line);
    expect(log.lines.join()).not.toContain("secret");
    expect(service.published).toEqual([]);
    answer = undefined;
    expect(await poll(3_600_000)).toMatch(/published=2$/);
  });

  it("that is slow is given up", async () => {
    const limits = { ...LIMITS, feedTimeoutMs: 50 };
    answer = (_request, response) => void response.writeHead(200).write("<rss>");
    start({ limits });
    expect(await log.until(/^feed\./)).toMatch(/code=timeout cause=not here within 50 ms/);
  });

  it("follows redirects, and unpacks", async () => {
    answer = ({ url }, response) => {
      if (url === "/there") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body));
      else response.writeHead(301, { location: "/there" }).end();
    };
    start();
    expect(await log.until(/^feed\./)).toMatch(/published=2$/);
  });

  it.each([["feedBytes", (limit: number) => rss([{ id: "urn:x:1" }]).padEnd(limit)]] as const)(
    "may have as many bytes as %s says, and no more",
    async (key, make) => {
      const limits = { ...LIMITS, [key]: 1_000 };
      body = make(1_000);
      start({ limits });
      expect(await log.until(/^feed\./)).toMatch(/published=1$/);
      body = make(1_001);
      expect(await poll()).toMatch(/code=too-large/);
    },
  );

  it("may be redirected as often as feedRedirects says, and no more", async () => {
    let hops = 2;
    answer = ({ url }, response) => {
      const hop = Number(/hop(\d)/.exec(url)?.[1] ?? "0");
      if (hop >= hops) response.end(body);
      else response.writeHead(307, { location: `/hop${hop + 1}` }).end();
    };
    start({ limits: { ...LIMITS, feedRedirects: 2 } });
    expect(await log.until(/^feed\./)).toMatch(/published=2$/);
    hops = 3;
    expect(await poll()).toMatch(/more than 2 redirects/);
  });

  it("is polled beside no more than feedsAtOnce others", async () => {
    const held: (() => void)[] = [];
    answer = (_request, response) => void held.push(() => response.end(body));
    const feeds = ["/a", "/b", "/c"].map((path) => ({ url: server.origin + path, service: SERVICE, node: NODE }));
    start({ feeds, limits: { ...LIMITS, feedsAtOnce: 2 } });
    const untilSeen = async (count: number): Promise<void> => {
      while (server.seen.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    await untilSeen(2);
    const first = log.until(/^feed\.polled/);
    expect(server.seen).toHaveLength(2);
    held.shift()?.();
    await first;
    await untilSeen(3);
    for (const release of held.splice(0)) release();
  });

  it("forgets the oldest entries beyond feedMemory, but none that the feed still has", async () => {
    const limits = { ...LIMITS, feedMemory: 4 };
    const memory = createProcessMemory();
    start({ limits, memory });
    await log.until(/^feed\./);
    body = rss(["4", "3", "2"].map((id) => ({ id: `urn:x:${id}` })));
    expect(await poll()).toMatch(/published=2$/);
    // Five things are remembered for four places: the oldest that is needed no more is gone.
    body = rss(["4", "3", "2", "1"].map((id) => ({ id: `urn:x:${id}` })));
    expect(await poll()).toMatch(/published=1$/);
    expect(await poll()).toMatch(/published=0$/);
  });
});

describe("addresses", () => {
  it.each([
    ["example.org", true],
    ["93.184.216.34", true],
    ["[2606:2800:220:1::1]", true],
    ["localhost", false],
    ["a.localhost", false],
    ["10.1.2.3", false],
    ["172.31.0.1", false],
    ["172.32.0.1", true],
    ["192.168.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["[::1]", false],
    ["[::]", false],
    ["[fe80::1]", false],
    ["[fd00::1]", false],
    ["[::ffff:127.0.0.1]", false],
  ])("of the own network are not public: %s", (host, expected) => {
    expect(isPublicAddress(host)).toBe(expected);
  });
});

/** What the memory of the feed is called: nothing that its address holds can be read from it. */
function nameOf(server: TestServer): string {
  const what = JSON.stringify([`${server.origin}/feed.xml?key=secret`, SERVICE, NODE]);
  return `feed ${createHash("sha256").update(what).digest("base64url")}`;
}
