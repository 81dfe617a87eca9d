// What a stream may and may not hold (RFC 6120 §4, §11; XML 1.0; Namespaces in XML 1.0), at every chunk size.

import { describe, expect, it } from "vitest";
import {
  type StreamEvent,
  StreamParser,
  textOf,
  type XmlCondition,
  type XmlElement,
  XmlError,
} from "../../src/xml/index.js";
import { CHUNK_SIZES, HEADER, runStream } from "./stream-runs.js";

/** A stanza's content, and the text directly in the stanza that it must be read as. */
const ACCEPTED_CONTENT: readonly [what: string, content: string, text: string][] = [
  ["nothing", "", ""],
  ["the five entities", "&lt;&gt;&amp;&quot;&apos;", "<>&\"'"],
  ["numeric references", "&#65;&#x42;&#x1F600;&#xd;&#10;&#x0000000041;", "AB😀\r\nA"],
  ["characters of one to four bytes", "aé名😀", "aé名😀"],
  [
    "the edges of the legal characters",
    "\t\u0020\ud7ff\ue000\ufffd\u{10000}\u{10ffff}\u007f\u0085\u2028",
    "\t\u0020\ud7ff\ue000\ufffd\u{10000}\u{10ffff}\u007f\u0085\u2028",
  ],
  ["a byte order mark inside", "\ufeffx", "\ufeffx"],
  ["CR and CRLF", "a\rb\r\nc\r\r\nd\n\re\r", "a\nb\nc\n\nd\n\ne\n"],
  ["a bare >", "a > b", "a > b"],
  ["brackets", "] ]] ]>", "] ]] ]>"],
  ["an escaped ]]>", "]]&gt;", "]]>"],
  ["CDATA", "a<![CDATA[<b>&amp;]]>c", "a<b>&amp;c"],
  ["CDATA with brackets and line ends", "<![CDATA[]]]]><![CDATA[>\r\n]\r]]>", "]]>\n]\n"],
  ["empty CDATA", "<![CDATA[]]>", ""],
  ["text around an element", "a<b/>c", "ac"],
];

