// The services `examples` and `validator1`, through the dispatcher.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExactValue } from "../../src/values/index.js";
import { responder, Typed } from "./support.js";

describe("examples", () => {
  it("know the fifty states in alphabetical order", async () => {
    const { ask } = await responder();
    const names = (await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask("examples.getStateName", [index + 1])),
    )) as string[];
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(50);
    expect([names[0], names[5], names[49]]).toEqual(["Alabama", "Colorado", "Wyoming"]);
    expect(await ask("examples.getStateName", [60])).toMatch(/^fault 4: no state 60 \[call c\d+\]$/);
    for (const index of [0, -1, 51]) expect(await ask("examples.getStateName", [index])).toMatch(/^fault 4: no state /);
  });

  it("show structs, records and what is optional", async () => {
    const { ask } = await responder();
    const lines = [
      { item: "tea", quantity: 2, price: 1.5 },
      { item: "__proto__", quantity: 1, price: 1, colour: "dropped" },
      { item: "tea", quantity: 1, price: 2 },
    ];
    const order = await ask("examples.orderTotal", [{ lines, note: "soon" }, 0.5]);
    expect(order).toMatchObject({ total: 3, note: "soon" });
    const { quantities } = order as { quantities: object };
    expect(Object.entries(quantities)).toEqual([
      ["tea", 3],
      ["__proto__", 1],
    ]);
    expect(await ask("examples.orderTotal", [{ lines: [] }])).toEqual({ total: 0, quantities: {} });
    expect(await ask("examples.orderTotal", [{ lines: [] }, 2])).toMatch(/^fault 5: /);
    expect(await ask("examples.orderTotal", [{ lines: [{ item: "tea", quantity: 1 }] }])).toMatch(
      /^fault -32602: params\[0\] \(order\)\.lines\[0\]/,
    );
  });

  it("show dates, bytes, 64-bit integers, enumerations, nil, secrets, the caller and void", async () => {
    const { ask } = await responder();
    expect(await ask("examples.nextDay", [new Date("2027-12-31T10:00:00Z")])).toEqual(new Date("2028-01-01T10:00:00Z"));
    expect(await ask("examples.echoBytes", [Uint8Array.of(0, 255)])).toEqual(Uint8Array.of(0, 255));
    expect(await ask("examples.factorial", [20])).toBe(2432902008176640000n);
    expect(await ask("examples.factorial", [0])).toBe(1n);
    expect(await ask("examples.factorial", [21])).toMatch(/^fault 6: /);
    expect(await ask("examples.mixColours", ["red", "blue"])).toBe("purple");
    expect(await ask("examples.mixColours", ["red", "yellow"])).toBe("orange");
    expect(await ask("examples.mixColours", ["blue", "yellow"])).toBe("green");
    expect(await ask("examples.mixColours", ["red", "red"])).toBe("red");
    expect(await ask("examples.mixColours", ["red", "pink"])).toMatch(/^fault -32602: params\[1\] \(other\)/);
    expect(await ask("examples.longest", [["a", "bbb", "cc"]])).toBe("bbb");
    expect(await ask("examples.longest", [[]])).toBeNull();
    expect(await ask("examples.acceptsPassword", ["Joe", "correct horse"])).toBe(true);
    expect(await ask("examples.acceptsPassword", ["Joe", "secretjoe"])).toBe(false);
    expect(await ask("examples.hello")).toBe("Hello alice@example.org");
    expect(await ask("examples.forget", ["x"])).toBeUndefined();
  });

  describe("that wait", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("answer in time and leave nothing behind", async () => {
      const { ask } = await responder();
      const waited = ask("examples.wait", [30]);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await waited).toBe("waited 30 s");
      expect(vi.getTimerCount()).toBe(0);
      expect(await ask("examples.wait", [3600])).toMatch(/^fault 7: /);
      expect(await ask("examples.wait", [-1])).toMatch(/^fault 7: /);
    });

    it("stop when the call is aborted", async () => {
      const { ask } = await responder();
      const slots = [{ methodName: "examples.wait", params: [1000] }];
      const cut = ask("system.multicall", [slots]);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await cut).toMatchObject([{ faultCode: -32400 }]);
      await vi.advanceTimersByTimeAsync(0);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});

