// What servers of the web do to feeds: packing, types, charsets, redirects, statuses and dates that are not as they should be
// (RFC 9110 §8, §10.2.3, §13, §15; RFC 4287; RFC 822).
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFeedDate } from "../../src/feeds/dates.js";
import { itemIdOf } from "../../src/feeds/feed.js";
import { createFeedFetcher } from "../../src/feeds/index.js";
import { FEED_LIMITS, FEED_NODE, type FeedBed, rssOf, startFeedBed } from "../support/feed-bed.js";
import type { Answer } from "../upstream/http-server.js";

const GOOD = rssOf([{ id: "urn:x:2" }, { id: "urn:x:1" }]);
const POLLED = /^feed\.(polled|failed)/;

describe("the web", () => {
  let bed: FeedBed;
  let answer: Answer;

  beforeEach(async () => {
    answer = (_request, response) => void response.end(GOOD);
    bed = await startFeedBed((request, response) => answer(request, response));
  });
  afterEach(async () => bed.stop());

  /** The line of the first poll. */
  const first = (): Promise<string> => {
    bed.start();
    return bed.log.until(POLLED);
  };

  it.each<[what: string, headers: Record<string, string>, body: Buffer]>([
    ["packed by brotli", { "content-encoding": "br" }, brotliCompressSync(GOOD)],
    ["packed by deflate", { "content-encoding": "deflate" }, deflateSync(GOOD)],
    ["packed by GZIP in capitals", { "content-encoding": "GZIP" }, gzipSync(GOOD)],
    ["called a page", { "content-type": "text/html" }, Buffer.from(GOOD)],
    ["called a picture", { "content-type": "image/png" }, Buffer.from(GOOD)],
    ["called JSON", { "content-type": "application/json" }, Buffer.from(GOOD)],
    ["in UTF-16", {}, Buffer.from(`\ufeff${GOOD}`, "utf16le")],
    ["behind blank lines", {}, Buffer.from(`\n\n<?xml version="1.0"?>${GOOD}`)],
  ])("may give a feed %s", async (_what, headers, body) => {
    answer = (_request, response) => void response.writeHead(200, headers).end(body);
    expect(await first()).toMatch(/published=2$/);
  });

  it.each<[what: string, answer: Answer, line: RegExp]>([
    [
      "50 MB packed by brotli",
      (_q, r) => void r.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(Buffer.alloc(50_000_000))),
      /code=too-large cause=more than 4000000 bytes/,
    ],
    [
      "50 MB packed by deflate",
      (_q, r) => void r.writeHead(200, { "content-encoding": "deflate" }).end(deflateSync(Buffer.alloc(50_000_000))),
      /code=too-large/,
    ],
    [
      "a feed packed twice",
      (_q, r) => void r.writeHead(200, { "content-encoding": "gzip, gzip" }).end(gzipSync(gzipSync(GOOD))),
      /code=malformed cause=content-encoding gzip, gzip, which was not asked for/,
    ],
    [
      "a packed feed cut off",
      (_q, r) => void r.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(GOOD).subarray(0, 60)),
      /code=malformed/,
    ],
    ["nothing", (_q, r) => void r.end(), /code=not-a-feed cause=XML or JSON expected/],
    ["no content", (_q, r) => void r.writeHead(204).end(), /code=http-status cause=status 200 expected, got 204/],
    ["half of UTF-16", (_q, r) => void r.end(Buffer.from(`\ufeff${GOOD}`, "utf16le").subarray(0, -1)), /code=charset/],
    [
      "ISO 8859-1 called UTF-8",
      (_q, r) => void r.end(Buffer.from(`<?xml version="1.0" encoding="utf-8"?><rss>\u00e9</rss>`, "latin1")),
      /code=charset cause=it says that it is utf-8/,
    ],
    [
      "headers of 100 kB",
      (_q, r) => void r.writeHead(200, { "x-much": "x".repeat(100_000) }).end(GOOD),
      /code=unreachable/,
    ],
    [
      "a circle of redirects",
      ({ url }, r) => void r.writeHead(302, { location: url === "/a" ? "/b" : "/a" }).end(),
      /code=redirect cause=more than 5 redirects/,
    ],
    [
      "a redirect to loopback written as a number",
      (_q, r) => void r.writeHead(302, { location: "http://2130706433/" }).end(),
      /code=redirect cause=a redirect to 127\.0\.0\.1, which is no public address/,
    ],
    [
      "a redirect to another port of its own host",
      (_q, r) => void r.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      /code=redirect.*no public address/,
    ],
  ])("may give %s, which is refused with a line, and a feed the next time", async (_what, hostile, line) => {
    answer = hostile;
    expect(await first()).toMatch(line);
    answer = (_request, response) => void response.end(GOOD);
    expect(await bed.poll()).toMatch(/published=2$/);
  });

  it("may give a title that no form can carry", async () => {
    const items = [{ id: "urn:x:1", title: "a" }];
    const title = `A\u0000${"b".repeat(300_000)}`;
    answer = (_request, response) =>
      void response.end(JSON.stringify({ version: "https://jsonfeed.org/version/1.1", title, items }));
    bed.service.nodes.clear();
    expect(await first()).toMatch(/published=1$/);
    const create = bed.service.requests.find((request) => request.includes("<create"));
    expect(create).toContain("<value>A\ufffdbbb");
  });

  it("is not read further than the limit", async () => {
    let sent = 0;
    const ended = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.on("close", resolve);
        const write = (): void => {
          if (response.destroyed) return;
          sent += 1;
          response.write(Buffer.alloc(1_000_000, " "), write);
        };
        write();
      };
    });
    expect(await first()).toMatch(/code=too-large/);
    await ended;
    // Four millions, and what the sockets of both sides hold.
    expect(sent).toBeLessThan(25);
  });

  it.each<[status: number, retryAfter: string, nextSeconds: number]>([
    [429, "600", 600],
    [429, "1", 60],
    [429, "soon", 60],
    [429, "-5", 60],
    [429, "999999999", 86_400],
    [503, "Sat, 28 Nov 1970 10:00:00 GMT", 60],
    [503, "Sat, 28 Nov 2999 10:00:00 GMT", 86_400],
  ])("that answers %i with Retry-After: %s is asked again after %i s", async (status, retryAfter, nextSeconds) => {
    answer = (_request, response) => void response.writeHead(status, { "retry-after": retryAfter }).end();
    expect(await first()).toMatch(new RegExp(`got ${status} failures=1 nextSeconds=${nextSeconds}$`));
  });

  it("gets weak validators back as they were, and what is unchanged is not read", async () => {
    answer = ({ headers }, response) => {
      if (headers["if-none-match"] === 'W/"a,b"') response.writeHead(304).end();
      else response.writeHead(200, { etag: 'W/"a,b"' }).end(GOOD);
    };
    expect(await first()).toMatch(/published=2$/);
    expect(await bed.poll()).toMatch(/published=0$/);
    expect(bed.server.seen[1]?.headers["if-none-match"]).toBe('W/"a,b"');
  });

  it("cannot lead to a name that resolves inside", async () => {
    answer = (_request, response) => void response.writeHead(302, { location: "http://inside.example/" }).end();
    const fetcher = createFeedFetcher({
      limits: FEED_LIMITS,
      userAgent: "test/1",
      lookup: (hostname, _options, callback) => callback(new Error(`${hostname} is inside`), "", 0),
    });
    bed.start({ fetcher });
    expect(await bed.log.until(POLLED)).toMatch(/code=unreachable cause=inside\.example is inside/);
  });

  it.each([
    [2, ["urn:x:2", "urn:x:3"]],
    [3, ["urn:x:1", "urn:x:2", "urn:x:3"]],
  ])("may give any number of entries, of which feedEntries are read: %i", async (feedEntries, expected) => {
    const body = rssOf([{ id: "urn:x:3" }, { id: "urn:x:2" }, { id: "urn:x:1" }]);
    answer = (_request, response) => void response.end(body);
    bed.start({ limits: { ...FEED_LIMITS, feedEntries } });
    expect(await bed.log.until(POLLED)).toMatch(new RegExp(`published=${expected.length}$`));
    expect(bed.service.published).toEqual(expected.map(itemIdOf));
  });

  it.each([
    ["at a pause that doubling reaches", 240_000, [60, 120, 240, 240]],
    ["one less", 239_000, [60, 120, 239, 239]],
    ["of less than the interval", 1_000, [60, 60, 60, 60]],
  ])("that fails is asked each feedLongestPauseMs at least: %s", async (_what, feedLongestPauseMs, pauses) => {
    answer = (_request, response) => void response.writeHead(500).end();
    bed.start({ limits: { ...FEED_LIMITS, feedLongestPauseMs } });
    const lines = [await bed.log.until(POLLED)];
    for (const seconds of pauses.slice(0, -1)) lines.push(await bed.poll(seconds * 1_000));
    expect(lines.map((line) => Number(/nextSeconds=(\d+)$/.exec(line)?.[1]))).toEqual(pauses);
  });

  it("gives entries a topic once, whatever their guids and dates", async () => {
    const items = [
      "<item><guid>urn:x:1</guid><title>newer</title><pubDate>yesterday</pubDate></item>",
      "<item><guid>urn:x:1</guid><title>older</title></item>",
      "<item><link>/relative</link><pubDate>Fri, 31 Feb 2026 10:00 GMT</pubDate></item>",
      "<item><title>neither guid nor link</title></item>",
      "<item/>",
    ];
    answer = (_request, response) =>
      void response.end(`<rss version="2.0"><channel><title>T</title>${items.join("")}</channel></rss>`);
    bed.start();
    expect(await bed.log.until(/^feed\.entries-unusable/)).toMatch(/count=1$/);
    expect(await bed.log.until(POLLED)).toMatch(/published=3$/);
    const held = [...(bed.service.nodes.get(FEED_NODE)?.values() ?? [])].join();
    expect(held).toContain("<title>newer</title>");
    expect(held).not.toContain("<title>older</title>");
    expect(held).toContain(`href="${bed.server.origin}/relative"`);
    expect(await bed.poll()).toMatch(/published=0$/);
  });
});

describe("a date of a feed", () => {
  it.each([
    ["2026-11-28T10:00:00Z", "2026-11-28T10:00:00.000Z"],
    ["2026-11-28t10:00:00.5+01:30", "2026-11-28T08:30:00.500Z"],
    ["2026-11", "2026-11-01T00:00:00.000Z"],
    ["Sat, 28 Nov 26 10:00 EST", "2026-11-28T15:00:00.000Z"],
    ["28 November 1999 10:00:00 +0100", "1999-11-28T09:00:00.000Z"],
    ["2026-11-28T24:00:00Z", "2026-11-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ])("%s is read", (text, expected) => {
    expect(readFeedDate(text)?.toISOString()).toBe(expected);
  });

  it.each([
    "",
    "yesterday",
    "1764324000",
    "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-11-28T25:00:00Z",
    "2026-11-28T10:60:00Z",
    "28 Foo 2026 10:00:00 GMT",
    "31 Feb 2026",
    "32 Jan 2026",
    "+275760-09-14T00:00:00Z",
    "9999-12-31T23:59:59-00:01",
    "0000-01-01T00:00:00+00:01",
    "\u0000",
  ])("%j is none", (text) => {
    expect(readFeedDate(text)).toBeUndefined();
  });
});
