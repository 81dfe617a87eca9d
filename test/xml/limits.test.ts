// Every limit at its value and one past it, ending the stream or passing over the stanza, at every chunk size.

import { describe, expect, it } from "vitest";
import {
  parseDocument,
  StreamParser,
  type StreamParserOptions,
  XML_LIMITS,
  type XmlLimits,
} from "../../src/xml/index.js";
import { CHUNK_SIZES, HEADER, runStream } from "./stream-runs.js";

interface LimitCase {
  readonly what: string;
  readonly limits: Partial<XmlLimits>;
  readonly at: string;
  readonly past: string;
  readonly limit: string;
}

const nested = (levels: number): string => `${"<a>".repeat(levels)}${"</a>".repeat(levels)}`;
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => ` a${index}='1'`).join("");
const declared = (count: number): string =>
  Array.from({ length: count }, (_, index) => ` xmlns:p${index}='urn:p'`).join("");

const LIMIT_CASES: readonly LimitCase[] = [
  {
    what: "bytes of text",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'>${"x".repeat(286)}</a>`,
    past: `<a id='1'>${"x".repeat(287)}</a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes beyond ASCII",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'>${"é".repeat(143)}</a>`,
    past: `<a id='1'>${"é".repeat(143)}x</a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes with a character across the limit",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'>${"x".repeat(282)}😀</a>`,
    past: `<a id='1'>${"x".repeat(288)}😀</a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes in a tag",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'><b c='${"x".repeat(277)}'/></a>`,
    past: `<a id='1'><b c='${"x".repeat(290)}'/></a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes in CDATA",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'><![CDATA[${"]".repeat(274)}]]></a>`,
    past: `<a id='1'><![CDATA[${"]".repeat(290)}]]></a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes in a reference",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'>${"x".repeat(281)}&amp;</a>`,
    past: `<a id='1'>${"x".repeat(288)}&amp;</a>`,
    limit: "300 bytes",
  },
  {
    what: "bytes in an end tag",
    limits: { maxStanzaBytes: 300 },
    at: `<a id='1'>${"x".repeat(286)}</a>`,
    past: `<a id='1'>${"x".repeat(286)}</a \n>`,
    limit: "300 bytes",
  },
  {
    what: "levels",
    limits: { maxDepth: 5 },
    at: `<a id='1'>${nested(4)}</a>`,
    past: `<a id='1'>${nested(5)}</a>`,
    limit: "5 levels",
  },
  {
    what: "levels ending in an empty tag",
    limits: { maxDepth: 2 },
    at: "<a id='1'><b/></a>",
    past: "<a id='1'><b><c/></b></a>",
    limit: "2 levels",
  },
  {
    what: "the default of levels",
    limits: {},
    at: `<a id='1'>${nested(271)}</a>`,
    past: `<a id='1'>${nested(272)}</a>`,
    limit: "272 levels",
  },
  {
    what: "elements",
    limits: { maxElements: 10 },
    at: `<a id='1'>${"<b/>".repeat(9)}</a>`,
    past: `<a id='1'>${"<b/>".repeat(10)}</a>`,
    limit: "10 elements",
  },
  {
    what: "attributes of a child",
    limits: { maxAttributes: 4 },
    at: `<a id='1'><b${numbered(4)}/></a>`,
    past: `<a id='1'><b${numbered(5)}/></a>`,
    limit: "4 attributes",
  },
  {
    what: "namespace declarations",
    limits: { maxAttributes: 4 },
    at: `<a id='1'><b${declared(4)}/></a>`,
    past: `<a id='1'><b${declared(5)}/></a>`,
    limit: "4 attributes",
  },
  {
    what: "bytes of an element's name",
    limits: { maxNameBytes: 20 },
    at: `<a id='1'><${"n".repeat(20)}/></a>`,
    past: `<a id='1'><${"n".repeat(21)}></${"n".repeat(21)}></a>`,
    limit: "a name of 20 bytes",
  },
  {
    what: "bytes of a name beyond ASCII",
    limits: { maxNameBytes: 20 },
    at: `<a id='1'><${"é".repeat(10)}/></a>`,
    past: `<a id='1'><${"é".repeat(10)}x></${"é".repeat(10)}x></a>`,
    limit: "a name of 20 bytes",
  },
  {
    what: "bytes of an attribute's name",
    limits: { maxNameBytes: 20 },
    at: `<a id='1'><b ${"n".repeat(20)}='1'/></a>`,
    past: `<a id='1'><b ${"n".repeat(21)}='1'/></a>`,
    limit: "a name of 20 bytes",
  },
];

// The header needs more than the smallest of these limits.
const options = (limits: Partial<XmlLimits>, oversize: "error" | "skip"): StreamParserOptions => ({ limits, oversize });

