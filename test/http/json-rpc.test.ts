// POST /jsonrpc: JSON-RPC 2.0, its batches and notifications, and the descriptions that its clients read.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dateTime, defineMethod, exact, int, long, named, optional, string } from "../../src/index.js";
import { DEFAULT_CODEC_LIMITS } from "../../src/xmlrpc-codec/index.js";
import { type HttpGateway, startHttpGateway } from "./support.js";

let door: HttpGateway;
let told: string[] = [];
beforeAll(async () => {
  door = await startHttpGateway({
    access: [
      { allow: "svc@localhost", methods: ["examples.*", "validator1.*", "test.*"] },
      { allow: "bot@localhost", methods: "test.tell" },
    ],
    methods: [
      defineMethod("test.tell", { params: [named("text", string)] }, (text) => void told.push(text)),
      defineMethod("test.text", { params: [int], returns: string }, (length) => "x".repeat(length)),
      defineMethod("test.later", { params: [named("n", long)], returns: long }, async (n) => n + 1n),
      defineMethod(
        "test.day",
        {
          params: [named("day", dateTime), named("text", optional(string)), named("last", optional(int))],
          returns: string,
        },
        (day, text, last) => `${day.toISOString()} ${text} ${last}`,
      ),
      defineMethod("test.exact", { params: [exact], returns: exact }, (value) => value),
    ],
    limits: { multicallSlots: 3 },
  });
});
afterAll(() => door.stop());

async function post(body: unknown, headers?: Readonly<Record<string, string>>) {
  const { status, text } = await door.post("/jsonrpc", typeof body === "string" ? body : JSON.stringify(body), headers);
  return { status, json: text === "" ? undefined : (JSON.parse(text) as unknown) };
}
const request = (method: string, params?: unknown, id: unknown = 1) => ({ jsonrpc: "2.0", method, params, id });
const result = (value: unknown, id: unknown = 1) => ({ status: 200, json: { jsonrpc: "2.0", result: value, id } });
const failure = (code: number, message: RegExp, id: unknown = 1) => ({
  status: 200,
  json: { jsonrpc: "2.0", error: { code, message: expect.stringMatching(message) }, id },
});

