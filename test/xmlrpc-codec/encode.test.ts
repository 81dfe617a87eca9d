// What is written, to the byte: calls, results, faults, declared and undeclared; and everything that is refused.

import { describe, expect, it } from "vitest";
import { type Shape, withShape } from "../../src/values/index.js";
import { CodecError, createCodec } from "../../src/xmlrpc-codec/index.js";
import { outcomeOf, parse } from "./support.js";

const codec = createCodec();
const int: Shape = { kind: "int" };
const optionalInt: Shape = { kind: "optional", inner: int };

function written(value: unknown, shape?: Shape): string {
  const outcome = outcomeOf(() => codec.encodeMethodResponse(value, shape));
  return outcome
    .replace("<methodResponse><params><param><value>", "")
    .replace("</value></param></params></methodResponse>", "");
}

describe("undeclared values", () => {
  it.each([
    [0, "<int>0</int>"],
    [-0, "<double>-0.0</double>"],
    [-2147483648, "<int>-2147483648</int>"],
    [2147483647, "<int>2147483647</int>"],
    [2147483648, "<double>2147483648.0</double>"],
    [2 ** 40, "<double>1099511627776.0</double>"],
    [1.5, "<double>1.5</double>"],
    [1e21, "<double>1000000000000000000000.0</double>"],
    [-1.25e22, "<double>-12500000000000000000000.0</double>"],
    [1e-7, "<double>0.0000001</double>"],
    [-1.5e-7, "<double>-0.00000015</double>"],
    [5e-324, `<double>0.${"0".repeat(323)}5</double>`],
    [9007199254740993n, "<i8>9007199254740993</i8>"],
    [-(2n ** 63n), "<i8>-9223372036854775808</i8>"],
    [true, "<boolean>1</boolean>"],
    [false, "<boolean>0</boolean>"],
    [null, "<nil/>"],
    ["", "<string></string>"],
    [" a<b>&]]>\r\n\t😀 ", "<string> a&lt;b&gt;&amp;]]&gt;&#xD;\n\t😀 </string>"],
    [new Date(Date.UTC(1998, 6, 17, 14, 8, 55, 999)), "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"],
    [new Date("0000-01-01T00:00:00Z"), "<dateTime.iso8601>00000101T00:00:00</dateTime.iso8601>"],
    [new Uint8Array([0, 1, 2]), "<base64>AAEC</base64>"],
    [Buffer.from([255]), "<base64>/w==</base64>"],
    [new Uint8Array(), "<base64></base64>"],
    [[], "<array><data></data></array>"],
    [
      [1, ["a"]],
      "<array><data><value><int>1</int></value><value><array><data><value><string>a</string></value></data></array></value></data></array>",
    ],
    [{}, "<struct></struct>"],
    [{ "a&b": 1 }, "<struct><member><name>a&amp;b</name><value><int>1</int></value></member></struct>"],
    [
      Object.assign(Object.create(null) as object, { a: 1 }),
      "<struct><member><name>a</name><value><int>1</int></value></member></struct>",
    ],
    [
      JSON.parse('{"__proto__": 1}'),
      "<struct><member><name>__proto__</name><value><int>1</int></value></member></struct>",
    ],
    [
      { constructor: "c" },
      "<struct><member><name>constructor</name><value><string>c</string></value></member></struct>",
    ],
  ])("%o", (value, text) => {
    expect(written(value)).toBe(text);
  });
});

const struct = (members: Readonly<Record<string, Shape>>): Shape => ({ kind: "struct", members });

