// The table of CodecOptions.reading, row by row, and the other options of reading.

import { describe, expect, it } from "vitest";
import { jsonOfExact, jsonOfValue } from "../../src/values/index.js";
import { type XmlElement } from "../../src/xml/index.js";
import { type Codec, createCodec, NS_EXTENSIONS } from "../../src/xmlrpc-codec/index.js";
import { callOf, decodeOne, outcomeOf, parse, responseOf } from "./support.js";

type Outcome = string | object;
interface Row {
  readonly row: string;
  readonly kind: "call" | "response";
  readonly root: XmlElement;
  readonly lenient: Outcome;
  readonly strict: Outcome;
}

const lenient = createCodec();
const strict = createCodec({ reading: "strict" });

function read(codec: Codec, kind: "call" | "response", root: XmlElement): Outcome {
  return outcomeOf(() => {
    if (kind === "call") return codec.decodeMethodCall(root).params.map(jsonOfExact);
    const response = codec.decodeMethodResponse(root);
    return response.kind === "value" ? jsonOfExact(response.value) : { fault: [response.code, response.string] };
  });
}

const member = (name: string, value: string): string => `<member><name>${name}</name><value>${value}</value></member>`;
const faultOf = (...members: string[]): XmlElement =>
  parse(`<methodResponse><fault><value><struct>${members.join("")}</struct></value></fault></methodResponse>`);

const row = (
  name: string,
  kind: Row["kind"],
  root: XmlElement,
  forgiven: Outcome,
  refused: Outcome = forgiven,
): Row => ({
  row: name,
  kind,
  root,
  lenient: forgiven,
  strict: refused,
});

const ROWS: readonly Row[] = [
  row("white space between elements", "response", responseOf("\n<value> <int>1</int>\t</value>\r\n"), { int: 1 }),
  row(
    "Base64",
    "call",
    callOf("<value><Base64>AAEC</Base64></value>"),
    [{ base64: "AAEC" }],
    "-32602 params[0]: unknown type <Base64>",
  ),
  row(
    "true, false",
    "call",
    callOf("<value><boolean>true</boolean></value>"),
    [{ boolean: true }],
    "-32602 params[0]: boolean expected, got text that is not 0 or 1",
  ),
  row(
    "exponents",
    "call",
    callOf("<value><double>1e+20</double></value>"),
    [{ double: 1e20 }],
    "-32602 params[0]: double expected, got text that is not a decimal number",
  ),
  ...["1998-07-17T14:08:55", "19980717T140855", "19980717T14:08:55.5", "19980717T14:08:55Z"].map((text) =>
    row(
      `dateTime ${text}`,
      "call",
      callOf(`<value><dateTime.iso8601>${text}</dateTime.iso8601></value>`),
      [{ "dateTime.iso8601": text }],
      "-32602 params[0]: dateTime expected, got text that is not YYYYMMDDTHH:MM:SS",
    ),
  ),
  row(
    "children with xmlns=''",
    "response",
    parse("<methodResponse xmlns='jabber:iq:rpc'><params xmlns=''><param><value/></param></params></methodResponse>"),
    { string: "" },
    "-32600 unexpected <params> in <methodResponse>",
  ),
  row(
    "children in jabber:iq:rpc below none",
    "response",
    parse("<methodResponse><params xmlns='jabber:iq:rpc'><param><value/></param></params></methodResponse>"),
    { string: "" },
    "-32600 unexpected <params> in <methodResponse>",
  ),
  row(
    "value before name",
    "call",
    callOf("<value><struct><member><value>1</value><name>a</name></member></struct></value>"),
    [{ struct: { a: { string: "1" } } }],
    "-32602 params[0]: <name> expected in <member> before its <value>",
  ),
  row(
    "other characters in methodName",
    "call",
    parse("<methodCall><methodName>é-1</methodName></methodCall>"),
    [],
    "-32600 <methodName> has characters outside A-Z a-z 0-9 _ . : /",
  ),
  row(
    "empty params in a response",
    "response",
    parse("<methodResponse><params/></methodResponse>"),
    { nil: null },
    "-32600 <param> missing in <params>",
  ),
  row(
    "empty methodResponse",
    "response",
    parse("<methodResponse/>"),
    { nil: null },
    "-32600 <params> or <fault> missing in <methodResponse>",
  ),
  row(
    "faultCode as a string",
    "response",
    faultOf(member("faultCode", "-32601"), member("faultString", "s")),
    { fault: [-32601, "s"] },
    "-32600 fault.faultCode: int expected, got string",
  ),
  row(
    "further members in a fault",
    "response",
    faultOf(member("faultCode", "<int>1</int>"), member("faultString", "s"), member("trace", "t")),
    { fault: [1, "s"] },
    "-32600 fault: members other than faultCode and faultString",
  ),
];