describe("POST /jsonrpc", () => {
  it.each<[string, unknown, unknown]>([
    ["examples.getStateName", [6], "Colorado"],
    ["examples.getStateName", { index: 6 }, "Colorado"],
    ["examples.factorial", [20], "2432902008176640000"],
    ["test.later", ["9007199254740993"], "9007199254740994"],
    ["test.later", { n: 1 }, 2],
    ["test.day", ["2026-11-22T10:00:00Z"], "2026-11-22T10:00:00.000Z undefined undefined"],
    ["test.day", { last: 3, day: "2026-11-22T10:00:00Z" }, "2026-11-22T10:00:00.000Z undefined 3"],
    ["test.exact", [{ double: 3 }], 3],
    ["test.tell", ["a"], null],
    ["validator1.simpleStructReturnTest", { number: 2 }, { times10: 20, times100: 200, times1000: 2000 }],
  ])("%s %j", async (method, params, value) => {
    expect(await post(request(method, params))).toEqual(result(value));
  });

  it("answers under the id of the request, whatever kind it is", async () => {
    for (const id of ["a", 0, -1.5, null]) {
      expect(await post(request("examples.getStateName", [6], id))).toEqual(result("Colorado", id));
    }
  });

  it.each<[string, unknown, number, RegExp]>([
    ["a fault", request("examples.getStateName", [60]), 4, /^no state 60 \[call \w+\]$/],
    [
      "a wrong type",
      request("examples.getStateName", ["6"]),
      -32602,
      /^params\[0\] \(index\): int expected, got string/,
    ],
    ["a number beyond what JSON holds", request("test.later", [2 ** 53]), -32602, /safe integer/],
    [
      "an unknown name",
      request("examples.getStateName", { index: 6, x: 1 }),
      -32602,
      /^params: no parameter is named "x"/,
    ],
    ["a missing name", request("test.day", { last: 1 }), -32602, /^params: day is missing/],
    ["an inherited name", request("examples.getStateName", { toString: 1 }), -32602, /named "toString"/],
    ["a method that is not there", request("examples.nosuch", []), -32601, /^no method/],
    ["a forbidden method", request("shop.refund", []), -32001, /may not call/],
    ["a forbidden method, by names", request("shop.refund", { a: 1 }), -32001, /may not call/],
    ["a result over the limit", request("test.text", [DEFAULT_CODEC_LIMITS.maxSentBytes]), -32300, /maxSentBytes/],
    [
      "parameters over the limit",
      request(
        "test.text",
        Array.from({ length: 257 }, () => 1),
      ),
      -32600,
      /256/,
    ],
    ["no version", { method: "a", id: 1 }, -32600, /jsonrpc/],
    ["a method that is no text", { jsonrpc: "2.0", method: 1, id: 1 }, -32600, /method/],
    ["parameters that are neither", request("a", "x"), -32600, /params/],
  ])("answers an error for %s", async (_name, body, code, message) => {
    expect(await post(body)).toEqual(failure(code, message));
  });

  it.each<[string, string, number, RegExp]>([
    ["what is not JSON", "{", -32700, /not JSON/],
    ["levels without end", "[".repeat(100_000), -32700, /not JSON/],
    ["a text", '"a"', -32600, /request object/],
    ["an id of another type", '{"jsonrpc":"2.0","method":"a","id":{}}', -32600, /id/],
    ["an empty batch", "[]", -32600, /empty/],
    [
      "values over the limit",
      `{"jsonrpc":"2.0","method":"a","id":1,"params":[${"1,".repeat(20_000)}1]}`,
      -32300,
      /maxValues/,
    ],
    ["a batch over the limit", JSON.stringify([1, 2, 3, 4]), -32300, /multicallSlots/],
  ])("answers an error without id for %s", async (_name, body, code, message) => {
    expect(await post(body)).toEqual(failure(code, message, null));
  });

  it("refuses depth that a value may not have", async () => {
    const deep = `${"[".repeat(100)}1${"]".repeat(100)}`;
    expect(await post(`{"jsonrpc":"2.0","id":1,"method":"examples.getStateName","params":[${deep}]}`)).toMatchObject({
      json: { error: { code: -32602 } },
    });
  });

  it("refuses bytes that are not UTF-8", async () => {
    const { text } = await door.post("/jsonrpc", Buffer.from([0x22, 0xff, 0x22]));
    expect(JSON.parse(text)).toMatchObject({ error: { code: -32702 }, id: null });
  });

  it("runs a notification and answers nothing", async () => {
    told = [];
    expect(await post({ jsonrpc: "2.0", method: "test.tell", params: ["quiet"] })).toEqual({
      status: 204,
      json: undefined,
    });
    expect(await post({ jsonrpc: "2.0", method: "shop.refund" })).toEqual({ status: 204, json: undefined });
    expect(told).toEqual(["quiet"]);
  });

  it("answers a batch in its order, without its notifications", async () => {
    const batch = [
      request("test.later", [1], "a"),
      { jsonrpc: "2.0", method: "test.tell", params: ["x"] },
      { nonsense: true },
    ];
    expect(await post(batch)).toEqual({
      status: 200,
      json: [
        { jsonrpc: "2.0", result: 2, id: "a" },
        { jsonrpc: "2.0", error: { code: -32600, message: expect.anything() }, id: null },
      ],
    });
    expect(await post([{ jsonrpc: "2.0", method: "test.tell", params: ["y"] }])).toEqual({
      status: 204,
      json: undefined,
    });
  });

  it("bounds the answer to a batch as a whole", async () => {
    const half = DEFAULT_CODEC_LIMITS.maxSentBytes / 2 + 100;
    const { json } = await post([request("test.text", [half], 1), request("test.text", [half], 2)]);
    expect(json).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32300 } }]);
  });
});

describe("descriptions", () => {
  it("hold what the caller may call and nothing else", async () => {
    const bot = { authorization: "Bearer t0ken" };
    for (const [headers, isListed] of [
      [undefined, true],
      [bot, false],
    ] as const) {
      const rpc = JSON.parse((await door.get("/openrpc.json", headers)).text) as { methods: { name: string }[] };
      const names = rpc.methods.map(({ name }) => name);
      expect(names).toContain("test.tell");
      expect(names.includes("examples.getStateName")).toBe(isListed);
      const api = (await door.get("/openapi.json", headers)).text;
      expect(api).toContain('"const":"test.tell"');
      expect(api.includes("examples.getStateName")).toBe(isListed);
    }
  });

  it("are answered by rpc.discover too", async () => {
    const { json } = await post(request("rpc.discover"));
    expect(json).toMatchObject({ result: { openrpc: "1.3.2", info: { title: "jabber-rpc" } } });
    expect(JSON.parse((await door.get("/openrpc.json")).text)).toEqual((json as { result: unknown }).result);
  });

  it("refer only to what is there", async () => {
    const { text } = await door.get("/openapi.json");
    const { components } = JSON.parse(text) as { components: { schemas: object } };
    const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !(name in components.schemas))).toEqual([]);
    expect(Object.keys(components.schemas).filter((name) => !/^[a-zA-Z0-9._-]+$/.test(name))).toEqual([]);
  });
});