describe("declared values", () => {
  it.each<readonly [Shape, unknown, string]>([
    [int, -0, "<int>0</int>"],
    [{ kind: "double" }, 3, "<double>3.0</double>"],
    [{ kind: "double" }, -0, "<double>-0.0</double>"],
    [{ kind: "number" }, 3, "<int>3</int>"],
    [{ kind: "number" }, 3.5, "<double>3.5</double>"],
    [{ kind: "long" }, 3n, "<i8>3</i8>"],
    [{ kind: "long" }, 3, "<i8>3</i8>"],
    [{ kind: "nil" }, null, "<nil/>"],
    [{ kind: "nullable", inner: int }, null, "<nil/>"],
    [{ kind: "nullable", inner: int }, 1, "<int>1</int>"],
    [{ kind: "enumeration", values: ["a<", "b"] }, "a<", "<string>a&lt;</string>"],
    [{ kind: "named", name: "Id", inner: int }, 1, "<int>1</int>"],
    [
      { kind: "array", items: { kind: "double" } },
      [1],
      "<array><data><value><double>1.0</double></value></data></array>",
    ],
    [
      { kind: "record", values: { kind: "double" } },
      { a: 1 },
      "<struct><member><name>a</name><value><double>1.0</double></value></member></struct>",
    ],
    [
      struct({ a: int, b: { kind: "optional", inner: int } }),
      { a: 1, b: undefined, c: 9 },
      "<struct><member><name>a</name><value><int>1</int></value></member></struct>",
    ],
    [struct({ constructor: optionalInt }), {}, "<struct></struct>"],
    [
      struct({ n: int }),
      new (class {
        readonly n = 1;
      })(),
      "<struct><member><name>n</name><value><int>1</int></value></member></struct>",
    ],
    [{ kind: "exact" }, { type: "double", value: 3 }, "<double>3.0</double>"],
    [{ kind: "exact" }, { type: "i1", value: -1 }, "<i1>-1</i1>"],
    [
      { kind: "exact" },
      { type: "dateTime.iso8601", value: new Date(0), text: "1970-01-01T01:00:00+01:00" },
      "<dateTime.iso8601>1970-01-01T01:00:00+01:00</dateTime.iso8601>",
    ],
    [
      { kind: "exact" },
      { type: "struct", value: { a: { type: "array", value: [] } } },
      "<struct><member><name>a</name><value><array><data></data></array></value></member></struct>",
    ],
    [
      { kind: "any" },
      [withShape(3, { kind: "double" })],
      "<array><data><value><double>3.0</double></value></data></array>",
    ],
    [
      { kind: "any" },
      withShape({ a: 1 }, struct({ a: { kind: "long" } })),
      "<struct><member><name>a</name><value><i8>1</i8></value></member></struct>",
    ],
  ])("%o %o", (shape, value, text) => {
    expect(written(value, shape)).toBe(text);
  });
});

describe("structs of required and optional members", () => {
  const names = ["a", "b", "c", "d"];

  it("are written whole, whichever are optional and whichever are there", () => {
    for (let bits = 0; bits < 256; bits++) {
      const isOptional = (index: number): boolean => (bits & (1 << index)) !== 0;
      const isThere = (index: number): boolean => !isOptional(index) || (bits & (16 << index)) !== 0;
      const shape = struct(
        Object.fromEntries(names.map((name, index) => [name, isOptional(index) ? optionalInt : int])),
      );
      const there = names.filter((_name, index) => isThere(index));
      const value = Object.fromEntries(there.map((name, index) => [name, index]));
      const members = there.map(
        (name, index) => `<member><name>${name}</name><value><int>${index}</int></value></member>`,
      );
      expect(written(value, shape)).toBe(`<struct>${members.join("")}</struct>`);
    }
  });
});

describe("a method without result", () => {
  it("answers an empty string, or nil by option", () => {
    expect(written(undefined)).toBe("<string></string>");
    expect(written(undefined, { kind: "any" })).toBe("<string></string>");
    expect(written(undefined, { kind: "nil" })).toBe("<string></string>");
    expect(createCodec({ void: "nil" }).encodeMethodResponse(undefined)).toContain("<value><nil/></value>");
    expect(written(null)).toBe("<nil/>");
  });

  it("raises where something else was declared", () => {
    expect(written(undefined, int)).toBe("-32603 result: int expected, got undefined");
  });
});

class Point {
  readonly x = 1;
}

function cycle(): object {
  const a: Record<string, unknown> = {};
  a.b = [a];
  return a;
}

const throwing = {
  get a(): never {
    throw new Error("secret");
  },
};

