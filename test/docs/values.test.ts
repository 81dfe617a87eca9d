// The tables of docs/values.md and docs/calling.md, row by row, against the codec.
import { describe, expect, it } from "vitest";
import { type ExactValue, exactFromJson, jsonOfExact, jsonOfValue, naturalOf } from "../../src/values/index.js";
import { parseDocument } from "../../src/xml/index.js";
import { createCodec } from "../../src/xmlrpc-codec/index.js";
import { pageOf, readPages, tableUnder } from "./pages.js";

const pages = readPages();
const values = pageOf(pages, "docs/values.md");
const calling = pageOf(pages, "docs/calling.md");
const codec = createCodec();

/** The wire type of a value that nothing declares. */
function wireOf(value: unknown): string {
  const [, type = "none"] = /<value><([\w.]+)/.exec(codec.encodeMethodResponse(value)) ?? [];
  return type;
}

/** A response with one value. */
function response(content: string): string {
  return `<methodResponse xmlns='jabber:iq:rpc'><params><param><value>${content}</value></param></params></methodResponse>`;
}

function read(xml: string, reading: "strict" | "lenient"): string {
  try {
    const answer = createCodec({ reading }).decodeMethodResponse(parseDocument(xml));
    return answer.kind === "fault" ? `fault ${answer.code}` : answer.value.type;
  } catch {
    return "refused";
  }
}

describe("JavaScript to wire, undeclared", () => {
  const samples: Readonly<Record<string, readonly unknown[]>> = {
    "whole number of 32 bits, but not -0": [0, -5, 2147483647, -2147483648],
    "any other finite number": [-0, 0.5, 2147483648, 1e21],
    "bigint of 64 bits": [1n, -(2n ** 63n)],
    boolean: [true],
    string: ["", "a"],
    "Date of the years 0 to 9999": [new Date(0)],
    "Uint8Array, Buffer": [new Uint8Array(2), Buffer.from("a")],
    null: [null],
    array: [[], [1]],
    "plain object": [{}, { a: 1 }, Object.create(null)],
  };

  it.each(tableUnder(values, "JavaScript to wire, undeclared"))("%s", (javascript = "", wire = "") => {
    expect(samples[javascript], `a sample of ${javascript}`).toBeDefined();
    for (const sample of samples[javascript] ?? []) expect(wireOf(sample)).toBe(wire.split(" ")[0]);
  });

  const refused: readonly unknown[] = [
    Number.NaN,
    Infinity,
    2n ** 63n,
    new Date(Number.NaN),
    () => 1,
    Symbol("a"),
    [undefined],
  ];
  it.each(
    [...refused, new Map(), new Set(), new Float32Array(1), new URL("a:b"), "\u0001", "\ufffe", "\ud800"].map(
      (value) => [value],
    ),
  )("refuses %s", (value) => {
    expect(() => codec.encodeMethodResponse(value)).toThrow("result");
  });
});

describe("wire to JavaScript, undeclared", () => {
  const samples: Readonly<Record<string, readonly [string, string]>> = {
    "int, i4, i2, i1": ["<i4>6</i4>", "number"],
    i8: ["<i8>6</i8>", "bigint, also where a number would do"],
    double: ["<double>6.0</double>", "number"],
    boolean: ["<boolean>1</boolean>", "boolean"],
    "string, value without a type": [" a ", "string, white space kept"],
    "dateTime.iso8601": ["<dateTime.iso8601>20261122T10:00:00</dateTime.iso8601>", "Date"],
    base64: ["<base64>AAEC</base64>", "Uint8Array"],
    nil: ["<nil/>", "null"],
    array: ["<array><data/></array>", "array"],
    struct: ["<struct/>", "plain object"],
  };

  it.each(tableUnder(values, "Wire to JavaScript, undeclared"))("%s", (wire = "", javascript = "") => {
    const [content, kind] = samples[wire] ?? ["", "no sample"];
    expect(javascript.startsWith(kind)).toBe(true);
    const answer = codec.decodeMethodResponse(parseDocument(response(content)));
    if (answer.kind === "fault") throw new Error("a fault");
    expect(kindOf(naturalOf(answer.value))).toBe(kind.split(",")[0]);
  });
});

