// The serialiser: what it writes is always well-formed, and is read back as it was.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  element,
  escapeAttribute,
  escapeText,
  isXmlText,
  joinXml,
  parseDocument,
  writeElement,
  type XmlElement,
  type XmlNode,
  XmlWriteError,
} from "../../src/xml/index.js";

describe("escapeText and escapeAttribute", () => {
  it.each([
    ["plain é 😀 \u{10ffff}", "plain é 😀 \u{10ffff}", "plain é 😀 \u{10ffff}"],
    ["<a> & ]]>", "&lt;a&gt; &amp; ]]&gt;", "&lt;a&gt; &amp; ]]&gt;"],
    ["'\"", "'\"", "&apos;&quot;"],
    ["\r\n\t", "&#xD;\n\t", "&#xD;&#xA;&#x9;"],
    ["", "", ""],
    ["\ud7ff\ue000;=?!#%(", "\ud7ff\ue000;=?!#%(", "\ud7ff\ue000;=?!#%("],
    ["\u007f\u0085\u2028\ufffd\ufeff", "\u007f\u0085\u2028\ufffd\ufeff", "\u007f\u0085\u2028\ufffd\ufeff"],
  ])("write %j", (value, text, attribute) => {
    expect(escapeText(value)).toBe(text);
    expect(escapeAttribute(value)).toBe(attribute);
    expect(isXmlText(value)).toBe(true);
  });

  it.each([
    ["abc\u0001", 3, "U+0001 at index 3 cannot be sent in XML"],
    ["\u0000", 0, "U+0000 at index 0 cannot be sent in XML"],
    ["&\u001f", 1, "U+001F at index 1 cannot be sent in XML"],
    ["😀\ufffe", 2, "U+FFFE at index 2 cannot be sent in XML"],
    ["\uffff", 0, "U+FFFF at index 0 cannot be sent in XML"],
    ["a\ud800", 1, "U+D800 at index 1 cannot be sent in XML"],
    ["a\ud800b", 1, "U+D800 at index 1 cannot be sent in XML"],
    ["\udc00", 0, "U+DC00 at index 0 cannot be sent in XML"],
    ["\ude00\ud83d", 0, "U+DE00 at index 0 cannot be sent in XML"],
  ])("refuse %j", (value, index, message) => {
    for (const write of [escapeText, escapeAttribute]) {
      expect(() => write(value)).toThrow(XmlWriteError);
      expect(() => write(value)).toThrow(expect.objectContaining({ index, message }));
    }
    expect(isXmlText(value)).toBe(false);
  });

  it("write long text as they write its parts", () => {
    const plain = "x\t\n]é名".repeat(400);
    for (const special of ["&", "<", ">", "\r", "😀", "\u0001", "\ud800", "\ufffe", "<&", "&\u001f"]) {
      for (const value of [special + plain, plain + special, plain + special + plain]) {
        const parts = value.split(special).map((part) => (part === "" ? "" : plain));
        if (isXmlText(value)) expect(escapeText(value)).toBe(parts.join(escapeText(special)));
        else expect(() => escapeText(value)).toThrow(XmlWriteError);
      }
    }
    expect(escapeText(plain)).toBe(plain);
  });

  it("write text that parses to the same value, or refuse it, for any string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (value, split) => {
        if (!isXmlText(value)) {
          expect(() => escapeText(value)).toThrow(XmlWriteError);
          return;
        }
        const half = split && isXmlText(value.slice(0, 1)) ? 1 : 0;
        const text = joinXml([escapeText(value.slice(0, half)), escapeText(value.slice(half))]);
        expect(parseDocument(element("a", { b: value }, text))).toEqual({
          name: "a",
          ns: "",
          attrs: { b: value },
          children: value === "" ? [] : [value],
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe("element", () => {
  it("writes attributes in order, without those that are undefined", () => {
    expect(element("a:b", { xmlns: "urn:a", c: "1", d: undefined, "xml:lang": "<" })).toBe(
      '<a:b xmlns="urn:a" c="1" xml:lang="&lt;"/>',
    );
    expect(element("a", {}, element("b", {}), escapeText("<"), element("c", {}, escapeText("")))).toBe(
      "<a><b/>&lt;<c></c></a>",
    );
  });

  it.each(["", "a b", "1", "-", "a>", ":a", "a:", "a:b:c", "a:1", "a\u0000", "\ud800", "a/"])(
    "refuses the name %j",
    (name) => {
      expect(() => element(name, {})).toThrow(XmlWriteError);
      expect(() => element("a", { [name]: "1" })).toThrow(XmlWriteError);
    },
  );

  it("refuses what XML cannot carry", () => {
    expect(() => element("a", { b: "\u0001" })).toThrow("U+0001 at index 0");
  });
});

describe("writeElement", () => {
  it("declares namespaces only where they change", () => {
    const iq = parseDocument(
      "<iq xmlns='jabber:client' id='1'><q xmlns='urn:q'><r/><s xmlns=''><t/></s></q>text &amp; <u/></iq>",
    );
    expect(writeElement(iq, "jabber:client")).toBe(
      '<iq id="1"><q xmlns="urn:q"><r/><s xmlns=""><t/></s></q>text &amp; <u/></iq>',
    );
    expect(writeElement(iq)).toBe(
      '<iq xmlns="jabber:client" id="1"><q xmlns="urn:q"><r/><s xmlns=""><t/></s></q>text &amp; <u/></iq>',
    );
  });

  it("gives attributes of other namespaces a prefix, and leaves xml: as it is", () => {
    const read = parseDocument("<a xmlns:p='urn:p' xmlns:q='urn:q' p:b='1' q:b='2' b='3' xml:lang='en'/>");
    const text = writeElement(read);
    expect(text).toBe('<a xmlns:ns0="urn:p" ns0:b="1" xmlns:ns1="urn:q" ns1:b="2" b="3" xml:lang="en"/>');
    expect(parseDocument(text)).toEqual(read);
  });

  it("writes elements of the XML namespace with its prefix", () => {
    const read = parseDocument("<a xmlns='urn:a'><xml:b><c/></xml:b></a>");
    expect(writeElement(read)).toBe('<a xmlns="urn:a"><xml:b><c/></xml:b></a>');
  });

  it.each([
    ["a bad name", { name: "a b", ns: "", attrs: {}, children: [] }],
    ["a prefixed name", { name: "a:", ns: "", attrs: {}, children: [] }],
    ["a declaration among attributes", { name: "a", ns: "", attrs: { xmlns: "urn:a" }, children: [] }],
    ["a prefixed declaration among attributes", { name: "a", ns: "", attrs: { "xmlns:p": "urn:a" }, children: [] }],
    ["a prefix among attributes", { name: "a", ns: "", attrs: { "p:b": "1" }, children: [] }],
    ["an attribute without namespace", { name: "a", ns: "", attrs: { "{}b": "1" }, children: [] }],
    [
      "an attribute of the namespace of declarations",
      { name: "a", ns: "", attrs: { "{http://www.w3.org/2000/xmlns/}b": "1" }, children: [] },
    ],
    ["an illegal character", { name: "a", ns: "", attrs: {}, children: ["\u0001"] }],
    ["an illegal character in a namespace", { name: "a", ns: "\u0001", attrs: {}, children: [] }],
  ])("refuses %s", (_what, read) => {
    expect(() => writeElement(read)).toThrow(XmlWriteError);
  });

  it("is read back as it was, for any tree and any namespace around", () => {
    const name = fc.constantFrom("a", "b", "iq", "é", "名前", "x-1");
    const ns = fc.constantFrom("", "urn:a", "jabber:client", "urn:<&'\"\t\n>");
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter(isXmlText);
    const key = fc.oneof(
      name,
      fc.constantFrom("xml:lang", "{urn:p}a", "{urn:q}a", "{urn:}}b", "{urn:p}é", "__proto__"),
    );
    const attrs = fc.array(fc.tuple(key, fc.string({ unit: "binary" }).filter(isXmlText)), { maxLength: 4 });
    const { node } = fc.letrec<{ node: XmlElement }>((tie) => ({
      node: fc
        .record({ name, ns, attrs, children: fc.array(fc.oneof({ maxDepth: 4 }, text, tie("node")), { maxLength: 4 }) })
        .map((parts): XmlElement => ({ ...parts, attrs: recordOf(parts.attrs), children: joinTexts(parts.children) })),
    }));
    fc.assert(
      fc.property(node, ns, (built, around) => {
        const inside = parseDocument(`<o xmlns="${escapeAttribute(around)}">${writeElement(built, around)}</o>`);
        expect(inside.children).toEqual([built]);
        expect(parseDocument(writeElement(built))).toEqual(built);
      }),
      { numRuns: 300 },
    );
  });
});

function recordOf(entries: readonly [string, string][]): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}

/** Adjacent texts as one child, which is how a tree has them. */
function joinTexts(children: readonly XmlNode[]): XmlNode[] {
  const joined: XmlNode[] = [];
  for (const child of children) {
    const last = joined[joined.length - 1];
    if (typeof child === "string" && typeof last === "string") joined[joined.length - 1] = last + child;
    else joined.push(child);
  }
  return joined;
}
