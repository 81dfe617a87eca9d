// The service `system`: what it shows to whom, and system.multicall slot by slot.
import { describe, expect, it, vi } from "vitest";
import { type CallContext, defineMethod, int, named, optional, string, struct } from "../../src/rpc/index.js";
import { memoryLog } from "../rpc/support.js";
import { responder, Typed } from "./support.js";

const shop = [
  defineMethod(
    "shop.list",
    { params: [named("page", optional(int))], returns: string, doc: "The goods.\nBy page." },
    () => "goods",
  ),
  defineMethod("shop.refund", { params: [int], doc: "Pays back." }, () => undefined),
];
const rules = [
  { allow: "*@example.org", methods: "shop.list" },
  { allow: "boss@example.org" },
  { deny: "carol@example.org", methods: "system.multicall" },
];

const slot = (methodName: string, ...params: unknown[]) => ({ methodName, params });
const calls = (count: number): unknown[] => [Array.from({ length: count }, () => slot("system.whoami"))];

describe("introspection", () => {
  it("lists what the caller may call, sorted", async () => {
    const { ask } = await responder({ methods: shop, rules });
    const system = [
      "system.describe",
      "system.getCapabilities",
      "system.listMethods",
      "system.methodHelp",
      "system.methodSignature",
      "system.multicall",
      "system.whoami",
    ];
    expect(await ask("system.listMethods")).toEqual(["shop.list", ...system]);
    expect(await ask("system.listMethods", [], "carol@example.org")).toEqual([
      "shop.list",
      ...system.filter((name) => name !== "system.multicall"),
    ]);
    const all = (await ask("system.listMethods", [], "boss@example.org")) as string[];
    expect(all).toContain("shop.refund");
    expect(all).toContain("examples.getStateName");
    expect(all).toEqual([...all].sort());
    expect(await ask("system.listMethods", [], "eve@evil.net")).toMatch(/^forbidden: /);
  });

  it("answers the same for what is not there and what is not the caller's to see", async () => {
    const { ask } = await responder({ methods: shop, rules });
    for (const method of ["system.methodHelp", "system.methodSignature", "system.describe"])
      for (const name of ["shop.refund", "shop.nothing", "", "x".repeat(5000)])
        expect(await ask(method, [name])).toMatch(
          new RegExp(`^fault -32601: no method ${name.slice(0, 100)} \\[call c\\d+\\]$`),
        );
  });

  it("gives one signature for each number of optional parameters", async () => {
    const { ask } = await responder({ methods: shop });
    expect(await ask("system.methodSignature", ["shop.list"])).toEqual([["string"], ["string", "int"]]);
    expect(await ask("system.methodSignature", ["shop.refund"])).toEqual([["undef", "int"]]);
    expect(await ask("system.methodSignature", ["examples.factorial"])).toEqual([["i8", "int"]]);
    expect(await ask("system.methodSignature", ["system.listMethods"])).toEqual([["array"]]);
  });

  it("gives undef for a method that declares nothing", async () => {
    const variadic = { name: "far.away", params: [], rest: { kind: "exact" }, handler: () => 1 } as const;
    const { ask } = await responder({ methods: [variadic] });
    expect(await ask("system.methodSignature", ["far.away"])).toBe("undef");
    expect(await ask("far.away", [1, "two", [3]])).toBe(1);
  });

  it("gives the documentation, or an empty text", async () => {
    const undocumented = defineMethod("a.b", { params: [] }, () => undefined);
    const { ask } = await responder({ methods: [...shop, undocumented] });
    expect(await ask("system.methodHelp", ["shop.list"])).toBe("The goods.\nBy page.");
    expect(await ask("system.methodHelp", ["a.b"])).toBe("");
  });

  it("describes a method as OpenRPC does", async () => {
    const { ask } = await responder({ methods: shop });
    expect(await ask("system.describe", ["shop.list"])).toEqual({
      name: "shop.list",
      summary: "The goods.",
      description: "The goods.\nBy page.",
      paramStructure: "by-position",
      params: [
        {
          name: "page",
          required: false,
          schema: { type: "integer", format: "int32", minimum: -2147483648, maximum: 2147483647 },
        },
      ],
      result: { name: "result", schema: { type: "string" } },
    });
  });

  it("can describe every method that ships", async () => {
    const { ask } = await responder();
    for (const name of (await ask("system.listMethods")) as string[]) {
      expect(await ask("system.describe", [name])).toMatchObject({ name });
      expect(await ask("system.methodHelp", [name])).not.toBe("");
      expect(await ask("system.methodSignature", [name])).toSatisfy((given) => Array.isArray(given));
    }
  });

  it("says who one is", async () => {
    const { ask } = await responder();
    expect(await ask("system.whoami")).toEqual({ jid: "alice@example.org/desk", via: "test" });
  });

  it("names the specifications, and what is added to them", async () => {
    const extra = { specUrl: "https://example.org/spec", specVersion: 3 };
    const { ask } = await responder({ system: { capabilities: { extra } } });
    expect(await ask("system.getCapabilities")).toMatchObject({
      xmlrpc: { specUrl: "http://www.xmlrpc.com/spec", specVersion: 1 },
      faults_interop: { specVersion: 20010516 },
      "system.multicall": { specVersion: 1 },
      nil: { specVersion: 20010518 },
      extra,
    });
  });
});