describe("poison", () => {
  it.each<[unknown, string]>([
    [{ a: undefined }, "result.a: undefined cannot be sent"],
    [[1, undefined], "result[1]: undefined cannot be sent"],
    [Object.assign([], { length: 2 }), "result[0]: undefined cannot be sent"],
    [{ lines: [0, 1, 2, { qty: Number.NaN }] }, "result.lines[3].qty: double expected, got NaN"],
    [Number.POSITIVE_INFINITY, "result: double expected, got Infinity"],
    [2n ** 63n, "result: long expected, got a bigint beyond 64 bits"],
    [() => 1, "result: function cannot be sent"],
    [[Symbol("s")], "result[0]: symbol cannot be sent"],
    [new Map([["a", 1]]), "result: Map cannot be sent"],
    [{ a: new Set() }, "result.a: Set cannot be sent"],
    [new Uint16Array(1), "result: Uint16Array cannot be sent"],
    [new ArrayBuffer(1), "result: ArrayBuffer cannot be sent"],
    [new Point(), "result: Point cannot be sent"],
    [Promise.resolve(1), "result: Promise cannot be sent"],
    [new Error("e"), "result: Error cannot be sent"],
    [/x/, "result: RegExp cannot be sent"],
    [Object(1), "result: Number cannot be sent"],
    [{ "a b": new Date(Number.NaN) }, 'result["a b"]: dateTime expected, got an invalid Date'],
    [new Date(Date.UTC(10_000, 0)), "result: dateTime expected, got a Date outside the years 0 to 9999"],
    [new Date(-1e14), "result: dateTime expected, got a Date outside the years 0 to 9999"],
    [cycle(), "result.b[0]: the value contains itself"],
    [{ a: "x\u0001" }, "result.a: U+0001 at index 1 cannot be sent in XML"],
    ["\ud800", "result: U+D800 at index 0 cannot be sent in XML"],
    ["\uffff", "result: U+FFFF at index 0 cannot be sent in XML"],
    [{ "\u0000": 1 }, 'result["\\u0000"]: U+0000 at index 0 cannot be sent in XML'],
  ])("%o", (value, message) => {
    expect(written(value)).toBe(`-32603 ${message}`);
  });

  it("keeps what an accessor threw for the log", () => {
    expect(written(throwing)).toBe("-32603 result: reading the value failed");
    try {
      codec.encodeMethodResponse(throwing);
      expect.unreachable();
    } catch (error) {
      expect(CodecError.is(error) && error.cause instanceof Error && error.cause.message).toBe("secret");
    }
  });

  it.each<readonly [Shape, unknown, string]>([
    [int, 2147483648, "result: int expected, got a number beyond 32 bits"],
    [int, 1.5, "result: int expected, got a number with a fraction"],
    [int, "1", "result: int expected, got string"],
    [int, 1n, "result: int expected, got bigint"],
    [int, null, "result: int expected, got null"],
    [{ kind: "long" }, 2 ** 53, "result: long expected, got a number that is not a safe integer"],
    [{ kind: "double" }, 1n, "result: double expected, got bigint"],
    [{ kind: "number" }, Number.NaN, "result: double expected, got NaN"],
    [{ kind: "boolean" }, 1, "result: boolean expected, got number"],
    [{ kind: "string" }, 1, "result: string expected, got number"],
    [{ kind: "dateTime" }, "2026", "result: dateTime expected, got string"],
    [{ kind: "base64" }, "AAEC", "result: base64 expected, got string"],
    [{ kind: "nil" }, 0, "result: nil expected, got number"],
    [{ kind: "array", items: int }, [1, "2"], "result[1]: int expected, got string"],
    [{ kind: "array", items: int }, { length: 1 }, "result: array expected, got object"],
    [{ kind: "array", items: int }, Object.assign([], { length: 1 }), "result[0]: int expected, got undefined"],
    [{ kind: "record", values: int }, { a: "1" }, "result.a: int expected, got string"],
    [{ kind: "record", values: int }, new Map(), "result: struct expected, got Map"],
    [struct({ a: struct({ b: int }) }), { a: { b: "1" } }, "result.a.b: int expected, got string"],
    [struct({ a: int }), {}, 'result: member "a" is missing'],
    [struct({ toString: int }), {}, 'result: member "toString" is missing'],
    [struct({}), [], "result: struct expected, got array"],
    [struct({}), new Date(0), "result: struct expected, got Date"],
    [{ kind: "enumeration", values: ["a", "b"] }, "c", 'result: one of "a", "b" expected, got another string'],
    [{ kind: "exact" }, 1, "result: exact value expected, got number"],
    [
      { kind: "exact" },
      { type: "toString", value: 1 },
      'result: exact value expected, got the unknown type "toString"',
    ],
    [{ kind: "exact" }, { type: "int", value: 2 ** 31 }, "result: int expected, got a number beyond 32 bits"],
    [{ kind: "exact" }, { type: "i1", value: 128 }, "result: i1 expected, got number"],
    [{ kind: "exact" }, { type: "i8", value: 1 }, "result: i8 expected, got number"],
    [
      { kind: "exact" },
      { type: "array", value: [{ type: "int", value: "<int>" }] },
      "result[0]: int expected, got string",
    ],
    [
      { kind: "exact" },
      { type: "struct", value: { a: { type: "double", value: Number.NaN } } },
      "result.a: double expected, got NaN",
    ],
    [
      { kind: "exact" },
      { type: "dateTime.iso8601", value: new Date(0), text: "</dateTime.iso8601><int>1</int>" },
      "result: dateTime expected, got text of another shape",
    ],
    [{ kind: "any" }, [withShape("3", int)], "result[0]: int expected, got string"],
  ])("%o %o", (shape, value, message) => {
    expect(written(value, shape)).toBe(`-32603 ${message}`);
  });
});

