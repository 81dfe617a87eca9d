// JSON-RPC upstreams: rpc.discover or methods of the settings, by position and by name.
import { describe, expect, it } from "vitest";
import { type Answer, answerJson } from "./http-server.js";
import { gatewayOf, serve, stopAfterEach, tableOf } from "./support.js";

stopAfterEach();

const OPENRPC = {
  openrpc: "1.3.2",
  info: { title: "Pets", version: "1" },
  methods: [
    {
      name: "pets.list-all",
      summary: "All pets.",
      params: [
        { $ref: "#/components/contentDescriptors/Limit" },
        { name: "tag", required: false, schema: { type: "string" } },
      ],
      result: { name: "pets", schema: { type: "array", items: { $ref: "#/components/schemas/Pet" } } },
    },
    {
      name: "pets.get",
      paramStructure: "by-name",
      params: [
        { name: "id", required: true, schema: { type: "integer" } },
        { name: "at", schema: { type: "string", format: "date-time" } },
      ],
      result: { name: "pet", schema: { oneOf: [{ $ref: "#/components/schemas/Pet" }, { type: "null" }] } },
    },
    { name: "pets.drop", params: [], result: { name: "n", schema: {} } },
    { name: "rpc.discover", params: [], result: { name: "d", schema: {} } },
  ],
  components: {
    contentDescriptors: { Limit: { name: "limit", required: true, schema: { type: "integer" } } },
    schemas: {
      Pet: { type: "object", required: ["id"], properties: { id: { type: "integer" }, weight: { type: "number" } } },
    },
  },
};

/** Answers by the method's name; `undefined` as result makes no response at all. */
const speaking =
  (methods: Readonly<Record<string, (params: unknown) => unknown>>): Answer =>
  (request, response) => {
    const { id, method, params } = JSON.parse(request.body.toString());
    const run = methods[method];
    if (run === undefined)
      return answerJson(response, { jsonrpc: "2.0", id, error: { code: -32601, message: "none" } });
    return answerJson(response, { jsonrpc: "2.0", id, result: run(params) });
  };

describe("rpc.discover", () => {
  const start = async () => {
    const asked: unknown[] = [];
    const remember = (answer: unknown) => (params: unknown) => {
      asked.push(params);
      return answer;
    };
    const server = await serve(
      speaking({
        "rpc.discover": () => OPENRPC,
        "pets.list-all": remember([{ id: 1, weight: 3, owner: "x" }]),
        "pets.get": remember(null),
        "pets.drop": remember(2 ** 40),
      }),
    );
    const gateway = await gatewayOf([{ name: "j", kind: "jsonrpc", url: `${server.origin}/rpc?v=1`, include: ["*"] }]);
    return { ...gateway, asked, server };
  };

  it("gives typed methods", async () => {
    const { call, callExact, asked, server } = await start();
    expect(await callExact("j.pets.list_all", 10)).toEqual({
      type: "array",
      value: [{ type: "struct", value: { id: { type: "int", value: 1 }, weight: { type: "double", value: 3 } } }],
    });
    expect(await call("j.pets.list_all", 10, "x")).toEqual([{ id: 1, weight: 3 }]);
    expect(await call("j.pets.get", 7)).toBe("");
    expect(await call("j.pets.get", 7, new Date(0))).toBe("");
    expect(await callExact("j.pets.drop")).toEqual({ type: "double", value: 2 ** 40 });
    expect(asked).toEqual([[10], [10, "x"], { id: 7 }, { id: 7, at: "1970-01-01T00:00:00Z" }, []]);
    expect(server.seen.at(-1)).toMatchObject({ method: "POST", url: "/rpc?v=1" });
    await expect(call("j.pets.list_all", "10")).rejects.toMatchObject({
      code: -32602,
      message: /params\[0\] \(limit\)/,
    });
    expect(await call("system.methodSignature", "j.pets.get")).toEqual([
      ["struct", "int"],
      ["struct", "int", "dateTime.iso8601"],
    ]);
    await expect(call("j.rpc.discover")).rejects.toMatchObject({ code: -32601 });
  });

  it("that is not there is replaced by methods", async () => {
    const server = await serve(speaking({}));
    const { upstreams } = await tableOf([{ name: "j", kind: "jsonrpc", url: server.origin, include: ["*"] }]);
    await expect(upstreams.start()).rejects.toMatchObject({
      key: "methods",
      message: /no rpc\.discover .*name its methods/,
    });
  });

  it("needs include", async () => {
    const server = await serve(speaking({ "rpc.discover": () => OPENRPC }));
    const { upstreams } = await tableOf([{ name: "j", kind: "jsonrpc", url: server.origin }]);
    await expect(upstreams.start()).rejects.toMatchObject({
      key: "include",
      message: /pets\.list-all, pets\.get, pets\.drop/,
    });
  });
});

describe("methods of the settings", () => {
  it("take anything where they say nothing", async () => {
    const server = await serve(speaking({ a: (params) => params }));
    const methods = [{ name: "a" }, { name: "b" }];
    const { call } = await gatewayOf([{ name: "j", kind: "jsonrpc", url: server.origin, methods }]);
    expect(await call("j.a", 1, { x: [true, null] }, "é")).toEqual([1, { x: [true, null] }, "é"]);
    await call("j.a", 2n ** 60n + 1n);
    expect(server.seen.at(-1)?.body.toString()).toContain('"params":[1152921504606846977]');
    await expect(call("j.b")).rejects.toMatchObject({ code: -32601 });
  });
});

describe("an answer that is none to the call", () => {
  it.each([
    ["another id", { jsonrpc: "2.0", id: 99, result: 1 }],
    ["another version", { id: 1, result: 1 }],
    ["neither result nor error", { jsonrpc: "2.0", id: 1 }],
    ["a list", [{ jsonrpc: "2.0", id: 1, result: 1 }]],
    ["an error without code", { jsonrpc: "2.0", id: 1, error: { message: "secret" } }],
    ["null", null],
  ])("is refused: %s", async (_what, json) => {
    const server = await serve((_request, response) => answerJson(response, json));
    const { call } = await gatewayOf([{ name: "j", kind: "jsonrpc", url: server.origin, methods: [{ name: "a" }] }]);
    const error: unknown = await call("j.a").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: -32300, message: /no JSON-RPC response to this call/ });
    expect(String(error)).not.toContain("secret");
  });
});