describe("what is read from other software", () => {
  const date = "<dateTime.iso8601>2026-11-22T10:00:00Z</dateTime.iso8601>";
  const faultOf = (code: string, more = "") =>
    `<methodResponse xmlns='jabber:iq:rpc'><fault><value><struct><member><name>faultCode</name><value>${code}</value></member>` +
    `<member><name>faultString</name><value>x</value></member>${more}</struct></value></fault></methodResponse>`;
  const samples: Readonly<Record<string, readonly [xml: string, lenient: string]>> = {
    "white space between elements": [response("\n <int>1</int>\n"), "int"],
    "`<Base64>`": [response("<Base64>AAEC</Base64>"), "base64"],
    "`true`, `false` in `<boolean>`": [response("<boolean>true</boolean>"), "boolean"],
    "`1e+20` in `<double>`": [response("<double>1e+20</double>"), "double"],
    "dateTime with dashes, without colons, with fraction or zone": [response(date), "dateTime.iso8601"],
    "children in no namespace": [response("<int xmlns=''>1</int>"), "int"],
    "`<value>` before `<name>` in a member": [
      response("<struct><member><value>1</value><name>a</name></member></struct>"),
      "struct",
    ],
    "`<params/>` in a response": ["<methodResponse xmlns='jabber:iq:rpc'><params/></methodResponse>", "nil"],
    "`<methodResponse/>`": ["<methodResponse xmlns='jabber:iq:rpc'/>", "nil"],
    "faultCode as a string that is an int": [faultOf("<string>4</string>"), "fault 4"],
    "further members in a fault": [
      faultOf("<int>4</int>", "<member><name>trace</name><value>x</value></member>"),
      "fault 4",
    ],
  };
  const rows = tableUnder(values, "What is read from other software");
  const name = "`<methodName>` with other characters";

  it("has a sample for each row", () => {
    expect(rows.map(([wire = ""]) => wire).sort()).toEqual([...Object.keys(samples), name].sort());
  });

  it.each(rows.filter(([wire]) => wire !== name))("%s", (wire = "", _seen, strict) => {
    const [xml, lenient] = samples[wire] ?? ["", "no sample"];
    expect(read(xml, "lenient")).toBe(lenient);
    expect(read(xml, "strict")).toBe(strict === "refused" ? "refused" : lenient);
  });

  it(name, () => {
    const call = parseDocument("<methodCall xmlns='jabber:iq:rpc'><methodName>a-b</methodName></methodCall>");
    expect(createCodec({ reading: "lenient" }).decodeMethodCall(call).methodName).toBe("a-b");
    expect(() => createCodec({ reading: "strict" }).decodeMethodCall(call)).toThrow();
  });
});

describe("JSON", () => {
  const samples: Readonly<Record<string, readonly ExactValue[]>> = {
    "int, double": [
      { type: "int", value: 3 },
      { type: "double", value: 3 },
    ],
    i8: [{ type: "i8", value: 7n }],
    "dateTime.iso8601": [{ type: "dateTime.iso8601", value: new Date("2026-11-22T10:00:00Z") }],
    base64: [{ type: "base64", value: new Uint8Array([0, 1, 2]) }],
    nil: [{ type: "nil", value: null }],
    array: [{ type: "array", value: [{ type: "int", value: 3 }] }],
    struct: [{ type: "struct", value: { a: { type: "int", value: 3 } } }],
  };

  it.each(tableUnder(values, "JSON"))("%s", (wire = "", json = "", exact = "") => {
    const all = samples[wire] ?? [];
    expect(all.length).toBeGreaterThan(0);
    for (const value of all) expect(json).toContain(`\`${JSON.stringify(jsonOfValue(value))}\``);
    expect(exact).toBe(all.map((value) => `\`${JSON.stringify(jsonOfExact(value))}\``).join(", "));
    for (const value of all)
      expect(jsonOfExact(exactFromJson(jsonOfExact(value), { kind: "exact" }))).toEqual(jsonOfExact(value));
  });

  it("writes an i8 that a number does not hold as text", () => {
    expect(jsonOfValue({ type: "i8", value: 9007199254740993n })).toBe("9007199254740993");
  });
});

describe("what each type becomes", () => {
  it("has the same JavaScript as docs/values.md", () => {
    for (const [wire = "", javascript = ""] of tableUnder(calling, "What each type becomes")) {
      const row = tableUnder(values, "Wire to JavaScript, undeclared").find(([types = ""]) =>
        types.split(", ").includes(wire.split(", ")[0] ?? ""),
      );
      expect(row?.[1]?.replace("plain ", ""), wire).toContain(javascript);
    }
  });
});

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "Date";
  if (value instanceof Uint8Array) return "Uint8Array";
  return typeof value === "object" ? "plain object" : typeof value;
}