describe("reading", () => {
  it.each(ROWS)("$row", ({ kind, root, ...expected }) => {
    expect(read(lenient, kind, root)).toEqual(expected.lenient);
    expect(read(strict, kind, root)).toEqual(expected.strict);
  });

  it("refuses a faultCode text beyond 32 bits", () => {
    const root = faultOf(member("faultCode", "2147483648"), member("faultString", "s"));
    expect(read(lenient, "response", root)).toBe("-32600 fault.faultCode: int expected, got an i8 beyond 32 bits");
  });
});

describe("extensions: off", () => {
  const off = createCodec({ extensions: "off" });

  it.each(["<i8>1</i8>", "<i1>1</i1>", "<i2>1</i2>", "<nil/>"])("refuses %s", (element) => {
    expect(outcomeOf(() => decodeOne(off, `<value>${element}</value>`))).toMatch(/^-32602 params\[0\]: unknown type </);
    const apache = element
      .replace("<", `<x:`)
      .replace("</", "</x:")
      .replace(/^<x:(\w+)/, `<x:$1 xmlns:x="${NS_EXTENSIONS}"`);
    expect(outcomeOf(() => decodeOne(lenient, `<value>${apache}</value>`))).toMatchObject({
      type: element.slice(1, 3) === "ni" ? "nil" : element.slice(1, 3),
    });
    expect(outcomeOf(() => decodeOne(off, `<value>${apache}</value>`))).toMatch(
      /^-32602 params\[0\]: <ex:\w+> is not supported/,
    );
  });

  it.each([
    [1n, "i8"],
    [null, "nil"],
  ] as const)("does not write %s", (value, type) => {
    const refused = `-32603 result.a: ${type} is an extension of XML-RPC, and extensions are off`;
    expect(outcomeOf(() => off.encodeMethodResponse({ a: value }))).toBe(refused);
  });
});

describe("dates.zone", () => {
  const text = "<value><dateTime.iso8601>20260701T10:00:00</dateTime.iso8601></value>";
  const instant = (codec: Codec): unknown => {
    const value = decodeOne(codec, text);
    return value === undefined ? undefined : jsonOfValue(value);
  };

  it("says what a dateTime without zone means", () => {
    expect(instant(lenient)).toBe("2026-07-01T10:00:00Z");
    expect(instant(createCodec({ dates: { zone: "+02:00" } }))).toBe("2026-07-01T08:00:00Z");
    expect(instant(createCodec({ dates: { zone: "-05:30" } }))).toBe("2026-07-01T15:30:00Z");
    expect(instant(createCodec({ dates: { zone: "local" } }))).toBe(
      new Date(2026, 6, 1, 10).toISOString().replace(".000", ""),
    );
  });

  it.each(["UTC", "local", "+02:00", "-05:30"] as const)("writes what it reads: %s", (zone) => {
    const codec = createCodec({ dates: { zone } });
    expect(codec.encodeMethodResponse(new Date(decodeOne(codec, text)?.value as Date))).toContain(
      ">20260701T10:00:00<",
    );
  });
});
