// What each descriptor becomes in a form, what a submission of it becomes in the handler, and what a result looks like
// (XEP-0004 §3.3; XEP-0122 §5; docs/commands.md).
import { afterEach, describe, expect, it } from "vitest";
import {
  any,
  array,
  base64,
  boolean,
  dateTime,
  defineMethod,
  double,
  enumeration,
  exact,
  int,
  long,
  named,
  nil,
  nullable,
  optional,
  record,
  string,
  struct,
} from "../../../src/index.js";
import type { AnyDescriptor, MethodSpec } from "../../../src/rpc/index.js";
import type { Field } from "../../../src/xeps/index.js";
import { type CommandPeer, type CommandResponder, startCommandResponder, valuesOf } from "../../support/commands.js";

let responder: CommandResponder | undefined;
afterEach(async () => {
  await responder?.stop();
  responder = undefined;
});
async function start(...methods: MethodSpec[]): Promise<CommandPeer> {
  responder = await startCommandResponder({ methods });
  return responder.as("alice@example.org/desk");
}

/** A method that keeps what it was called with. */
function probe(params: readonly AnyDescriptor[]): { method: MethodSpec; got(): unknown[] } {
  let got: unknown[] = [];
  const method = defineMethod("probe.it", { params }, (...args: unknown[]) => {
    got = args.slice(0, -1);
  });
  return { method, got: () => got };
}

/** A field without what is not looked at. */
function look({ type, desc, isRequired, options, validation }: Field): object {
  return { type, desc, isRequired, options, validation };
}

const JSON_FIELD = { type: "text-multi", isRequired: true };
const date = new Date("2026-11-22T10:00:00Z");

