// Tags and names that a parser has seen before mean the same the next time, whatever is around them.

import { describe, expect, it } from "vitest";
import { parseDocument, StreamParser, type XmlElement, XmlError } from "../../src/xml/index.js";
import { HEADER } from "./stream-runs.js";

function openParser(): StreamParser {
  const parser = new StreamParser();
  parser.write(Buffer.from(HEADER));
  expect(parser.next()?.kind).toBe("open");
  return parser;
}

function read(parser: StreamParser, stanza: string): XmlElement {
  parser.write(Buffer.from(stanza));
  const event = parser.next();
  if (event?.kind !== "stanza") throw new Error(`no stanza but ${event?.kind}`);
  return event.element;
}

describe("a tag seen before", () => {
  it("has the namespace that is around it now", () => {
    const parser = openParser();
    for (const ns of ["urn:a", "urn:b", "urn:a"]) {
      const [child] = read(parser, `<x xmlns='${ns}'><y><z/></y></x>`).children;
      expect(child).toEqual({ name: "y", ns, attrs: {}, children: [{ name: "z", ns, attrs: {}, children: [] }] });
    }
  });

  it("has the namespace that its prefix means now, and none where it means nothing", () => {
    const parser = openParser();
    for (const ns of ["urn:a", "urn:b"]) {
      expect(read(parser, `<x xmlns:p='${ns}'><p:y/></x>`).children).toEqual([
        { name: "y", ns, attrs: {}, children: [] },
      ]);
    }
    expect(() => read(parser, "<x><p:y/></x>")).toThrow(XmlError);
  });

  it("is another tag with a slash, with a space, and with an attribute that holds its end", () => {
    const parser = openParser();
    const stanza = "<x><m>1</m><m/><m >2</m ><m a='>'>3</m><m a='m>'/><mm/><m>4</m></x>";
    const once = read(parser, stanza);
    expect(read(parser, stanza)).toEqual(once);
    expect(
      once.children.map((child) => (typeof child === "string" ? child : [child.name, child.attrs, child.children])),
    ).toEqual([
      ["m", {}, ["1"]],
      ["m", {}, []],
      ["m", {}, ["2"]],
      ["m", { a: ">" }, ["3"]],
      ["m", { a: "m>" }, []],
      ["mm", {}, []],
      ["m", {}, ["4"]],
    ]);
  });

  it("is refused under limits that refuse it", () => {
    for (const [stanza, limits] of [
      ["<name/>", { maxNameBytes: 3 }],
      ["<x xmlns='urn:a'/>", { maxAttributes: 0 }],
    ] as const) {
      const parser = openParser();
      read(parser, stanza);
      parser.setLimits(limits);
      expect(() => read(parser, stanza)).toThrow(expect.objectContaining({ condition: "policy-violation" }));
    }
  });

  it("is cut anywhere", () => {
    const parser = openParser();
    const stanza = "<x xmlns='urn:a'><yy><z/></yy></x>";
    const whole = read(parser, stanza);
    for (let cut = 1; cut < stanza.length; cut++) {
      parser.write(Buffer.from(stanza.slice(0, cut)));
      expect(parser.next()).toBeUndefined();
      expect(read(parser, stanza.slice(cut))).toEqual(whole);
    }
  });

  it("is itself among more names than are remembered", () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `n${(index * 7_919) % 1_000}`);
    const document = parseDocument(`<a>${names.map((name) => `<${name}>${name}</${name}>`).join("")}</a>`);
    expect(document.children).toEqual(names.map((name) => ({ name, ns: "", attrs: {}, children: [name] })));
  });

  it("keeps its second default namespace out", () => {
    for (const tag of ["<x xmlns='urn:a' xmlns='urn:a'/>", "<x xmlns='' xmlns=''/>"]) {
      expect(() => parseDocument(tag)).toThrow(expect.objectContaining({ condition: "not-well-formed" }));
    }
  });
});
