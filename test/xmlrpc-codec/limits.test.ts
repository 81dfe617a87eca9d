// Every limit of the codec, at it and one past it; and __proto__.

import { describe, expect, it } from "vitest";
import { type ExactValue, naturalOf, type Shape } from "../../src/values/index.js";
import { parseDocument } from "../../src/xml/index.js";
import { createCodec, DEFAULT_CODEC_LIMITS } from "../../src/xmlrpc-codec/index.js";
import { callOf, decodeOne, decodeResult, outcomeOf, parse } from "./support.js";

const codec = createCodec();
const DEEP = "arrays and structs nested more than 64 deep (maxValueDepth)";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function nestedShape(depth: number): Shape {
  let shape: Shape = { kind: "int" };
  for (let level = 0; level < depth; level++) {
    shape = level % 2 === 0 ? { kind: "array", items: shape } : { kind: "struct", members: { a: shape } };
  }
  return shape;
}

function nestedExact(depth: number): ExactValue {
  let value: ExactValue = { type: "int", value: 1 };
  for (let level = 0; level < depth; level++) {
    value = level % 2 === 0 ? { type: "array", value: [value] } : { type: "struct", value: { a: value } };
  }
  return value;
}

function nestedText(depth: number): string {
  let text = "<value><int>1</int></value>";
  for (let level = 0; level < depth; level++) {
    text =
      level % 2 === 0
        ? `<value><array><data>${text}</data></array></value>`
        : `<value><struct><member><name>a</name>${text}</member></struct></value>`;
  }
  return text;
}

const arrayText = (items: number): string => `<value><array><data>${"<value/>".repeat(items)}</data></array></value>`;

const structText = (members: number): string => {
  const list = Array.from({ length: members }, (_, index) => `<member><name>m${index}</name><value/></member>`);
  return `<value><struct>${list.join("")}</struct></value>`;
};

const callText = (params: number): string =>
  `<methodCall><methodName>a</methodName><params>${"<param><value/></param>".repeat(params)}</params></methodCall>`;

describe("maxValueDepth", () => {
  it("is 64 in both directions, however the value is declared", () => {
    const wide = { maxDepth: 1_000, maxStanzaBytes: 1_000_000 };
    const decode = (depth: number): unknown =>
      outcomeOf(() => {
        const text = `<methodResponse><params><param>${nestedText(depth)}</param></params></methodResponse>`;
        return codec.decodeMethodResponse(parseDocument(text, wide)).kind;
      });
    expect(decode(64)).toBe("value");
    expect(decode(65)).toMatch(new RegExp(`^-32602 result(\\.a|\\[0\\]){64}: ${DEEP.replace(/[()]/g, "\\$&")}$`));
    const text = codec.encodeMethodResponse(nested(64));
    expect(codec.encodeMethodResponse(nested(64), nestedShape(64))).toBe(text);
    expect(codec.encodeMethodResponse(nestedExact(64), { kind: "exact" })).toBe(text);
    expect(naturalOf(decodeResult(codec, text))).toEqual(nested(64));
    for (const [value, shape] of [
      [nested(65), undefined],
      [nested(65), nestedShape(65)],
      [nested(65), { kind: "array", items: { kind: "any" } }],
      [nestedExact(65), { kind: "exact" }],
    ] satisfies [unknown, Shape | undefined][]) {
      expect(outcomeOf(() => codec.encodeMethodResponse(value, shape))).toContain(DEEP);
    }
  });

  it("ends very deep values before the stack does", () => {
    expect(outcomeOf(() => codec.encodeMethodResponse(nested(100_000)))).toContain(DEEP);
    expect(outcomeOf(() => codec.encodeMethodResponse(nestedExact(100_000), { kind: "exact" }))).toContain(DEEP);
  });

  it("can be set", () => {
    const shallow = createCodec({ limits: { maxValueDepth: 1 } });
    expect(outcomeOf(() => shallow.encodeMethodResponse([1]))).toContain("<int>");
    expect(outcomeOf(() => shallow.encodeMethodResponse([[]]))).toContain("nested more than 1 deep");
    expect(outcomeOf(() => decodeOne(shallow, nestedText(1)))).toMatchObject({ type: "array" });
    expect(outcomeOf(() => decodeOne(shallow, nestedText(2)))).toContain("nested more than 1 deep");
  });

  it("counts structs as it counts arrays", () => {
    const shallow = createCodec({ limits: { maxValueDepth: 1 } });
    const inner = "<value><struct><member><name>a</name><value/></member></struct></value>";
    expect(outcomeOf(() => decodeOne(shallow, inner))).toMatchObject({ type: "struct" });
    const outer = inner.replace("<value/>", inner);
    expect(outcomeOf(() => decodeOne(shallow, outer))).toContain(
      "params[0].a: arrays and structs nested more than 1 deep",
    );
    const empty: Shape = { kind: "struct", members: {} };
    const shapes: readonly Shape[] = [
      { kind: "any" },
      { kind: "record", values: { kind: "record", values: { kind: "any" } } },
      { kind: "struct", members: { a: empty } },
      { kind: "record", values: { kind: "any" } },
    ];
    for (const shape of shapes) {
      const refused = "-32603 result.a: arrays and structs nested more than 1 deep (maxValueDepth)";
      expect(outcomeOf(() => shallow.encodeMethodResponse({ a: {} }, shape))).toBe(refused);
      expect(outcomeOf(() => shallow.encodeMethodResponse({}, { kind: "record", values: shape }))).toContain(
        "<struct></struct>",
      );
    }
  });
});