const ACCEPTED_STANZAS: readonly [what: string, stanza: string, attrs: Record<string, string>][] = [
  ["both quotes", `<a b='"' c="'"/>`, { b: '"', c: "'" }],
  ["white space in tags", "<a\n b = '1'\t\rc='2' ></a\n >", { b: "1", c: "2" }],
  ["white space in values", "<a b='1\t2\n3\r\n4\r5'/>", { b: "1 2 3 4 5" }],
  ["references in values", "<a b='&#9;&#10;&#13;&amp;&lt;é&#x1F600;'/>", { b: "\t\n\r&<é😀" }],
  ["> and quotes in values", "<a b='/>\"'/>", { b: '/>"' }],
  ["xml:lang", "<a xml:lang='en'/>", { "xml:lang": "en" }],
  ["a prefixed attribute", "<a xmlns:p='urn:p' p:b='1' b='2'/>", { "{urn:p}b": "1", b: "2" }],
  [
    "names that objects have",
    "<a __proto__='1' constructor='2' toString='3'/>",
    { ["__proto__"]: "1", constructor: "2", toString: "3" },
  ],
  ["the xml prefix declared as itself", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", {}],
  ["names outside ASCII", "<名前 é='1' 𐐷='2' a·='3'/>", { é: "1", 𐐷: "2", a·: "3" }],
];

const RESTRICTED: readonly [what: string, content: string][] = [
  ["a comment", "<!-- a -->"],
  ["a processing instruction", "<?pi?>"],
  ["a late XML declaration", "<?xml version='1.0'?>"],
  ["a DOCTYPE", "<!DOCTYPE a>"],
  ["an entity declaration", "<!ENTITY a 'b'>"],
  ["an unknown entity", "&foo;"],
  ["an unknown entity beyond ASCII", "&é;"],
];

const MALFORMED_CONTENT: readonly [what: string, content: string][] = [
  ["a bare &", "a & b"],
  ["& before a tag", "&<b/>"],
  ["an empty reference", "&;"],
  ["an unfinished reference", "&amp "],
  ["a reference that is no name", "&1;"],
  ["a numeric reference without digits", "&#;"],
  ["a hexadecimal reference without digits", "&#x;"],
  ["a reference with a capital X", "&#X41;"],
  ["a bad digit", "&#1a;"],
  ["a reference to U+0000", "&#0;"],
  ["a reference to U+0001", "&#1;"],
  ["a reference to a surrogate", "&#xD800;"],
  ["a reference to U+FFFE", "&#xFFFE;"],
  ["a reference to U+FFFF", "&#65535;"],
  ["a reference past U+10FFFF", "&#x110000;"],
  ["a reference far past U+10FFFF", "&#99999999999999999999;"],
  ["U+0000", "\u0000"],
  ["U+0001", "a\u0001"],
  ["U+000B", "\u000b"],
  ["U+001F", "\u001f"],
  ["U+FFFE", "\ufffe"],
  ["U+FFFF", "\uffff"],
  ["]]> in text", "a]]>"],
  ["]]]> in text", "]]]>"],
  ["]]> after CDATA", "<![CDATA[x]]>]]>"],
  ["a control character in CDATA", "<![CDATA[\u0001]]>"],
  ["a wrong CDATA", "<![cdata[x]]>"],
  ["<! and nothing", "<!>"],
  ["half a comment", "<!-a-->"],
  ["an end tag that matches nothing", "<b></c>"],
  ["end tags in the wrong order", "<b><c></b></c>"],
  ["an end tag with a longer name", "<b></bb>"],
  ["an end tag with an attribute", "<b></b c='1'>"],
  ["an end tag without a name", "<b></>"],
  ["< and a space", "a < b"],
  ["a name that begins with a digit", "<1/>"],
  ["a name that begins with -", "<-a/>"],
  ["a name with a bad character", "<a,b/>"],
  ["two colons", "<xml:a:b/>"],
  ["a name that begins with a colon", "<:a/>"],
  ["a name that ends with a colon", "<xml:/>"],
  ["a local name that begins with a digit", "<xml:1/>"],
  ["an undeclared prefix", "<p:b/>"],
  ["an undeclared attribute prefix", "<b p:c='1'/>"],
  ["a prefix that was declared in a sibling", "<b xmlns:p='urn:p'/><p:b/>"],
  ["the xmlns prefix on an element", "<xmlns:b/>"],
  ["xmlns:xmlns", "<b xmlns:xmlns='urn:b'/>"],
  ["xmlns:xml as another", "<b xmlns:xml='urn:b'/>"],
  ["another prefix as xml's", "<b xmlns:p='http://www.w3.org/XML/1998/namespace'/>"],
  ["a prefix as xmlns's", "<b xmlns:p='http://www.w3.org/2000/xmlns/'/>"],
  ["xml's as the default", "<b xmlns='http://www.w3.org/XML/1998/namespace'/>"],
  ["a prefix undeclared", "<b xmlns:p=''/>"],
  ["a doubled attribute", "<b c='1' c='2'/>"],
  ["an attribute doubled by its namespace", "<b xmlns:p='urn:p' xmlns:q='urn:p' p:c='1' q:c='2'/>"],
  ["a doubled xmlns", "<b xmlns='urn:a' xmlns='urn:a'/>"],
  ["a doubled prefix", "<b xmlns:p='urn:a' xmlns:p='urn:b'/>"],
  ["< in a value", "<b c='<'/>"],
  ["a bare & in a value", "<b c='a & b'/>"],
  ["a control character in a value", "<b c='\u0001'/>"],
  ["U+FFFF in a value", "<b c='\uffff'/>"],
  ["a value without quotes", "<b c=1/>"],
  ["an attribute without value", "<b c/>"],
  ["an attribute without name", "<b ='1'/>"],
  ["attributes that touch", "<b c='1'd='2'/>"],
  ["a / in a tag", "<b / c='1'>"],
  ["a tag inside a tag", "<b <c/>>"],
];

const MALFORMED_STREAMS: readonly [what: string, stream: string, condition: XmlCondition][] = [
  ["text before the header", "GET / HTTP/1.1\r\n\r\n", "not-well-formed"],
  ["a TLS greeting", "\u0016\u0003\u0001", "not-well-formed"],
  ["a byte order mark", `\ufeff${HEADER}`, "not-well-formed"],
  ["a comment before the header", `<!-- a -->${HEADER}`, "restricted-xml"],
  ["a DOCTYPE before the header", `<!DOCTYPE a>${HEADER}`, "restricted-xml"],
  ["an instruction before the header", `<?xml-stylesheet?>${HEADER}`, "restricted-xml"],
  ["two declarations", `<?xml version='1.0'?><?xml version='1.0'?>${HEADER}`, "restricted-xml"],
  ["XML 1.1", `<?xml version='1.1'?>${HEADER}`, "not-well-formed"],
  ["a declaration without version", `<?xml encoding='utf-8'?>${HEADER}`, "not-well-formed"],
  ["another encoding", `<?xml version='1.0' encoding='ISO-8859-1'?>${HEADER}`, "unsupported-encoding"],
  ["a standalone declaration", `<?xml version='1.0' standalone='yes'?>${HEADER}`, "restricted-xml"],
  ["an end tag first", "</stream:stream>", "not-well-formed"],
  ["CDATA first", "<![CDATA[]]>", "not-well-formed"],
  ["text between stanzas", `${HEADER}<a/>x<b/>`, "not-well-formed"],
  ["a bare & between stanzas", `${HEADER}& `, "not-well-formed"],
  ["a reference between stanzas", `${HEADER}&#32;`, "not-well-formed"],
  ["an unknown entity between stanzas", `${HEADER}&foo;`, "restricted-xml"],
  ["CDATA between stanzas", `${HEADER}<![CDATA[ ]]><a/>`, "not-well-formed"],
  ["a comment between stanzas", `${HEADER}<!---->`, "restricted-xml"],
  ["a wrong end", `${HEADER}</stream>`, "not-well-formed"],
  ["a stanza after the end", `${HEADER}</stream:stream><a/>`, "not-well-formed"],
  ["an undeclared prefix in the header", "<stream:stream>", "not-well-formed"],
];

function bytes(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

const BROKEN_UTF8: readonly [what: string, broken: number[]][] = [
  ["a lone continuation byte", [0x80]],
  ["an overlong /", [0xc0, 0xaf]],
  ["an overlong U+0080", [0xe0, 0x82, 0x80]],
  ["an overlong U+0800", [0xf0, 0x80, 0xa0, 0x80]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["a five byte form", [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ["0xFF", [0xff]],
  ["an unfinished sequence", [0xe2, 0x82, 0x3c]],
];

function kinds(events: readonly StreamEvent[]): string[] {
  return events.map((event) => event.kind);
}

function leaf(name: string, ns: string): XmlElement {
  return { name, ns, attrs: {}, children: [] };
}

function open(parser: StreamParser): void {
  parser.write(Buffer.from(HEADER));
  expect(parser.next()?.kind).toBe("open");
}

describe.each(CHUNK_SIZES)("a stream in chunks of %d bytes", (chunkBytes) => {
  it.each(ACCEPTED_CONTENT)("reads %s", (_what, content, text) => {
    const { events, error } = runStream(`${HEADER}<message>${content}</message>`, chunkBytes);
    expect(error).toBeUndefined();
    const stanza = events[1];
    expect(stanza?.kind === "stanza" && textOf(stanza.element)).toBe(text);
    expect(stanza?.kind === "stanza" && stanza.bytes).toBe(Buffer.byteLength(`<message>${content}</message>`));
  });

  it.each(ACCEPTED_STANZAS)("reads attributes: %s", (_what, stanza, attrs) => {
    const { events, error } = runStream(HEADER + stanza, chunkBytes);
    expect(error).toBeUndefined();
    const read = events[1]?.kind === "stanza" ? events[1].element.attrs : {};
    expect(Object.entries(read)).toEqual(Object.entries(attrs));
    for (const name of ["valueOf", "hasOwnProperty", "__defineGetter__"]) expect(name in read).toBe(false);
    expect("__proto__" in read).toBe("__proto__" in attrs && Object.hasOwn(attrs, "__proto__"));
  });

  it.each(RESTRICTED)("refuses %s as restricted-xml", (_what, content) => {
    const run = runStream(`${HEADER}<a/><message>${content}</message><b/>`, chunkBytes);
    expect(run.error?.condition).toBe("restricted-xml");
    expect(run.error?.byteOffset).toBe(HEADER.length + "<a/><message>".length);
    expect(kinds(run.events)).toEqual(["open", "stanza"]);
  });

  it.each(MALFORMED_CONTENT)("refuses %s as not-well-formed", (_what, content) => {
    const run = runStream(`${HEADER}<a/><message>${content}</message><b/>`, chunkBytes);
    expect(run.error?.condition).toBe("not-well-formed");
    expect(kinds(run.events)).toEqual(["open", "stanza"]);
  });

  it.each(MALFORMED_STREAMS)("refuses %s", (_what, stream, condition) => {
    expect(runStream(stream, chunkBytes).error?.condition).toBe(condition);
  });

  it.each(BROKEN_UTF8)("gives what is before %s, then refuses it where it is", (_what, broken) => {
    const before = `${HEADER}<a>é</a><b/>`;
    const run = runStream(bytes(before, "<c>", broken, "</c>"), chunkBytes);
    expect(kinds(run.events)).toEqual(["open", "stanza", "stanza"]);
    expect(run.error).toMatchObject({ condition: "not-well-formed", byteOffset: Buffer.byteLength(before) + 3 });
    expect(kinds(runStream(bytes(before, broken), chunkBytes).events)).toEqual(["open", "stanza", "stanza"]);
  });

  it("gives header, stanzas and end, with namespaces resolved", () => {
    const stream = `\n<?xml version="1.0" encoding="utf-8" ?>\n${HEADER} \n<iq><q xmlns='urn:q'><r/></q><s xmlns=''/></iq><stream:features xmlns:p='urn:p'><p:a/></stream:features>\t</stream:stream>\r\n `;
    const { events, error, pending } = runStream(stream, chunkBytes);
    expect(error).toBeUndefined();
    expect(pending).toBe(false);
    expect(events).toEqual([
      {
        kind: "open",
        contentNs: "jabber:client",
        element: { ...leaf("stream", "http://etherx.jabber.org/streams"), attrs: { to: "localhost", version: "1.0" } },
      },
      {
        kind: "stanza",
        bytes: 47,
        element: {
          ...leaf("iq", "jabber:client"),
          children: [{ ...leaf("q", "urn:q"), children: [leaf("r", "urn:q")] }, leaf("s", "")],
        },
      },
      {
        kind: "stanza",
        bytes: 57,
        element: { ...leaf("features", "http://etherx.jabber.org/streams"), children: [leaf("a", "urn:p")] },
      },
      { kind: "close" },
    ]);
  });

  it("reads long text as it reads short text", () => {
    for (const length of [94, 95, 96, 97, 98, 300]) {
      const long = "é".repeat(length);
      const { events } = runStream(`${HEADER}<a>${long}😀&amp;${long}\r\n${long}]]${long}</a>`, chunkBytes);
      expect(events[1]).toMatchObject({ element: { children: [`${long}😀&${long}\n${long}]]${long}`] } });
      for (const broken of ["\u0001", "\uffff", "]]>", "& "]) {
        expect(runStream(`${HEADER}<a>${long}${broken}</a>`, chunkBytes).error?.condition).toBe("not-well-formed");
      }
    }
  });

  it("joins text around CDATA and references to one child", () => {
    const { events } = runStream(`${HEADER}<a>1<![CDATA[2]]>&amp;<![CDATA[]]>3<b/>4&#53;</a>`, chunkBytes);
    const children = events[1]?.kind === "stanza" ? events[1].element.children : [];
    expect(children).toEqual(["12&3", { name: "b", ns: "jabber:client", attrs: {}, children: [] }, "45"]);
  });

  it("waits for the rest of an unfinished token", () => {
    for (const rest of [
      "<",
      "<a",
      "<a b='>",
      "<a/",
      "<a>&am",
      "<a>x]]",
      "<a>\r",
      "<!",
      "<![CDAT",
      "</stream:strea",
      "&am",
    ]) {
      const run = runStream(HEADER + rest, chunkBytes);
      expect(run, rest).toMatchObject({ error: undefined, pending: true });
      expect(kinds(run.events)).toEqual(["open"]);
    }
  });

  it("reads a root that closes itself", () => {
    expect(kinds(runStream("<stream xmlns='urn:s'/> ", chunkBytes).events)).toEqual(["open", "close"]);
  });
});

describe("StreamParser", () => {
  it("stops at each stanza: what is wrong behind it does not show before", () => {
    const parser = new StreamParser();
    parser.write(Buffer.from(`${HEADER}<a/><b/>&`));
    expect([parser.next()?.kind, parser.next()?.kind, parser.next()?.kind]).toEqual(["open", "stanza", "stanza"]);
    expect(parser.next()).toBeUndefined();
    parser.write(Buffer.from(" "));
    expect(() => parser.next()).toThrow(XmlError);
  });

  it("throws the same error ever after", () => {
    const parser = new StreamParser();
    open(parser);
    parser.write(Buffer.from("<a>&foo;</a>"));
    const errors = [
      () => parser.next(),
      () => parser.next(),
      () => parser.write(Buffer.from("<b/>")),
      () => parser.restart(),
    ].map((call) => {
      try {
        call();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(errors[0]).toBeInstanceOf(XmlError);
    expect(new Set(errors).size).toBe(1);
  });

  it("tells of unread input, white space aside, for STARTTLS", () => {
    const parser = new StreamParser();
    open(parser);
    expect(parser.pending()).toBe(false);
    parser.write(Buffer.from("<starttls/>"));
    expect(parser.pending()).toBe(true);
    expect(parser.next()?.kind).toBe("stanza");
    expect(parser.pending()).toBe(false);
    expect(parser.next()).toBeUndefined();
    expect(parser.pending()).toBe(false);
    parser.write(Buffer.from(" \r\n"));
    expect(parser.pending()).toBe(false);
    parser.write(Buffer.from("<"));
    expect(parser.pending()).toBe(true);
    expect(parser.next()).toBeUndefined();
    expect(parser.pending()).toBe(true);
  });

  it.each([[[0xc3]], [[0xff]]])("tells of unread bytes that are no characters: %j", (rest) => {
    const parser = new StreamParser();
    open(parser);
    parser.write(bytes("<starttls/>", rest));
    expect(parser.next()?.kind).toBe("stanza");
    expect(parser.pending()).toBe(true);
  });

  it("restarts with the input that is unread, offsets counting anew", () => {
    const parser = new StreamParser();
    parser.write(Buffer.from(`${HEADER}<auth>é</auth>\n<?xml version='1.0'?>${HEADER}<iq/>`));
    expect([parser.next()?.kind, parser.next()?.kind]).toEqual(["open", "stanza"]);
    parser.restart();
    expect([parser.next()?.kind, parser.next()?.kind, parser.next()]).toEqual(["open", "stanza", undefined]);
    parser.restart();
    parser.write(Buffer.from("x"));
    expect(() => parser.next()).toThrow("(byte 0)");
  });

  it("forgets half a stanza at a restart", () => {
    const parser = new StreamParser();
    open(parser);
    parser.write(Buffer.from("<iq>text<a b='"));
    expect(parser.next()).toBeUndefined();
    parser.restart();
    open(parser);
    parser.write(Buffer.from("<b>1</b>"));
    expect(parser.next()).toMatchObject({ kind: "stanza", element: { name: "b", children: ["1"] } });
  });

  it("takes several writes before it is asked", () => {
    const parser = new StreamParser();
    for (const piece of [HEADER.slice(0, 5), HEADER.slice(5), "<a>\ud83d\ude00", "</a><b", "/>"])
      parser.write(Buffer.from(piece));
    expect([parser.next()?.kind, parser.next()?.kind, parser.next()?.kind, parser.next()]).toEqual([
      "open",
      "stanza",
      "stanza",
      undefined,
    ]);
  });
});

// Quadratic work would take minutes here: the time limit of a test is the assertion.
describe("linear time, one byte at a time", () => {
  const limits = { maxStanzaBytes: 3_000_000, maxNameBytes: 3_000_000 };
  const long = "x".repeat(150_000);
  it.each([
    ["2 MB of text", `<a>${"x".repeat(2_000_000)}</a>`],
    ["an attribute value", `<a b='${long}'/>`],
    ["CDATA", `<a><![CDATA[${long}]]></a>`],
    ["brackets in CDATA", `<a><![CDATA[${"]".repeat(150_000)}]]></a>`],
    ["a name", `<${long}/>`],
    ["text beyond ASCII", `<a>${"é".repeat(75_000)}</a>`],
    ["references", `<a>${"&amp;".repeat(30_000)}</a>`],
    ["white space in a tag", `<a ${" ".repeat(150_000)}/>`],
  ])("in %s", (_what, stanza) => {
    const { events, error } = runStream(HEADER + stanza, 1, { limits });
    expect(error).toBeUndefined();
    expect(events[1]).toMatchObject({ kind: "stanza", bytes: Buffer.byteLength(stanza) });
  });

  it("in one write of many small stanzas beyond ASCII", () => {
    const stanza = "<a b='é'>名前</a>";
    const { events } = runStream(HEADER + stanza.repeat(100_000), Number.MAX_SAFE_INTEGER, {
      limits: { maxStanzaBytes: 200 },
    });
    expect(events.length).toBe(100_001);
  });
});