const sentCount = (params: readonly unknown[]): string | number => {
  const text = outcomeOf(() => codec.encodeMethodCall("a", params, [int, optionalInt, optionalInt]));
  return text.startsWith("<") ? text.split("<param>").length - 1 : text;
};

describe("encodeMethodCall", () => {
  it("writes parameters by shape or by the rules", () => {
    expect(codec.encodeMethodCall("a.b", [])).toBe(
      "<methodCall><methodName>a.b</methodName><params></params></methodCall>",
    );
    expect(codec.encodeMethodCall("a", [3, 3], [{ kind: "double" }, int])).toBe(
      "<methodCall><methodName>a</methodName><params><param><value><double>3.0</double></value></param><param><value><int>3</int></value></param></params></methodCall>",
    );
  });

  it("leaves optional parameters at the end out, and no others", () => {
    expect(sentCount([1])).toBe(1);
    expect(sentCount([1, undefined, undefined])).toBe(1);
    expect(sentCount([1, 2])).toBe(2);
    expect(sentCount([1, undefined, 3])).toBe("-32603 params[1]: int expected, got undefined");
    expect(sentCount([])).toBe("-32603 params[0]: int expected, got undefined");
    expect(sentCount([1, 2, 3, 4])).toBe("-32603 params: at most 3 expected, got 4");
  });

  it("says which parameter cannot be sent", () => {
    expect(outcomeOf(() => codec.encodeMethodCall("a", [0, { qty: undefined }]))).toBe(
      "-32603 params[1].qty: undefined cannot be sent",
    );
  });

  it.each(["", "a b", "a-b", "é", "a\n", "a<b"])("refuses the name %o", (name) => {
    expect(outcomeOf(() => codec.encodeMethodCall(name, []))).toBe(
      "-32603 methodName: one or more of A-Z a-z 0-9 _ . : / expected",
    );
  });
});

describe("encodeFault", () => {
  it("writes exactly faultCode and faultString", () => {
    expect(codec.encodeFault(4, "too <many>")).toBe(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member><member><name>faultString</name><value><string>too &lt;many&gt;</string></value></member></struct></value></fault></methodResponse>",
    );
  });

  it("replaces what XML cannot carry", () => {
    const read = codec.decodeMethodResponse(parse(codec.encodeFault(-32500, "a\u0000b\ud800c\uffff😀\r")));
    expect(read).toEqual({ kind: "fault", code: -32500, string: "a\ufffdb\ufffdc\ufffd😀\r" });
  });

  it("refuses a code that is not an int", () => {
    expect(outcomeOf(() => codec.encodeFault(2 ** 31, ""))).toBe(
      "-32603 faultCode: int expected, got a number beyond 32 bits",
    );
    expect(outcomeOf(() => codec.encodeFault(1.5, ""))).toBe(
      "-32603 faultCode: int expected, got a number with a fraction",
    );
  });
});
