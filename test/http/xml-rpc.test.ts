// POST /RPC2: local methods as XML-RPC, under the rules that hold over XMPP.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineMethod, int, string } from "../../src/index.js";
import { XML_LIMITS } from "../../src/xml/index.js";
import { DEFAULT_CODEC_LIMITS } from "../../src/xmlrpc-codec/index.js";
import { type HttpGateway, methodCall, param, startHttpGateway } from "./support.js";

let door: HttpGateway;
beforeAll(async () => {
  door = await startHttpGateway({
    access: [{ allow: "svc@localhost", methods: ["examples.*", "validator1.*", "test.*", "nosuch.*"] }],
    methods: [
      defineMethod("test.text", { params: [int], returns: string }, (length) => "x".repeat(length)),
      defineMethod("test.void", { params: [] }, () => undefined),
      defineMethod("test.bad", { params: [], returns: int }, () => 1.5),
      defineMethod("test.broken", { params: [] }, () => {
        throw new Error("secret detail");
      }),
    ],
  });
});
afterAll(() => door.stop());

const call = (method: string, params?: string) => door.post("/RPC2", methodCall(method, params));
const faultOf = (text: string) => ({
  code: Number(/<name>faultCode<\/name><value><int>(-?\d+)/.exec(text)?.[1]),
  string: /<name>faultString<\/name><value><string>([^<]*)/.exec(text)?.[1],
});

describe("POST /RPC2", () => {
  it("answers a call", async () => {
    const { status, headers, text } = await call("examples.getStateName", param("<i4>6</i4>"));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/xml; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
    expect([...headers.keys()].filter((name) => /cookie|access-control/.test(name))).toEqual([]);
    expect(text).toBe(
      "<?xml version='1.0'?><methodResponse><params><param><value><string>Colorado</string></value></param></params></methodResponse>",
    );
  });

  it("keeps every wire type", async () => {
    const values =
      "<struct><member><name>d</name><value><double>3.0</double></value></member><member><name>i</name><value><i8>9007199254740993</i8></value></member>" +
      "<member><name>n</name><value><nil/></value></member><member><name>t</name><value><string> a\u00e9&#xD;\n</string></value></member>" +
      "<member><name>w</name><value><dateTime.iso8601>20261122T10:00:00</dateTime.iso8601></value></member></struct>";
    const { text } = await call("validator1.echoStructTest", param(values));
    expect(text).toContain(`<value>${values}</value>`);
  });

  it("answers an empty string where a method has no result", async () => {
    expect((await call("test.void")).text).toContain("<value><string></string></value>");
  });

  it.each<[string, string | undefined, number, RegExp]>([
    ["examples.getStateName", param("<i4>60</i4>"), 4, /^no state 60 \[call \w+\]$/],
    ["examples.getStateName", param("<string>6</string>"), -32602, /^params\[0\] \(index\): int expected/],
    ["examples.getStateName", "", -32602, /^params: 1 expected, got 0/],
    ["nosuch.method", "", -32601, /^no method nosuch\.method/],
    ["shop.refund", "", -32001, /^svc@localhost may not call this responder's shop\.refund/],
    ["test.bad", "", -32603, /^result: int expected/],
    ["test.broken", "", -32500, /^internal error \[call \w+\]$/],
    ["test.text", param(`<int>${DEFAULT_CODEC_LIMITS.maxSentBytes}</int>`), -32300, /maxSentBytes/],
  ])("answers a fault: %s %s", async (method, params, code, expected) => {
    const { status, text } = await call(method, params);
    expect(status).toBe(200);
    expect(faultOf(text)).toEqual({ code, string: expect.stringMatching(expected) });
    expect(text).not.toContain("secret detail");
  });

  it.each<[string, string | Uint8Array, number, RegExp]>([
    ["no XML", "hello", -32700, /./],
    ["nothing", " ", -32700, /./],
    ["an end that is missing", "<methodCall><methodName>a</methodName>", -32700, /ends too early/],
    ["a DOCTYPE", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><methodCall/>', -32700, /./],
    [
      "an entity bomb",
      '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><methodCall><methodName>&b;</methodName></methodCall>',
      -32700,
      /./,
    ],
    ["an entity of its own", "<methodCall><methodName>&b;</methodName></methodCall>", -32700, /./],
    ["another encoding", "<?xml version='1.0' encoding='utf-16'?><methodCall/>", -32701, /./],
    ["bytes that are not UTF-8", Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]), -32702, /./],
    ["a response", "<methodResponse/>", -32600, /^&lt;methodCall&gt; expected/],
    ["two names", "<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>", -32600, /./],
    ["a value of no type", methodCall("examples.hello", param("<float>1</float>")), -32602, /^params\[0\]/],
    [
      "levels over the limit",
      methodCall("a", param("<array><data><value>".repeat(XML_LIMITS.maxDepth))),
      -32300,
      /levels/,
    ],
  ])("refuses %s by a fault", async (_name, body, code, expected) => {
    const { status, text } = await door.post("/RPC2", body);
    expect(status).toBe(200);
    expect(faultOf(text)).toEqual({ code, string: expect.stringMatching(expected) });
  });

  it("takes a body at the limit and none over it", async () => {
    const empty = methodCall("examples.hello", param("<string></string>")).length;
    const body = (bytes: number) =>
      methodCall("examples.hello", param(`<string>${"x".repeat(bytes - empty)}</string>`));
    expect((await door.post("/RPC2", body(XML_LIMITS.maxStanzaBytes))).status).toBe(200);
    const over = await door.post("/RPC2", body(XML_LIMITS.maxStanzaBytes + 1));
    expect(over).toMatchObject({ status: 413, text: expect.stringContaining("maxStanzaBytes") });
  });
});

describe("system over the door", () => {
  it("says who calls and by which door", async () => {
    const { text } = await door.post("/RPC2", methodCall("system.whoami"), { "x-jabber-id": "root@localhost" });
    expect(text).toContain("<string>svc@localhost</string>");
    expect(text).toContain("<string>http</string>");
    expect(text).not.toContain("root@localhost");
  });

  it("lists what the caller may call and no more", async () => {
    const { text } = await call("system.listMethods");
    expect(text).toContain("<string>examples.getStateName</string>");
    const bearer = { authorization: "Bearer t0ken" };
    expect(faultOf((await door.post("/RPC2", methodCall("system.listMethods"), bearer)).text).code).toBe(-32001);
  });

  it("runs the slots of a multicall each under its own permission", async () => {
    const slot = (method: string, params: string) =>
      `<value><struct><member><name>methodName</name><value>${method}</value></member><member><name>params</name><value><array><data>${params}</data></array></value></member></struct></value>`;
    const slots = slot("examples.getStateName", "<value><i4>6</i4></value>") + slot("shop.refund", "");
    const { text } = await call("system.multicall", param(`<array><data>${slots}</data></array>`));
    expect(text).toContain("<array><data><value><string>Colorado</string></value></data></array>");
    expect(faultOf(text).code).toBe(-32001);
  });
});
