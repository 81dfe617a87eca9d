// Feeds of every format become entries that are valid Atom; what is none is refused with a reason (RFC 4287; libraries' own traps).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { itemIdOf, type ReadFeed } from "../../src/feeds/feed.js";
import { FeedProblem } from "../../src/feeds/feed-problem.js";
import { readFeed } from "../../src/feeds/read-feed.js";
import { readEntry } from "../../src/xeps/pubsub/read-entry.js";
import { writeEntry } from "../../src/xeps/pubsub/write-entry.js";
import { parseDocument } from "../../src/xml/index.js";
import { ROOT } from "../support/processes.js";

const URL_OF_FEED = "https://feeds.example/feed";
const readBytes = (body: Uint8Array, contentType = "", maxEntries = 100): ReadFeed =>
  readFeed({ body, contentType, url: URL_OF_FEED }, URL_OF_FEED, { feedBytes: 4_000_000, feedEntries: maxEntries });
const read = (text: string, contentType = "", maxEntries = 100): ReadFeed =>
  readBytes(Buffer.from(text), contentType, maxEntries);
const fixture = (name: string): Buffer => readFileSync(join(ROOT, "test/fixtures/feeds", name));
const rss = (items: string, head = ""): string =>
  `${head}<rss version="2.0"><channel><title>T</title>${items}</channel></rss>`;
const problemOf = (act: () => unknown): FeedProblem => {
  try {
    act();
  } catch (error) {
    if (error instanceof FeedProblem) return error;
    throw error;
  }
  return expect.fail("a feed problem expected");
};