describe.each(CHUNK_SIZES)("limits in chunks of %d bytes", (chunkBytes) => {
  it.each(LIMIT_CASES)("let a stanza at the limit through: $what", ({ limits, at }) => {
    for (const oversize of ["error", "skip"] as const) {
      const { events, error } = runStream(`${HEADER}${at}${at}<b/>`, chunkBytes, options(limits, oversize));
      expect(error).toBeUndefined();
      expect(events.map(({ kind }) => kind)).toEqual(["open", "stanza", "stanza", "stanza"]);
    }
  });

  it.each(LIMIT_CASES)("end the stream past it: $what", ({ limits, past, limit }) => {
    const { events, error } = runStream(`${HEADER}<b/>${past}`, chunkBytes, options(limits, "error"));
    expect(error?.condition).toBe("policy-violation");
    expect(error?.message).toContain(`more than ${limit} (byte `);
    expect(events.map(({ kind }) => kind)).toEqual(["open", "stanza"]);
  });

  it.each(LIMIT_CASES)("pass over the stanza past it when asked to: $what", ({ limits, at, past, limit }) => {
    const { events, error } = runStream(
      `${HEADER}<b/>${past} ${at}${past}<b/></stream:stream>`,
      chunkBytes,
      options(limits, "skip"),
    );
    expect(error).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toEqual([
      "open",
      "stanza",
      "skipped",
      "stanza",
      "skipped",
      "stanza",
      "close",
    ]);
    expect(events[2]).toEqual({
      kind: "skipped",
      limit,
      head: { name: "a", ns: "jabber:client", attrs: { id: "1" }, children: [] },
    });
  });

  it.each([
    ["of attributes", { maxAttributes: 4 }, `<iq${numbered(5)}><b/></iq>`, "iq", "4 attributes"],
    ["of bytes", { maxStanzaBytes: 150 }, `<iq id='${"x".repeat(150)}'>text</iq>`, "iq", "150 bytes"],
    ["of a name", { maxNameBytes: 20 }, `<${"n".repeat(21)}><b/></${"n".repeat(21)}>`, "", "a name of 20 bytes"],
  ])("name a stanza whose own start tag is over the limit %s", (_what, limits, stanza, name, limit) => {
    const { events, error } = runStream(`${HEADER}${stanza}<b/>`, chunkBytes, options(limits, "skip"));
    expect(error).toBeUndefined();
    expect(events[1]).toMatchObject({ kind: "skipped", limit, head: { name, attrs: {}, children: [] } });
    expect(events[2]).toMatchObject({ kind: "stanza", element: { name: "b" } });
  });

  it("find the end of what is passed over, whatever it looks like", () => {
    const inside = `<a><![CDATA[</s></s>]]]]><b c='</s>'.replace/></a>`.replace("'</s>'.replace", `"&lt;/s> '/>"`);
    const stanza = `<s>${"x".repeat(100)}${inside}<s></s ><s/><s a='>'/>&#x3C;/s&gt;é<p:q xmlns:p='urn:p'></p:q></s>`;
    const { events, error } = runStream(`${HEADER}${stanza}<b/>`, chunkBytes, options({ maxElements: 1 }, "skip"));
    expect(error).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toEqual(["open", "skipped", "stanza"]);
  });

  it.each([
    ["a wrong end tag", "<b></c>", "not-well-formed"],
    ["an early end", "<b></s>", "not-well-formed"],
    ["a comment", "<!-- -->", "restricted-xml"],
    ["an instruction", "<?a?>", "restricted-xml"],
    ["a DOCTYPE", "<!DOCTYPE a>", "restricted-xml"],
    ["an unknown entity", "&foo;", "restricted-xml"],
    ["an unknown entity in a value", "<b c='&foo;'/>", "restricted-xml"],
    ["a bare &", "& ", "not-well-formed"],
    ["a reference to U+0000", "&#0;", "not-well-formed"],
    ["a control character", "\u0001", "not-well-formed"],
    ["]]>", "]]>", "not-well-formed"],
    ["< in a value", "<b c='<'/>", "not-well-formed"],
    ["a bad name", "<1/>", "not-well-formed"],
    ["a tag in a tag", "<b <c/>>", "not-well-formed"],
    ["a / in a tag", "<b / >", "not-well-formed"],
    ["half a comment", "<!-a-->", "not-well-formed"],
  ])("still refuse %s in what is passed over", (_what, broken, condition) => {
    const { events, error } = runStream(
      `${HEADER}<s><x/>${broken}</s><b/>`,
      chunkBytes,
      options({ maxElements: 1 }, "skip"),
    );
    expect(events.map(({ kind }) => kind)).toEqual(["open"]);
    expect(error?.condition).toBe(condition);
  });

  it("still refuse bytes that are not UTF-8 in what is passed over", () => {
    const input = Buffer.concat([Buffer.from(`${HEADER}<s><x/>`), Buffer.from([0xff]), Buffer.from("</s>")]);
    const { error } = runStream(input, chunkBytes, options({ maxElements: 1 }, "skip"));
    expect(error).toMatchObject({ condition: "not-well-formed", byteOffset: HEADER.length + 7 });
  });

  it("hold for the header, which cannot be passed over", () => {
    for (const limits of [{ maxStanzaBytes: HEADER.length - 1 }, { maxAttributes: 3 }, { maxNameBytes: 12 }]) {
      expect(runStream(HEADER, chunkBytes, options(limits, "skip")).error?.condition).toBe("policy-violation");
    }
    const exact = { maxStanzaBytes: HEADER.length, maxAttributes: 4, maxNameBytes: 13 };
    expect(runStream(HEADER, chunkBytes, options(exact, "skip")).error).toBeUndefined();
  });

  it("do not count white space between stanzas", () => {
    const space = " \n\t\r".repeat(100);
    const run = runStream(
      `${space}${HEADER}${space}<a/>${space}<b/>${space}`,
      chunkBytes,
      options({ maxStanzaBytes: 150 }, "error"),
    );
    expect(run.error).toBeUndefined();
    expect(run.events.map(({ kind }) => kind)).toEqual(["open", "stanza", "stanza"]);
  });
});