describe("validator1", () => {
  const many: readonly ExactValue[] = [
    { type: "int", value: 7 },
    { type: "boolean", value: true },
    { type: "string", value: "  " },
    { type: "double", value: 3 },
    { type: "dateTime.iso8601", value: new Date(0), text: "19700101T00:00:00" },
    { type: "base64", value: Uint8Array.of(1) },
  ];

  it("arrayOfStructsTest sums up curly", async () => {
    const { ask } = await responder();
    const structs = [1, 2, 3].map((curly) => ({ moe: 10, larry: 20, curly, shemp: "more" }));
    expect(await ask("validator1.arrayOfStructsTest", [structs])).toBe(6);
    expect(await ask("validator1.arrayOfStructsTest", [[]])).toBe(0);
    expect(await ask("validator1.arrayOfStructsTest", [[{ moe: 1, larry: 1 }]])).toMatch(
      /^fault -32602: params\[0\] \(structs\)\[0\]/,
    );
  });

  it("countTheEntities counts each", async () => {
    const { ask } = await responder();
    expect(await ask("validator1.countTheEntities", [`<<>&&&'""" &amp;`])).toEqual({
      ctLeftAngleBrackets: 2,
      ctRightAngleBrackets: 1,
      ctAmpersands: 4,
      ctApostrophes: 1,
      ctQuotes: 3,
    });
  });

  it("easyStructTest and nestedStructTest sum up", async () => {
    const { ask } = await responder();
    expect(await ask("validator1.easyStructTest", [{ moe: 1, larry: 2, curly: 4, more: "x" }])).toBe(7);
    const calendar = {
      1999: {},
      2000: { "03": { "31": {} }, "04": { "01": { moe: 1, larry: 2, curly: 4 }, "02": {} } },
    };
    expect(await ask("validator1.nestedStructTest", [calendar])).toBe(7);
    expect(await ask("validator1.nestedStructTest", [{ 2000: { 4: { 1: {} } } }])).toMatch(/^fault 1: /);
    expect(await ask("validator1.nestedStructTest", [{}])).toMatch(/^fault 1: /);
  });

  it("echoStructTest keeps every type and every name", async () => {
    const { call, ask } = await responder();
    const members = Object.fromEntries(many.map((value, index) => [`m${index}`, value]));
    Object.defineProperty(members, "__proto__", { value: many[0], enumerable: true });
    const value: ExactValue = { type: "struct", value: members };
    expect(await call("validator1.echoStructTest", [new Typed(value)])).toMatchObject({ value });
    expect(await ask("validator1.echoStructTest", [1])).toMatch(/^fault 1: a struct expected, got int/);
  });

  it("manyTypesTest gives the six as they came", async () => {
    const { call, ask } = await responder();
    expect(
      await call(
        "validator1.manyTypesTest",
        many.map((value) => new Typed(value)),
      ),
    ).toMatchObject({ value: many });
    expect(await ask("validator1.manyTypesTest", [true, true, "", 1.5, new Date(0), Uint8Array.of()])).toMatch(
      /^fault 1: params\[0\]: int or /,
    );
    expect(await ask("validator1.manyTypesTest", [1])).toMatch(/^fault -32602: params: 6 expected, got 1/);
  });

  it("moderateSizeArrayCheck joins the first and the last", async () => {
    const { ask } = await responder();
    const texts = Array.from({ length: 150 }, (_, index) => `t${index}`);
    expect(await ask("validator1.moderateSizeArrayCheck", [texts])).toBe("t0t149");
    expect(await ask("validator1.moderateSizeArrayCheck", [[]])).toMatch(/^fault 1: /);
  });

  it("simpleStructReturnTest multiplies, beyond 32 bits too", async () => {
    const { ask } = await responder();
    expect(await ask("validator1.simpleStructReturnTest", [7])).toEqual({
      times10: 70,
      times100: 700,
      times1000: 7000,
    });
    expect(await ask("validator1.simpleStructReturnTest", [2147483647])).toMatchObject({ times1000: 2147483647000 });
  });
});