describe("a parameter", () => {
  it.each<[string, AnyDescriptor, object, readonly string[], unknown]>([
    [
      "int",
      int,
      {
        type: "text-single",
        isRequired: true,
        desc: "A whole number.",
        validation: { datatype: "xs:int", method: { kind: "range", min: "-2147483648", max: "2147483647" } },
      },
      [" -7 "],
      -7,
    ],
    [
      "long",
      long,
      { type: "text-single", isRequired: true, validation: { datatype: "xs:long", method: { kind: "basic" } } },
      ["9007199254740993"],
      9007199254740993n,
    ],
    [
      "double",
      double,
      { type: "text-single", isRequired: true, validation: { datatype: "xs:double", method: { kind: "basic" } } },
      ["1.5e3"],
      1500,
    ],
    ["boolean", boolean, { type: "boolean" }, ["1"], true],
    ["string", string, { type: "text-single", isRequired: true }, [" 6 "], " 6 "],
    ["secret", string({ secret: true }), { type: "text-private", isRequired: true }, ["s3cret"], "s3cret"],
    [
      "dateTime",
      dateTime,
      { type: "text-single", isRequired: true, validation: { datatype: "xs:dateTime", method: { kind: "basic" } } },
      ["2026-11-22T12:00:00+02:00"],
      date,
    ],
    [
      "base64",
      base64,
      { type: "text-multi", isRequired: true, validation: { datatype: "xs:base64Binary", method: { kind: "basic" } } },
      ["AA", "EC"],
      new Uint8Array([0, 1, 2]),
    ],
    [
      "enumeration",
      enumeration("red", "blue"),
      {
        type: "list-single",
        isRequired: true,
        options: [
          { label: "red", value: "red" },
          { label: "blue", value: "blue" },
        ],
      },
      ["blue"],
      "blue",
    ],
    ["array(string)", array(string), { type: "text-multi", desc: "One a line." }, ["a", "", "b"], ["a", "", "b"]],
    [
      "array(int)",
      array(int),
      { type: "text-multi", validation: { datatype: "xs:int", method: { kind: "open" } } },
      ["1", "", "2"],
      [1, 2],
    ],
    ["array(long)", array(long), { type: "text-multi" }, ["1"], [1n]],
    ["array(double)", array(named("x", double)), { type: "text-multi" }, ["1.5"], [1.5]],
    ["array(dateTime)", array(dateTime), { type: "text-multi" }, ["2026-11-22T10:00:00Z"], [date]],
    ["array(enumeration)", array(enumeration("red", "blue")), { type: "list-multi" }, ["blue", "red"], ["red", "blue"]],
    ["array(boolean)", array(boolean), JSON_FIELD, ["[true,", "false]"], [true, false]],
    ["array(array)", array(array(int)), JSON_FIELD, ["[[1],[2,3]]"], [[1], [2, 3]]],
    ["array(struct)", array(struct({ a: int })), { ...JSON_FIELD, desc: "A list in JSON." }, ['[{"a":1}]'], [{ a: 1 }]],
    ["array(secret)", array(string({ secret: true })), { type: "text-private", isRequired: true }, ['["a"]'], ["a"]],
    [
      "record",
      record(long),
      { ...JSON_FIELD, desc: "An object in JSON." },
      ['{"a":"9007199254740993"}'],
      { a: 9007199254740993n },
    ],
    ["any", any, JSON_FIELD, ['{"a":[1,"x",null]}'], { a: [1, "x", null] }],
    ["exact", exact, JSON_FIELD, ['{"i8":"5"}'], { type: "i8", value: 5n }],
    ["optional(int)", optional(int), { type: "text-single" }, ["7"], 7],
    ["nullable(string)", nullable(string), { type: "text-single" }, ["x"], "x"],
    ["optional(boolean)", optional(boolean), { type: "list-single" }, ["false"], false],
    ["named", named("unitPrice", double), { type: "text-single", isRequired: true }, ["2"], 2],
  ])("%s is a field, and is read", async (_name, descriptor, expected, values, value) => {
    const { method, got } = probe([descriptor]);
    const alice = await start(method);
    const { form, sessionId } = await alice.run("probe.it");
    const [kind, field] = form?.fields ?? [];
    expect(kind).toMatchObject({ type: "hidden", var: "FORM_TYPE" });
    expect(field && look(field)).toMatchObject(expected);
    if (!("isRequired" in expected)) expect(field?.isRequired).toBeUndefined();
    const end = await alice.run("probe.it", { sessionId, fields: { [field?.var ?? ""]: values } });
    expect(end).toMatchObject({ status: "completed", notes: ["info: Done."] });
    expect(got()).toEqual([value]);
  });

  it.each<[string, AnyDescriptor, string, RegExp]>([
    ["int", int, "2147483648", /whole number expected/],
    ["long", long, "9223372036854775808", /whole number expected/],
    ["double", double, "1,5", /number expected/],
    ["dateTime", dateTime, "tomorrow", /date and time such as/],
    ["base64", base64, "@", /base64 expected/],
    ["enumeration", enumeration("red"), "green", /one of red expected/],
    ["array(int)", array(int), "x", /whole number expected/],
    ["JSON that is none", any, "{", /JSON expected/],
    ["JSON of another shape", record(int), '{"a":"x"}', /a: int expected, got string/],
    [
      "a deep value of another shape",
      array(struct({ a: array(int) })),
      '[{"a":[1,"x"]}]',
      /\[0\]\.a\[1\]: int expected/,
    ],
    ["exact of no type", exact, '{"integer":1}', /unknown type/],
  ])("%s is refused with its label and the reason, and nothing runs", async (_name, descriptor, text, problem) => {
    const { method, got } = probe([named("theValue", descriptor)]);
    const alice = await start(method);
    const again = await alice.run("probe.it", { fields: { theValue: text } });
    expect(again.status).toBe("executing");
    expect(again.notes).toEqual([expect.stringMatching(new RegExp(`^error: The value: .*${problem.source}`))]);
    expect(got()).toEqual([]);
  });

  it.each<[string, AnyDescriptor, unknown]>([
    ["optional(int)", optional(int), undefined],
    ["optional(boolean)", optional(boolean), undefined],
    ["optional(array)", optional(array(int)), undefined],
    ["optional(struct)", optional(struct({ a: int, b: boolean })), undefined],
    ["nullable(int)", nullable(int), null],
    ["nullable(boolean)", nullable(boolean), null],
    ["nullable(struct)", nullable(struct({ a: int })), null],
    ["optional(nullable(int))", optional(nullable(int)), undefined],
    ["array", array(int), []],
    ["boolean", boolean, false],
    ["nil", nil, null],
  ])("%s may be left empty", async (_name, descriptor, value) => {
    const { method, got } = probe([descriptor]);
    const alice = await start(method);
    const { sessionId } = await alice.run("probe.it");
    expect((await alice.run("probe.it", { sessionId })).status).toBe("completed");
    // A parameter that was left out at the end of the list is not there.
    expect(got()[0]).toEqual(value);
  });

  it("that is left out before one that is given is undefined", async () => {
    const { method, got } = probe([named("a", int), named("b", optional(int)), named("c", optional(int))]);
    await (await start(method)).run("probe.it", { fields: { a: "1", c: "3" } });
    expect(got()).toEqual([1, undefined, 3]);
  });

  it("that is a struct is a group of fields under a heading", async () => {
    const inner = struct({ street: string, isHome: boolean });
    const { method, got } = probe([
      named("order", struct({ id: int, "a.b": optional(string), address: inner, lines: array(inner) })),
    ]);
    const alice = await start(method);
    const { form, sessionId } = await alice.run("probe.it");
    expect(form?.fields.slice(1).map(({ type, var: name, label, values }) => [type, name ?? values[0], label])).toEqual(
      [
        ["fixed", "Order", undefined],
        ["text-single", "order.id", "Order: Id"],
        ["text-single", "order.a\\.b", "Order: A.b"],
        ["fixed", "Order: Address", undefined],
        ["text-single", "order.address.street", "Order: Address: Street"],
        ["boolean", "order.address.isHome", "Order: Address: Is home"],
        ["text-multi", "order.lines", "Order: Lines"],
      ],
    );
    const fields = { "order.id": "1", "order.address.street": "Main", "order.lines": '[{"street":"x","isHome":true}]' };
    await alice.run("probe.it", { sessionId, fields });
    expect(got()).toEqual([
      { id: 1, address: { street: "Main", isHome: false }, lines: [{ street: "x", isHome: true }] },
    ]);
  });

  it("that is an optional struct is there as soon as one of its fields is, and then needs the others", async () => {
    const { method, got } = probe([
      named("address", optional(struct({ street: string, isHome: boolean, tags: array(string) }))),
    ]);
    const alice = await start(method);
    const again = await alice.run("probe.it", { fields: { "address.isHome": "true" } });
    expect(again.notes).toEqual(["error: Address: Street: a value is required"]);
    const { sessionId } = again;
    await alice.run("probe.it", { sessionId, fields: { "address.street": "Main", "address.isHome": "false" } });
    expect(got()).toEqual([{ street: "Main", isHome: false, tags: [] }]);
  });

  it("has a field of its own even where names are equal", async () => {
    const { method, got } = probe([named("a", int), named("a", int), named("FORM_TYPE", int), int]);
    await (await start(method)).run("probe.it", { fields: { a: "1", "a#2": "2", "FORM_TYPE#2": "3", param4: "4" } });
    expect(got()).toEqual([1, 2, 3, 4]);
  });

  it("may be any number of further ones", async () => {
    const { method, got } = probe([named("first", string)]);
    const variadic: MethodSpec = { ...method, rest: { kind: "int" } };
    await (await start(variadic)).run("probe.it", { fields: { first: "a", more: ["1", "2"] } });
    expect(got()).toEqual(["a", 1, 2]);
  });
});