describe("a feed", () => {
  it("of RSS 2.0", () => {
    const feed = readBytes(fixture("rss-2.0.xml"));
    expect(feed).toMatchObject({ format: "rss-2.0", title: "Harbour & Sea", unusable: 1 });
    const [first, second, third] = feed.entries;
    expect(first).toEqual({
      id: `${URL_OF_FEED}#news-3`,
      title: "The Aurora is in & unloading",
      updated: new Date("2026-11-28T08:30:00Z"),
      published: new Date("2026-11-28T08:30:00Z"),
      authors: [{ name: "Ida Kroon" }],
      links: [{ href: "https://harbour.example/news/3" }],
      summary: "Short: she came early.",
      content: { type: "html", text: "<p>She came <b>early</b>, with 300 crates.</p>" },
      categories: ["ships", "cargo"],
    });
    expect(second).toMatchObject({
      id: "https://feeds.example/news/2",
      updated: new Date("2026-11-27T15:00:00Z"),
      authors: [{ name: "Ida Kroon", email: "ida@harbour.example" }],
      links: [{ href: "https://feeds.example/news/2" }],
      content: { type: "html", text: "Fog &amp; silence." },
    });
    expect(third).toMatchObject({
      id: "https://harbour.example/news/1",
      links: [{ href: "https://harbour.example/news/1" }],
    });
    expect(third?.title).toBe("(untitled)");
    expect(third?.updated).toBeUndefined();
  });

  it("of RSS 1.0", () => {
    expect(readBytes(fixture("rss-1.0.xml"))).toEqual({
      format: "rss-1.0",
      title: "Tides",
      unusable: 0,
      entries: [
        {
          id: "https://tides.example/2",
          title: "High water",
          updated: new Date("2026-11-28T03:10:00Z"),
          published: new Date("2026-11-28T03:10:00Z"),
          authors: [{ name: "The gauge" }],
          links: [{ href: "https://tides.example/2" }],
          content: { type: "html", text: "3.2 m" },
          categories: ["water"],
        },
      ],
    });
  });

  it("of Atom, with prefixes, a base and XHTML", () => {
    const feed = readBytes(fixture("atom.xml"));
    expect(feed).toMatchObject({ format: "atom", title: "The log", unusable: 0 });
    expect(feed.entries[0]).toEqual({
      id: "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
      title: "Wind & weather",
      updated: new Date("2026-11-28T10:00:00Z"),
      published: new Date("2026-11-28T10:00:00.250Z"),
      authors: [{ name: "Mara", uri: "https://mara.example/" }],
      links: [
        { href: "https://log.example/2026/wind" },
        { href: "https://log.example/2026/wind.ogg", rel: "enclosure", type: "audio/ogg" },
      ],
      summary: "Strong.",
      content: {
        type: "xhtml",
        text: '<div xmlns="http://www.w3.org/1999/xhtml"><p>From the <em>west</em>.</p></div>',
      },
      categories: ["wind"],
    });
    expect(feed.entries[1]).toMatchObject({
      authors: [{ name: "Jon" }],
      links: [{ href: "https://log.example/picture.png" }],
    });
    expect(feed.entries[1]).not.toHaveProperty("content");
  });

  it("of JSON", () => {
    const feed = readBytes(fixture("feed.json"));
    expect(feed).toMatchObject({ format: "json-feed", title: "Lamps", unusable: 1 });
    expect(feed.entries).toMatchObject([
      {
        id: "https://lamps.example/2",
        title: "Lit",
        updated: new Date("2026-11-28T16:00:00Z"),
        published: new Date("2026-11-28T15:00:00Z"),
        authors: [{ name: "The keeper" }],
        content: { type: "html", text: "<p>At <b>four</b>.</p>" },
        categories: ["lamp"],
      },
      { id: `${URL_OF_FEED}#1`, title: "Out.", content: { type: "text", text: "Out." } },
    ]);
  });

  it.each(["rss-2.0.xml", "rss-1.0.xml", "atom.xml", "feed.json"])("of %s gives valid Atom", (name) => {
    for (const entry of readBytes(fixture(name)).entries) {
      const updated = entry.updated ?? new Date(0);
      const written = parseDocument(writeEntry({ ...entry, updated }, "nobody"));
      expect(readEntry(written)).toMatchObject({ id: entry.id, title: entry.title, updated });
      const names = written.children.flatMap((child) => (typeof child === "string" ? [] : child.name));
      for (const once of ["id", "title", "updated"]) expect(names.filter((one) => one === once)).toHaveLength(1);
      expect(names).toContain("author");
      expect(names.includes("content") || names.includes("link")).toBe(true);
    }
  });

  it("is read in the charset that a mark, the content type or the document names, in that order", () => {
    const bytes = fixture("windows-1252.xml");
    expect(readBytes(bytes)).toMatchObject({ title: "Café", entries: [{ title: "€ 20 für “Fisch”" }] });
    const latin = Buffer.from(rss("<item><guid>urn:x:1</guid><title>\u00e9</title></item>"), "latin1");
    expect(readBytes(latin, "application/rss+xml; charset=ISO-8859-1").entries[0]?.title).toBe("é");
    const wide = Buffer.from(`\ufeff${rss("<item><guid>urn:x:1</guid><title>\u00e9</title></item>")}`, "utf16le");
    expect(readBytes(wide, "text/xml; charset=us-ascii").entries[0]?.title).toBe("é");
    expect(problemOf(() => readBytes(latin)).message).toBe("it says that it is utf-8, and has bytes that are not");
    expect(problemOf(() => read(rss(""), "text/xml; charset=klingon")).message).toBe('charset "klingon" is not known');
  });

  it("keeps what control characters and too much text allow", () => {
    const item = `<item><guid>urn:x:1</guid><title>${"t".repeat(400)}</title><description>${"d".repeat(9_000)}</description><link>javascript:alert(1)</link></item>`;
    const [entry] = read(rss(item)).entries;
    expect(entry?.title).toHaveLength(300);
    expect(entry?.content?.text).toHaveLength(9_000);
    expect(entry).not.toHaveProperty("links");
    const json = {
      version: "https://jsonfeed.org/version/1",
      items: [{ id: "a", title: "x\u0000y\u001b", content_text: "\ud800" }],
    };
    expect(read(JSON.stringify(json)).entries[0]).toMatchObject({
      title: "x\ufffdy\ufffd",
      content: { text: "\ufffd" },
    });
  });

  it("has at most so many entries, and each once", () => {
    const items = Array.from({ length: 11 }, (_, index) => `<item><guid>urn:x:${index}</guid></item>`);
    expect(read(rss(items.join("")), "", 11).entries).toHaveLength(11);
    expect(read(rss(items.join("")), "", 10).entries).toHaveLength(10);
    expect(read(rss("<item><guid>urn:x:1</guid><title>a</title></item>".repeat(2))).entries).toHaveLength(1);
  });

  it("gives ids of items that are short and always the same", () => {
    expect(itemIdOf("urn:x:1")).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(itemIdOf("urn:x:1")).toBe(itemIdOf("urn:x:1"));
    expect(itemIdOf("urn:x:1")).not.toBe(itemIdOf("urn:x:2"));
  });

  it.each<[what: string, text: string, code: string, message: RegExp]>([
    ["a DOCTYPE", rss("", "<!DOCTYPE rss>"), "malformed", /DOCTYPE/],
    ["an external DTD", rss("", '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">'), "malformed", /DOCTYPE/],
    [
      "an entity bomb",
      rss(
        "<item><title>&d;</title></item>",
        `<!DOCTYPE r [<!ENTITY a "${"a".repeat(1_000)}"><!ENTITY b "${"&a;".repeat(100)}"><!ENTITY c "${"&b;".repeat(100)}"><!ENTITY d "${"&c;".repeat(100)}">]>`,
      ),
      "malformed",
      /DOCTYPE|[Ee]ntit/,
    ],
    ["an unknown entity", rss("<item><title>a&nbsp;b</title></item>"), "malformed", /the unknown entity &nbsp;/],
    ["a reference to no character", rss("<item><title>&#0;</title></item>"), "malformed", /&#0;/],
    ["a bare ampersand", rss("<item><title>a & b</title></item>"), "malformed", /./],
    ["an open tag", "<rss><channel>", "malformed", /./],
    ["crossed tags", rss("<item><title></item></title>"), "malformed", /./],
    ["two roots", `${rss("")}${rss("")}`, "malformed", /./],
    ["text behind the root", `${rss("")}boo`, "malformed", /./],
    ["a control character", rss("<item><title>\u0001</title></item>"), "malformed", /a character that XML has not/],
    ["65 levels", `<rss><channel>${"<x>".repeat(70)}${"</x>".repeat(70)}</channel></rss>`, "malformed", /nested/i],
    ["a page", "<!DOCTYPE html><html><body>hi</body></html>", "not-a-feed", /a page of HTML/],
    ["another document", "<opml version='2.0'/>", "not-a-feed", /got <opml\/>/],
    ["text", "hello", "not-a-feed", /XML or JSON expected/],
    ["nothing", "", "not-a-feed", /XML or JSON expected/],
    ["other JSON", '{"items": []}', "not-a-feed", /no JSON Feed/],
    ["broken JSON", "{", "malformed", /./],
  ])("is not %s", (_what, text, code, message) => {
    const problem = problemOf(() => read(text));
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(message);
  });

  it("does not mind names that objects have", () => {
    const item = "<item><guid>urn:x:1</guid><toString/><hasOwnProperty a='1'/></item>";
    expect(read(rss(item)).entries).toMatchObject([{ id: "urn:x:1" }]);
    expect(problemOf(() => read(rss("<__proto__>p</__proto__>"))).code).toBe("malformed");
    expect(({} as Record<string, unknown>)["p"]).toBeUndefined();
  });
});