describe("limits", () => {
  it("have the defaults of the contract", () => {
    expect(XML_LIMITS).toEqual({
      maxStanzaBytes: 262_144,
      maxDepth: 272,
      maxElements: 20_000,
      maxAttributes: 64,
      maxNameBytes: 1_024,
    });
  });

  it("can rise after authentication", () => {
    const parser = new StreamParser({ limits: { maxStanzaBytes: 150 } });
    parser.write(Buffer.from(`${HEADER}<a/>`));
    expect([parser.next()?.kind, parser.next()?.kind]).toEqual(["open", "stanza"]);
    parser.setLimits({ maxStanzaBytes: 1_000 });
    parser.write(Buffer.from(`<a>${"x".repeat(990)}</a>`));
    expect(parser.next()).toMatchObject({ kind: "stanza", bytes: 997 });
    parser.setLimits({ maxStanzaBytes: 500, maxElements: 1 });
    parser.write(Buffer.from(`<a>${"x".repeat(990)}</a>`));
    expect(() => parser.next()).toThrow("more than 500 bytes");
  });

  it("can fall while much is unread", () => {
    const parser = new StreamParser({ limits: { maxStanzaBytes: 200 }, oversize: "skip" });
    parser.write(Buffer.from(`${HEADER}<a/>${"<b>é</b>".repeat(50)}<c>${"x".repeat(20)}</c><d/>`));
    expect([parser.next()?.kind, parser.next()?.kind]).toEqual(["open", "stanza"]);
    parser.setLimits({ maxStanzaBytes: 12 });
    const kinds = Array.from({ length: 53 }, () => parser.next()?.kind);
    expect(kinds).toEqual([...Array.from({ length: 50 }, () => "stanza"), "skipped", "stanza", undefined]);
  });

  it("do not keep what is passed over: 100,000 levels, 8 MB", () => {
    const parser = new StreamParser({ oversize: "skip" });
    parser.write(Buffer.from(HEADER));
    parser.next();
    const deep = Buffer.from("<a b='c'>".repeat(100_000));
    const wide = Buffer.alloc(1_000_000, "x");
    const close = Buffer.from("</a>".repeat(100_000));
    for (const chunk of [deep, ...Array.from({ length: 6 }, () => wide), close]) {
      parser.write(chunk);
      const event = parser.next();
      expect(event?.kind).toBe(chunk === close ? "skipped" : undefined);
    }
    parser.write(Buffer.from("<b/>"));
    expect(parser.next()?.kind).toBe("stanza");
  });

  it("refuse a reference of more than 64 characters", () => {
    expect(runStream(`${HEADER}<a>&#${"0".repeat(60)}65;</a>`, 7).error).toBeUndefined();
    expect(runStream(`${HEADER}<a>&#${"0".repeat(62)}65;</a>`, 7).error?.condition).toBe("policy-violation");
  });

  it("hold for documents", () => {
    expect(parseDocument("<a>é</a>", { maxStanzaBytes: 9 }).children).toEqual(["é"]);
    expect(() => parseDocument("<a>é</a>", { maxStanzaBytes: 8 })).toThrow("more than 8 bytes");
    expect(() => parseDocument(nested(273))).toThrow("more than 272 levels");
    expect(parseDocument(nested(272)).name).toBe("a");
  });
});