describe("a result", () => {
  const show = async (returns: AnyDescriptor | undefined, value: unknown) => {
    // Every value goes with its descriptor.
    const method = defineMethod(
      "show.it",
      { params: [], ...(returns === undefined ? {} : { returns }) },
      () => value as never,
    );
    return (await start(method)).run("show.it");
  };

  it.each<[string, AnyDescriptor, unknown, object]>([
    ["int", int, 7, { type: "text-single", values: ["7"] }],
    ["long", long, 9007199254740993n, { type: "text-single", values: ["9007199254740993"] }],
    ["double", double, 2.5, { type: "text-single", values: ["2.5"] }],
    ["boolean", boolean, true, { type: "boolean", values: ["true"] }],
    ["string", string, "a<b", { type: "text-single", values: ["a<b"] }],
    ["a string of lines", string, "a\nb", { type: "text-multi", values: ["a", "b"] }],
    ["a secret", string({ secret: true }), "key", { type: "text-private", values: ["key"] }],
    ["dateTime", dateTime, date, { type: "text-single", values: ["2026-11-22T10:00:00Z"] }],
    ["base64", base64, new Uint8Array([0, 1, 2]), { type: "text-single", values: ["AAEC"] }],
    ["nil", nullable(int), null, { type: "text-single", values: ["nil"] }],
    ["a list of scalars", array(int), [1, 2], { type: "text-multi", values: ["1", "2"] }],
    [
      "a deep list",
      array(array(int)),
      [[1], []],
      { type: "text-multi", values: ["[", "  [", "    1", "  ],", "  []", "]"] },
    ],
    ["an empty struct", record(int), {}, { type: "text-multi", values: ["{}"] }],
  ])("%s is one field", async (_name, returns, value, expected) => {
    const { form, notes } = await show(returns, value);
    expect(notes).toEqual([]);
    expect(form).toMatchObject({ type: "result", fields: [{ var: "result", label: "Result", ...expected }] });
  });

  it("a struct is a field for each member", async () => {
    const returns = struct({
      orderId: int,
      tags: array(string),
      deep: struct({ a: int }),
      token: string({ secret: true }),
    });
    const { form } = await show(returns, { orderId: 1, tags: ["a", "b"], deep: { a: 1 }, token: "t" });
    expect(form?.fields.map(({ label, type }) => [label, type])).toEqual([
      ["Order id", "text-single"],
      ["Tags", "text-multi"],
      ["Deep", "text-multi"],
      ["Token", "text-private"],
    ]);
    expect(valuesOf(form)).toEqual({ orderId: "1", tags: "a|b", deep: '{|  "a": 1|}', token: "t" });
  });

  it("a list of structs is a table, declared or not, also without rows", async () => {
    const rows = [{ id: 1, item: "tea" }, { id: 2 }];
    for (const returns of [array(struct({ id: int, item: optional(string) })), any]) {
      const { form } = await show(returns, rows);
      expect(form?.reported?.map(({ label }) => label)).toEqual(["Id", "Item"]);
      expect(form?.items?.map((item) => item.map(({ values }) => values[0]))).toEqual([
        ["1", "tea"],
        ["2", ""],
      ]);
      await responder?.stop();
    }
    const { form } = await show(array(struct({ id: int })), []);
    expect(form).toMatchObject({ fields: [], reported: [{ var: "id" }], items: [] });
  });

  it("nothing is a note", async () => {
    expect(await show(undefined, undefined)).toMatchObject({
      status: "completed",
      notes: ["info: Done."],
      form: undefined,
    });
  });

  it("of another type than declared is a failure of ours, told in a note", async () => {
    const { status, notes } = await show(int, "seven");
    expect(status).toBe("completed");
    expect(notes).toEqual([expect.stringMatching(/^error: result: int expected, got string.* \(fault -32603\)$/)]);
  });

  it.each([
    ["a NUL", "\u0000"],
    ["half of a pair", "\ud800"],
  ])("with %s never breaks the stream", async (_what, text) => {
    const { status, notes } = await show(string, text);
    expect(status).toBe("completed");
    expect(notes).toEqual(["error: The command ran, but its result cannot be written as XML."]);
  });

  it("over the limit of a stanza is told in a note, at the very byte", async () => {
    const method = defineMethod("show.it", { params: [int], returns: string }, (size) => "x".repeat(size));
    const alice = await start(method);
    const run = async (size: number) => (await alice.run("show.it", { fields: { param1: String(size) } })).notes;
    let [low, high] = [190_000, 200_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((await run(middle)).length === 0) low = middle;
      else high = middle;
    }
    expect(await run(low)).toEqual([]);
    expect(await run(low + 1)).toEqual(["error: The command ran, but its result is over the limit of 200000 bytes."]);
  });
});
