// GET /feeds/{service}/{node}: a topic as an Atom feed, under the same log-in and access list (RFC 4287).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readFeed } from "../../src/feeds/read-feed.js";
import { type PubSubService, SERVICE, startPubSubService } from "../support/pubsub-service.js";
import { BASIC, type HttpGateway, startHttpGateway } from "./support.js";

describe("a topic over HTTP", () => {
  let http: HttpGateway;
  let service: PubSubService;

  beforeEach(async () => {
    http = await startHttpGateway({ access: [{ allow: "svc@localhost", methods: "pubsub.items" }] });
    service = await startPubSubService(http.network);
  });
  afterEach(async () => {
    await http.stop();
    await service.stop();
  });
  const get = (path: string, authorization: string = BASIC) => http.get(path, { authorization });

  it("is a feed, the newest first, that our own reader takes", async () => {
    const entry = (id: string, day: number): string =>
      `<entry xmlns="http://www.w3.org/2005/Atom"><id>urn:x:${id}</id><title>${id}</title><updated>2026-11-0${day}T10:00:00Z</updated></entry>`;
    service.publish("a b/c", "1", entry("one", 1));
    service.publish("a b/c", "2", entry("two", 2));
    service.publish("a b/c", "3", '<json xmlns="urn:xmpp:json:0">{"n":"&lt;"}</json>');
    const { status, headers, text } = await get(`/feeds/${SERVICE}/a%20b%2Fc`);
    expect([status, headers.get("content-type")]).toEqual([200, "application/atom+xml; charset=utf-8"]);
    const feed = readFeed({ body: Buffer.from(text), contentType: "", url: http.url }, http.url, {
      feedBytes: 100_000,
      feedEntries: 100,
    });
    expect(feed).toMatchObject({ format: "atom", title: "a b/c", unusable: 0 });
    expect(feed.entries).toMatchObject([
      { id: `xmpp:${SERVICE}?pubsub;node=a%20b%2Fc;item=3`, title: "3", content: { type: "text", text: '{"n":"<"}' } },
      { id: "urn:x:two", updated: new Date("2026-11-02T10:00:00Z") },
      { id: "urn:x:one", authors: [{ name: SERVICE }] },
    ]);
    expect(text).toContain("<updated>2026-11-02T10:00:00.000Z</updated><author>");
  });

  it.each<[path: string, status: number, text: RegExp]>([
    [`/feeds/${SERVICE}/nosuch`, 404, /no-such-node/],
    ["/feeds/nobody.example/news", 502, /unavailable/],
    ["/feeds/@/news", 400, /a topic such as/],
    [`/feeds/${SERVICE}/`, 400, /a topic such as/],
    [`/feeds/${SERVICE}`, 400, /a topic such as/],
    [`/feeds/${SERVICE}/%E0%A4%A`, 400, /not a valid url/],
  ])("is not at %s", async (path, status, text) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });

  it("is for those who may call pubsub.items", async () => {
    service.publish("news", "1", "<x xmlns='urn:x'/>");
    expect((await get(`/feeds/${SERVICE}/news`, "Bearer t0ken")).status).toBe(403);
    expect((await fetch(`${http.url}/feeds/${SERVICE}/news`)).status).toBe(401);
    service.refusals.set("items", "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    expect((await get(`/feeds/${SERVICE}/news`)).status).toBe(403);
  });
});