describe("system.multicall", () => {
  it("answers each slot by itself, in order", async () => {
    const { ask } = await responder({ methods: shop, rules });
    expect(
      await ask("system.multicall", [
        [
          slot("shop.list", 1),
          slot("shop.list", "one"),
          slot("shop.refund", 1),
          slot("shop.nothing"),
          slot("system.multicall", []),
          slot("system.whoami"),
          { params: [] },
          { methodName: 5, params: [] },
          { methodName: "shop.list" },
          { methodName: "shop.list", params: "none" },
          "shop.list",
        ],
      ]),
    ).toEqual([
      ["goods"],
      { faultCode: -32602, faultString: "params[0] (page): int expected, got string [call c1]" },
      {
        faultCode: -32001,
        faultString: expect.stringMatching(/^alice@example\.org may not call .*shop\.refund \[call c\d+\]$/) as string,
      },
      { faultCode: -32001, faultString: expect.stringContaining("shop.nothing") as string },
      { faultCode: -32600, faultString: "system.multicall in a slot of system.multicall [call c4]" },
      [{ jid: "alice@example.org/desk", via: "test" }],
      { faultCode: -32600, faultString: "methodName: string expected, got nothing [call c4]" },
      { faultCode: -32600, faultString: "methodName: string expected, got int [call c4]" },
      { faultCode: -32600, faultString: "params: array expected, got nothing [call c4]" },
      { faultCode: -32600, faultString: "params: array expected, got string [call c4]" },
      { faultCode: -32600, faultString: "struct {methodName, params} expected, got string [call c4]" },
    ]);
  });

  it("runs one call after the other", async () => {
    const order: number[] = [];
    const step = defineMethod("step", { params: [int], returns: int }, async (n) => {
      order.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(-n);
      return n;
    });
    const { ask } = await responder({ methods: [step] });
    expect(await ask("system.multicall", [[slot("step", 1), slot("step", 2), slot("step", 3)]])).toEqual([
      [1],
      [2],
      [3],
    ]);
    expect(order).toEqual([1, -1, 2, -2, 3, -3]);
  });

  it("keeps the wire type of each slot, in and out", async () => {
    const { call } = await responder();
    const three = new Typed({
      type: "array",
      value: [
        {
          type: "struct",
          value: {
            methodName: { type: "string", value: "validator1.echoStructTest" },
            params: { type: "array", value: [{ type: "struct", value: { whole: { type: "double", value: 3 } } }] },
          },
        },
        {
          type: "struct",
          value: {
            methodName: { type: "string", value: "examples.factorial" },
            params: { type: "array", value: [{ type: "int", value: 3 }] },
          },
        },
      ],
    });
    expect(await call("system.multicall", [three])).toMatchObject({
      value: [
        { type: "array", value: [{ type: "struct", value: { whole: { type: "double", value: 3 } } }] },
        { type: "array", value: [{ type: "i8", value: 6n }] },
      ],
    });
  });

  it("lets a result that cannot be sent cost its own slot only", async () => {
    const log = memoryLog();
    const poison = [
      defineMethod("poison.nan", { params: [], returns: int }, () => Number.NaN),
      { name: "poison.function", params: [], handler: () => () => 1 },
      defineMethod("poison.member", { params: [], returns: struct({ a: int }) }, () => ({}) as { a: number }),
    ];
    const { ask } = await responder({ methods: poison, log });
    const fault = { faultCode: -32603, faultString: expect.stringMatching(/^internal error \[call c\d+\]$/) as string };
    expect(
      await ask("system.multicall", [[...poison.map(({ name }) => slot(name)), slot("system.whoami")]]),
    ).toMatchObject([fault, fault, fault, [{ via: "test" }]]);
    expect(log.lines.filter(({ event }) => event === "call.unsendable")).toHaveLength(3);
  });

  it("writes a void result as the doors do", async () => {
    const forget = [[slot("examples.forget", "x")]];
    expect(await (await responder()).ask("system.multicall", forget)).toEqual([[""]]);
    const withNil = await responder({ system: { voidResult: { type: "nil", value: null } } });
    expect(await withNil.ask("system.multicall", forget)).toEqual([[null]]);
  });

  it("refuses anything but a list as a whole", async () => {
    const { ask } = await responder();
    expect(await ask("system.multicall", [slot("system.whoami")])).toBe(
      "fault -32602: params[0] (calls): array expected, got struct [call c1]",
    );
    expect(await ask("system.multicall", [[]])).toEqual([]);
  });

  it("takes as many slots as the limit, and not one more", async () => {
    const { ask } = await responder();
    expect(await ask("system.multicall", calls(1000))).toHaveLength(1000);
    expect(await ask("system.multicall", calls(1001))).toMatch(
      /^fault -32300: multicallSlots: at most 1000 calls, got 1001/,
    );
    const small = await responder({ system: { limits: { multicallSlots: 2 } } });
    expect(await small.ask("system.multicall", calls(2))).toHaveLength(2);
    expect(await small.ask("system.multicall", calls(3))).toMatch(/^fault -32300: /);
  });

  it("keeps what was done when its time is over, and starts no more", async () => {
    vi.useFakeTimers();
    try {
      let runs = 0;
      const quick = defineMethod("quick", { params: [], returns: int }, () => {
        runs += 1;
        return runs;
      });
      const never = defineMethod("never", { params: [], deadlineMs: 60_000 }, () => new Promise<void>(() => {}));
      const { ask } = await responder({ methods: [quick, never] });
      const all = ask("system.multicall", [[slot("quick"), slot("never"), slot("quick"), slot("never")]]);
      await vi.advanceTimersByTimeAsync(20_000);
      const late = {
        faultCode: -32400,
        faultString: expect.stringMatching(/^deadline of (19950|20000) ms passed \[call c\d+\]$/) as string,
      };
      expect(await all).toEqual([[1], late, late, late]);
      expect(runs).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("bounds each slot by its own deadline and by that of the whole", async () => {
    const contexts: CallContext[] = [];
    const tell = defineMethod("tell", { params: [], deadlineMs: 60_000 }, (call) => void contexts.push(call));
    const short = defineMethod("short", { params: [], deadlineMs: 5 }, (call) => {
      contexts.push(call);
      return new Promise<void>(() => {});
    });
    const { ask } = await responder({ methods: [tell, short] });
    expect(await ask("system.multicall", [[slot("tell"), slot("short"), slot("tell")]])).toEqual([
      [""],
      { faultCode: -32400, faultString: expect.stringMatching(/^deadline of 5 ms passed \[call c\d+\]$/) as string },
      [""],
    ]);
    expect(contexts[0]?.deadlineMs).toBeLessThanOrEqual(20_000);
    expect(contexts[1]?.signal.aborted).toBe(true);
    expect(contexts[2]?.signal.aborted).toBe(false);
  });
});
