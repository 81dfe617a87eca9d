// Every file of test/fixtures/xmlrpc in both readings; index.json says what each means.

import { describe, expect, it } from "vitest";
import { exactFromJson, jsonOfExact, jsonOfValue } from "../../src/values/index.js";
import { findChild, type XmlElement } from "../../src/xml/index.js";
import { type Codec, CodecError, createCodec } from "../../src/xmlrpc-codec/index.js";
import { fixture, parse } from "./support.js";

interface TypeCase {
  readonly lenient: object;
  readonly strict?: object;
  readonly natural?: string;
}

interface DocumentCase {
  readonly file: string;
  readonly peer: string;
  readonly kind: "call" | "response";
  readonly lenient: object;
  readonly strict?: object;
  readonly extensionsOff?: object;
}

interface FixtureIndex {
  readonly types: Readonly<Record<string, readonly TypeCase[]>>;
  readonly documents: readonly DocumentCase[];
}

// The file is ours; a wrong one fails the tests below.
const INDEX = JSON.parse(fixture("index.json")) as FixtureIndex;
const lenient = createCodec();
const strict = createCodec({ reading: "strict" });
const extensionsOff = createCodec({ extensions: "off" });

/** A call that has one `<param>` of a types file as its only parameter. */
function callWith(param: XmlElement): XmlElement {
  const name: XmlElement = { name: "methodName", ns: "", attrs: {}, children: ["a"] };
  const params: XmlElement = { name: "params", ns: "", attrs: {}, children: [param] };
  return { name: "methodCall", ns: "", attrs: {}, children: [name, params] };
}

function readParam(codec: Codec, param: XmlElement): object {
  try {
    const [value] = codec.decodeMethodCall(callWith(param)).params;
    return value === undefined ? {} : { exact: jsonOfExact(value) };
  } catch (error) {
    if (!CodecError.is(error)) throw error;
    expect(error.code).toBe(-32602);
    return { error: error.message.replace(/^params\[0\](?:: |\.|(?=\[))/, "") };
  }
}

function readDocument(codec: Codec, kind: "call" | "response", root: XmlElement): object {
  try {
    if (kind === "call") {
      const call = codec.decodeMethodCall(root);
      return { call: { methodName: call.methodName, params: call.params.map(jsonOfExact) } };
    }
    const response = codec.decodeMethodResponse(root);
    if (response.kind === "fault") return { fault: { code: response.code, string: response.string } };
    return { value: jsonOfExact(response.value) };
  } catch (error) {
    if (!CodecError.is(error)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

describe.each(Object.entries(INDEX.types))("types/%s.xml", (name, cases) => {
  const root = parse(fixture(`types/${name}.xml`));
  const params = root.children.filter((child): child is XmlElement => typeof child !== "string");

  it("has one expectation for each param", () => {
    expect(params.length).toBe(cases.length);
  });

  it.each(cases.map((expected, index) => ({ index, expected })))("param $index", ({ index, expected }) => {
    const param = params[index];
    if (param === undefined) throw new Error("param missing");
    expect(readParam(lenient, param)).toEqual(expected.lenient);
    expect(readParam(strict, param)).toEqual(expected.strict ?? expected.lenient);
    if (expected.natural !== undefined) {
      const [value] = lenient.decodeMethodCall(callWith(param)).params;
      expect(value === undefined ? undefined : jsonOfValue(value)).toBe(expected.natural);
    }
  });
});

describe.each(INDEX.documents)("$file ($peer)", (document) => {
  const root = parse(fixture(document.file));

  it("reads as the index says", () => {
    expect(readDocument(lenient, document.kind, root)).toEqual(document.lenient);
    expect(readDocument(strict, document.kind, root)).toEqual(document.strict ?? document.lenient);
    expect(readDocument(extensionsOff, document.kind, root)).toEqual(document.extensionsOff ?? document.lenient);
  });

  it("is written back to the same meaning", () => {
    const expected = readDocument(lenient, document.kind, root);
    if ("call" in expected && /^[\w.:/]+$/.test(lenient.decodeMethodCall(root).methodName)) {
      const { methodName, params } = lenient.decodeMethodCall(root);
      const text = lenient.encodeMethodCall(
        methodName,
        params,
        params.map(() => ({ kind: "exact" }) as const),
      );
      expect(readDocument(lenient, "call", parse(text))).toEqual(expected);
      expect(text).not.toMatch(/xmlns|>\s+</);
    }
    if ("value" in expected) {
      const text = lenient.encodeMethodResponse(exactFromJson(expected.value, { kind: "exact" }), { kind: "exact" });
      expect(readDocument(lenient, "response", parse(text))).toEqual(expected);
    }
  });
});

describe("a namespace of jabber:iq:rpc", () => {
  it("reads the same as none", () => {
    for (const document of INDEX.documents.filter(({ file }) => file.startsWith("structure/"))) {
      const text = fixture(document.file);
      if (text.includes("xmlns")) continue;
      const moved = parse(text.replace(/^<(\w+)/, "<$1 xmlns='jabber:iq:rpc'"));
      expect(readDocument(strict, document.kind, moved)).toEqual(document.strict ?? document.lenient);
    }
  });

  it("may be around the call", () => {
    const query = parse("<query xmlns='jabber:iq:rpc'><methodCall><methodName>a</methodName></methodCall></query>");
    const call = findChild(query, "methodCall");
    expect(call === undefined ? undefined : strict.decodeMethodCall(call).methodName).toBe("a");
  });
});
