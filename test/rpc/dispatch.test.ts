// A call through the dispatcher: what each step lets through, and what it answers.
import { describe, expect, it } from "vitest";
import {
  array,
  type CallContext,
  defineMethod,
  double,
  int,
  named,
  optional,
  RpcFault,
  string,
  struct,
} from "../../src/rpc/index.js";
import { testDispatcher, typed } from "./support.js";

const stateName = defineMethod(
  "examples.getStateName",
  { params: [named("index", int)], returns: string, doc: "Name of a state." },
  (index) => {
    if (index === 6) return "Colorado";
    throw new RpcFault(4, `no state ${index}`);
  },
);

describe("a call", () => {
  it("returns the handler's value and how it is to be written", () => {
    const { call } = testDispatcher([stateName]);
    expect(call("examples.getStateName", [6])).toMatchObject({
      kind: "value",
      value: "Colorado",
      returns: { kind: "string" },
    });
  });

  it("answers a declared fault with its code, its text and the call's id", () => {
    const { call } = testDispatcher([stateName]);
    expect(call("examples.getStateName", [60])).toEqual({ kind: "fault", code: 4, string: "no state 60 [call c1]" });
  });

  it("waits for an asynchronous handler", async () => {
    const { call, dispatcher } = testDispatcher([
      defineMethod("add", { params: [int, int], returns: int }, async (a, b) => {
        await Promise.resolve();
        return a + b;
      }),
    ]);
    const outcome = call("add", [2, 3]);
    expect(outcome).toBeInstanceOf(Promise);
    expect(dispatcher.inFlight).toBe(1);
    expect(await outcome).toMatchObject({ kind: "value", value: 5, returns: { kind: "int" } });
    expect(dispatcher.inFlight).toBe(0);
  });

  it("gives the handler its context behind the parameters", () => {
    let seen: CallContext | undefined;
    const { call } = testDispatcher([
      defineMethod("who", { params: [], returns: string }, (context) => {
        seen = context;
        return context.requester.jid.full;
      }),
    ]);
    expect(call("who")).toMatchObject({ value: "alice@example.org/desk" });
    expect(seen).toMatchObject({ id: "c1", method: "who", via: "test", deadlineMs: 20_000 });
  });
});

describe("parameters", () => {
  const { call } = testDispatcher([
    stateName,
    defineMethod(
      "note",
      { params: [int, named("text", optional(string)), optional(string)], returns: int },
      (...given) => given.slice(0, 3).filter((value) => value !== undefined).length,
    ),
    defineMethod("order", { params: [struct({ lines: array(struct({ qty: int })) })], returns: double }, ({ lines }) =>
      lines.reduce((sum, line) => sum + line.qty, 0),
    ),
  ]);
  it.each([
    ["examples.getStateName", ["6"], "params[0] (index): int expected, got string [call c"],
    ["examples.getStateName", [], "params: 1 expected, got 0 [call c"],
    ["examples.getStateName", [6, 7], "params: 1 expected, got 2 [call c"],
    ["note", [], "params: 1 to 3 expected, got 0 [call c"],
    ["note", [1, "a", "b", "c"], "params: 1 to 3 expected, got 4 [call c"],
    ["note", [1, 2], "params[1] (text): string expected, got int [call c"],
    ["order", [{ lines: [{ qty: 1 }, { qty: "x" }] }], "params[0].lines[1].qty: int expected, got string [call c"],
  ])("%s(%j) is refused with the path", (method, params, text) => {
    const outcome = call(method, params);
    expect(outcome).toMatchObject({ kind: "fault", code: -32602 });
    expect(outcome).toHaveProperty("string", expect.stringContaining(text));
  });

  it.each([
    [[1], 1],
    [[1, "a"], 2],
    [[1, "a", "b"], 3],
  ])("optional ones may be left out: %j", (params, count) => {
    expect(call("note", params)).toMatchObject({ value: count });
  });

  it("of type int accept an i8 in range", () => {
    expect(call("examples.getStateName", [typed({ type: "i8", value: 6n })])).toMatchObject({ value: "Colorado" });
  });
});
