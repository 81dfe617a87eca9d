// Documents that are made to be slow or large stop nothing but themselves (issue 7).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FEED_LIMITS, FEED_NODE, type FeedBed, rssOf, startFeedBed } from "../support/feed-bed.js";
import { callStanza } from "../support/memory-gateway.js";
import { SERVICE } from "../support/pubsub-service.js";
import { startRawPeer } from "../support/raw-peer.js";

const BYTES = 3_900_000;
const inRss = (text: string): string => `<rss version="2.0"><channel><title>T</title>${text}</channel></rss>`;
const inAtom = (text: string, attributes = ""): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom"${attributes}><title>T</title>${text}</feed>`;
const filled = (unit: string, bytes = BYTES): string => unit.repeat(Math.floor(bytes / unit.length));
const GOOD = rssOf([{ id: "urn:x:2" }, { id: "urn:x:1" }]);

describe("a hostile feed", () => {
  let bed: FeedBed;
  let bodies: Record<string, string>;

  beforeEach(async () => {
    bodies = {};
    bed = await startFeedBed(({ url }, response) => void response.end(bodies[url.replace(/\?.*/, "")] ?? GOOD));
  });
  afterEach(async () => bed.stop());

  it("of 4 MB lets calls be answered while it is read", async () => {
    bodies["/feed.xml"] = inRss(`<item><guid>urn:x:1</guid></item>${filled("<a>b</a>")}`);
    const peer = await startRawPeer(bed.network.link("alice@example.org/desk"));
    bed.start({ limits: { ...FEED_LIMITS, feedReadMs: 120_000 } });
    while (bed.server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    let answered = 0;
    while (bed.log.lines.length === 0 && answered < 1_000) {
      peer.send(callStanza("system.listMethods", "", { id: `c${answered}` }));
      expect((await peer.next()).attrs["type"]).toBe("result");
      answered += 1;
    }
    // Read on the thread of the calls, it would let a few be answered before it begins.
    expect(answered).toBeGreaterThan(100);
    expect(await bed.log.until(/^feed\./)).toMatch(/published=1$/);
    await peer.stop();
  });

  it("fails alone when it is not read within feedReadMs, and the one behind it is read", async () => {
    // So many attributes take several times the deadline on any machine.
    const attributes = Array.from({ length: 700_000 }, (_, at) => `a${at}=""`).join(" ");
    bodies["/bomb"] = inRss(`<a ${attributes}/>`);
    const feeds = ["/bomb", "/good"].map((path) => ({
      url: bed.server.origin + path,
      service: SERVICE,
      node: FEED_NODE,
      intervalSeconds: 60,
    }));
    const failed = bed.log.until(/^feed\.failed/);
    const polled = bed.log.until(/^feed\.polled/);
    bed.start({ feeds, limits: { ...FEED_LIMITS, feedBytes: 8_000_000, feedReadMs: 3_000 } });
    expect(await failed).toMatch(/\/bomb .*code=timeout cause=not read within 3000 ms failures=1/);
    expect(await polled).toMatch(/\/good .*published=2$/);
  });

  it("ends its process when it needs too much memory, with a line, and the next poll is read by another", async () => {
    // Each of 30 000 links comes to 4000 characters.
    const links = `<entry><id>urn:x:1</id>${'<link href="a"/>'.repeat(30_000)}</entry>`;
    bodies["/feed.xml"] = inAtom(links, ` xml:base="http://x.example/${"b".repeat(3_900)}/"`);
    const limits = { ...FEED_LIMITS, feedBytes: 500_000 };
    bed.start({ limits });
    expect(await bed.log.until(/^feed\./)).toMatch(/code=too-large cause=more than 64 MB of memory/);
    delete bodies["/feed.xml"];
    expect(await bed.poll()).toMatch(/published=2$/);
  });

  it("does not keep the gateway from stopping", async () => {
    bodies["/feed.xml"] = inRss(filled("<a/>"));
    bed.start({ limits: { ...FEED_LIMITS, feedReadMs: 2 ** 31 - 1 } });
    while (bed.server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await bed.stopPoller();
    expect(bed.log.lines).toEqual([]);
  });

  it.each<[what: string, text: string, line: RegExp]>([
    [
      "a title of open comments",
      inRss(`<item><guid>urn:x:1</guid><title>${filled("&lt;!--", 1_000_000)}</title></item>`),
      /published=1$/,
    ],
    ["comments before its root", `${"<!---->\n".repeat(100)}x`, /code=malformed/],
    [
      "an author of signs",
      inRss(`<item><guid>urn:x:1</guid><author>${filled("@", 1_000_000)}</author></item>`),
      /published=1$/,
    ],
    [
      "many namespaces around many",
      inAtom(
        `<x ${Array.from({ length: 20_000 }, (_, at) => `xmlns:p${at}="u"`).join(" ")}>${'<y xmlns:q="q"/>'.repeat(40_000)}</x>` +
          "<entry><id>urn:x:1</id></entry>",
      ),
      /published=1$/,
    ],
    [
      "authors that every entry inherits",
      inAtom(
        `<author><name>${"n".repeat(300)}</name></author>`.repeat(20) + "<entry><id>urn:x:1</id></entry>".repeat(2_000),
      ),
      /code=too-large cause=its entries come to more than 8000000 characters/,
    ],
  ])("with %s is read in time", async (_what, text, line) => {
    bodies["/feed.xml"] = text;
    bed.start({ limits: { ...FEED_LIMITS, feedReadMs: 30_000 } });
    expect(await bed.log.until(/^feed\./)).toMatch(line);
  });
});