describe("maxValues, maxMembers, maxParams", () => {
  const small = createCodec({ limits: { maxValues: 4, maxMembers: 2, maxParams: 3 } });

  it("counts every value of a call", () => {
    expect(outcomeOf(() => decodeOne(small, arrayText(3)))).toMatchObject({ type: "array" });
    expect(outcomeOf(() => decodeOne(small, arrayText(4)))).toBe(
      "-32602 params[0][3]: more than 4 values in all (maxValues)",
    );
    const spread = `<methodCall><methodName>a</methodName><params><param>${arrayText(2)}</param><param>${arrayText(2)}</param></params></methodCall>`;
    expect(outcomeOf(() => small.decodeMethodCall(parse(spread)))).toBe(
      "-32602 params[1][0]: more than 4 values in all (maxValues)",
    );
  });

  it("counts the members of a struct", () => {
    expect(outcomeOf(() => decodeOne(small, structText(2)))).toMatchObject({ type: "struct" });
    expect(outcomeOf(() => decodeOne(small, structText(3)))).toBe(
      "-32602 params[0]: struct of more than 2 members (maxMembers)",
    );
  });

  it("counts parameters", () => {
    expect(outcomeOf(() => small.decodeMethodCall(parse(callText(3))).params.length)).toBe(3);
    expect(outcomeOf(() => small.decodeMethodCall(parse(callText(4))).params.length)).toBe(
      "-32600 more than 3 <param>",
    );
  });
});

describe("maxSentBytes", () => {
  const frame = Buffer.byteLength(codec.encodeMethodResponse(""));

  it.each([
    ["ASCII", "x", 1],
    ["three bytes a character", "€", 3],
    ["escaped", "&", 5],
  ])("counts the bytes of a result: %s", (_name, character, bytes) => {
    const limited = createCodec({ limits: { maxSentBytes: frame + 10 * bytes } });
    expect(Buffer.byteLength(limited.encodeMethodResponse(character.repeat(10)))).toBe(frame + 10 * bytes);
    expect(outcomeOf(() => limited.encodeMethodResponse(`${character.repeat(10)}x`))).toBe(
      `-32300 the encoded result has ${frame + 10 * bytes + 1} bytes, the limit is ${frame + 10 * bytes} (maxSentBytes)`,
    );
  });

  it("is 200,000 by default, for calls too", () => {
    expect(DEFAULT_CODEC_LIMITS.maxSentBytes).toBe(200_000);
    const room = 200_000 - Buffer.byteLength(codec.encodeMethodCall("a", [""]));
    expect(codec.encodeMethodCall("a", ["x".repeat(room)])).toHaveLength(200_000);
    expect(outcomeOf(() => codec.encodeMethodCall("a", ["x".repeat(room + 1)]))).toBe(
      "-32300 the encoded call has 200001 bytes, the limit is 200000 (maxSentBytes)",
    );
  });

  it.each(["x", "&", "\r", "€", "😀", "\u0000"])("cuts the text of a fault: %o", (character) => {
    const limited = createCodec({ limits: { maxSentBytes: 1_000 } });
    const text = limited.encodeFault(1, character.repeat(5_000));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
    const fault = limited.decodeMethodResponse(parse(text));
    expect(fault.kind === "fault" && fault.string.length).toBeGreaterThan(100);
  });

  it("does not hold for what is read: free@home answers with all its devices in one string", () => {
    const devices = JSON.stringify(
      Array.from({ length: 20_000 }, (_, id) => ({ id, name: `<Schalter & Dimmer ${id}>` })),
    );
    const text = createCodec({ limits: { maxSentBytes: 10_000_000 } }).encodeMethodResponse(devices);
    expect(text.length).toBeGreaterThan(1_000_000);
    const response = codec.decodeMethodResponse(parseDocument(text, { maxStanzaBytes: 10_000_000 }));
    expect(response.kind === "value" && response.value.value === devices).toBe(true);
  });
});

describe("member names of Object.prototype", () => {
  it("are own properties, and change nothing else", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
    const members = names.map(
      (name) =>
        `<member><name>${name}</name><value><struct><member><name>polluted</name><value>1</value></member></struct></value></member>`,
    );
    const [value] = codec.decodeMethodCall(callOf(`<value><struct>${members.join("")}</struct></value>`)).params;
    const natural = value === undefined ? undefined : naturalOf(value);
    expect(Object.keys(natural ?? {})).toEqual(names);
    expect(Object.getPrototypeOf(natural)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
    expect((natural as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
