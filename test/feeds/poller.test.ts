// Feeds become items, each once, whatever fails on the way (protocol: RFC 9110 §13; issue 7).
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { itemIdOf } from "../../src/feeds/feed.js";
import { isPublicAddress } from "../../src/feeds/public-addresses.js";
import { createProcessMemory } from "../../src/memory/index.js";
import {
  type FeedBed,
  FEED_LIMITS as LIMITS,
  FEED_NODE as NODE,
  rssOf as rss,
  startFeedBed,
} from "../support/feed-bed.js";
import { type PubSubService, SERVICE } from "../support/pubsub-service.js";
import type { RecordingLog } from "../support/recording-log.js";
import type { Answer, TestServer } from "../upstream/http-server.js";

describe("a feed that is polled", () => {
  let bed: FeedBed;
  let service: PubSubService;
  let server: TestServer;
  let log: RecordingLog;
  let body: string;
  let answer: Answer | undefined;

  beforeEach(async () => {
    body = rss([{ id: "urn:x:2" }, { id: "urn:x:1" }]);
    answer = undefined;
    bed = await startFeedBed((request, response) => {
      if (answer !== undefined) answer(request, response);
      else response.writeHead(200, { "content-type": "application/rss+xml" }).end(body);
    });
    ({ service, server, log } = bed);
  });
  afterEach(async () => bed.stop());

  const start: FeedBed["start"] = (options) => bed.start(options);
  const poll: FeedBed["poll"] = (ms, pattern) => bed.poll(ms, pattern);
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
    await bed.stopPoller();
    // As if the process had ended between the publication and its note.
    const name = nameOf(server);
    await memory.put(name, itemIdOf("urn:x:2"), "begun undated");
    log.lines.length = 0;
    start({ memory });
    expect(await log.until(/^feed\.polled/)).toMatch(/published=0$/);
    expect(service.published).toEqual(ids("urn:x:1", "urn:x:2"));
    await bed.stopPoller();
    await memory.put(name, itemIdOf("urn:x:2"), "begun undated");
    service.nodes.get(NODE)?.delete(itemIdOf("urn:x:2"));
    log.lines.length = 0;
    start({ memory });
    expect(await log.until(/^feed\.polled/)).toMatch(/published=1$/);
  });

  it("is not published again by a gateway that remembers nothing, as far as the topic still holds it", async () => {
    start();
    await log.until(/^feed\.polled/);
    await bed.stopPoller();
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

  it.each([
    [4, 0],
    [3, 1],
  ])(
    "forgets the oldest entries beyond feedMemory, but none that the feed still has: %i",
    async (feedMemory, again) => {
      start({ limits: { ...LIMITS, feedEntries: 3, feedMemory } });
      await log.until(/^feed\./);
      body = rss(["4", "3", "2"].map((id) => ({ id: `urn:x:${id}` })));
      expect(await poll()).toMatch(/published=2$/);
      // Four were published, and the first is in the feed no more.
      body = rss(["4", "3", "1"].map((id) => ({ id: `urn:x:${id}` })));
      expect(await poll()).toMatch(new RegExp(`published=${again}$`));
      expect(await poll()).toMatch(/published=0$/);
    },
  );

  it("publishes nothing twice with a feedMemory that is less than the feed has", async () => {
    start({ limits: { ...LIMITS, feedMemory: 1 } });
    expect(await log.until(/^feed\./)).toMatch(/published=2$/);
    // The topic holds none any more that could be learnt from.
    service.nodes.get(NODE)?.clear();
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
