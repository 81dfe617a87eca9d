// Descriptors are frozen shapes; wrong ones are refused where they are written. And what is made of shapes.
import { describe, expect, it } from "vitest";
import {
  type AnyDescriptor,
  any,
  array,
  base64,
  boolean,
  dateTime,
  defineMethod,
  defineService,
  describeMethod,
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
  schemaOf,
  shapeOf,
  signaturesOf,
  string,
  struct,
} from "../../src/rpc/index.js";

const every: readonly (readonly [string, AnyDescriptor, unknown])[] = [
  ["int", int, { kind: "int" }],
  ["long", long, { kind: "long" }],
  ["double", double, { kind: "double" }],
  ["boolean", boolean, { kind: "boolean" }],
  ["string", string, { kind: "string" }],
  ["string()", string({}), { kind: "string" }],
  ["secret", string({ secret: true }), { kind: "string", secret: true }],
  ["dateTime", dateTime, { kind: "dateTime" }],
  ["base64", base64, { kind: "base64" }],
  ["nil", nil, { kind: "nil" }],
  ["any", any, { kind: "any" }],
  ["exact", exact, { kind: "exact" }],
  ["array", array(int), { kind: "array", items: { kind: "int" } }],
  ["record", record(string), { kind: "record", values: { kind: "string" } }],
  ["enumeration", enumeration("a", "b"), { kind: "enumeration", values: ["a", "b"] }],
  ["optional", optional(int), { kind: "optional", inner: { kind: "int" } }],
  ["nullable", nullable(string), { kind: "nullable", inner: { kind: "string" } }],
  ["named", named("id", int), { kind: "named", name: "id", inner: { kind: "int" } }],
];

describe("a descriptor", () => {
  it.each(every)("%s is a frozen shape", (_, descriptor, shape) => {
    expect(shapeOf(descriptor)).toEqual(shape);
    expect(Object.isFrozen(shapeOf(descriptor))).toBe(true);
    expect(Object.isFrozen(descriptor)).toBe(true);
  });

  it("struct keeps every member's name, also those of Object.prototype", () => {
    const shape = shapeOf(struct({ a: int, toString: string, ["__proto__"]: optional(int) }));
    expect(shape.kind === "struct" && Object.keys(shape.members)).toEqual(["a", "toString", "__proto__"]);
  });

  it.each<[string, () => unknown, string]>([
    ["record of members", () => record({ id: int } as unknown as AnyDescriptor), "for fixed members use struct({…})"],
    [
      "struct of one descriptor",
      () => struct(int as unknown as Record<string, AnyDescriptor>),
      "struct() takes an object of descriptors",
    ],
    [
      "struct with a plain text",
      () => struct({ a: "int" as unknown as AnyDescriptor }),
      "struct member a: a descriptor",
    ],
    ["array of a constructor", () => array(String as unknown as AnyDescriptor), "array: a descriptor"],
    ["array of a look-alike", () => array({ kind: "int" }), "array: a descriptor"],
    ["enumeration of nothing", () => enumeration(...([] as unknown as ["a"])), "enumeration() takes"],
    ["named without a name", () => named("", int), "named() takes a name"],
  ])("%s is refused", (_, make, text) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(text);
  });
});

describe("defineMethod", () => {
  it("gives one frozen record", () => {
    const method = defineMethod(
      "a.b",
      {
        params: [named("x", optional(int)), optional(named("y", string))],
        returns: nil,
        doc: "d",
        deadlineMs: 5,
        command: false,
        atMostOnce: true,
      },
      () => null,
    );
    expect(method).toMatchObject({
      name: "a.b",
      params: [
        { name: "x", shape: { kind: "optional", inner: { kind: "int" } } },
        { name: "y", shape: { kind: "optional", inner: { kind: "string" } } },
      ],
      returns: { kind: "nil" },
      doc: "d",
      deadlineMs: 5,
      command: false,
      atMostOnce: true,
    });
    expect(Object.isFrozen(method)).toBe(true);
  });

  it.each(["", "a b", "ä", "a-b", "a\n", "system.a", "x".repeat(256)])("refuses the name %j", (name) => {
    expect(() => defineMethod(name, { params: [] }, () => undefined)).toThrow(TypeError);
  });

  it("accepts the longest name and every character of the alphabet", () => {
    for (const name of ["x".repeat(255), "Az09_.:/", "systemic"])
      expect(defineMethod(name, { params: [] }, () => undefined).name).toBe(name);
  });

  it.each<[string, () => unknown, string]>([
    [
      "an optional parameter before a required one",
      () => defineMethod("a", { params: [optional(int), int] }, () => undefined),
      "params[0] is optional, so params[1] must be optional too",
    ],
    ["no list of parameters", () => defineMethod("a", {} as { params: [] }, () => undefined), "params must be a list"],
    [
      "no function",
      () => defineMethod("a", { params: [] }, undefined as unknown as () => undefined),
      "a function expected",
    ],
    [
      "a result that is no descriptor",
      () => defineMethod("a", { params: [], returns: "int" as unknown as AnyDescriptor }, () => undefined as never),
      "returns is no descriptor",
    ],
    ["a deadline of 0", () => defineMethod("a", { params: [], deadlineMs: 0 }, () => undefined), "deadlineMs must be"],
    [
      "a deadline that no timer can wait",
      () => defineMethod("a", { params: [], deadlineMs: 2 ** 31 }, () => undefined),
      "deadlineMs must be",
    ],
  ])("refuses %s", (_, make, text) => {
    expect(make).toThrow(text);
  });

  it("defineService puts a prefix before names", () => {
    const ping = defineMethod("ping", { params: [] }, () => undefined);
    expect(defineService("orders", [ping])).toMatchObject([{ name: "orders.ping" }]);
    expect(() => defineService("system", [ping])).toThrow("names under system. belong to the responder");
  });
});

describe("descriptions", () => {
  it("have a JSON schema for every shape", () => {
    const order = struct({
      id: named("key", long),
      note: optional(string({ secret: true })),
      tags: record(array(boolean)),
    });
    expect(schemaOf(shapeOf(nullable(order)))).toEqual({
      anyOf: [
        {
          type: "object",
          properties: {
            id: { title: "key", type: ["integer", "string"], format: "int64", pattern: "^-?[0-9]+$" },
            note: { type: "string", format: "password", writeOnly: true },
            tags: { type: "object", additionalProperties: { type: "array", items: { type: "boolean" } } },
          },
          required: ["id", "tags"],
        },
        { type: "null" },
      ],
    });
    const schemas = every.map(([, descriptor]) => schemaOf(shapeOf(descriptor)));
    expect(schemas).toHaveLength(every.length);
    expect(schemaOf({ kind: "number" })).toEqual({ type: "number" });
  });

  it("have a signature for every shape", () => {
    const method = defineMethod(
      "a",
      { params: every.filter(([name]) => name !== "optional").map(([, one]) => one) },
      () => undefined,
    );
    expect(signaturesOf(method)).toEqual([
      "undef int i8 double boolean string string string dateTime.iso8601 base64 nil undef undef array struct string string int".split(
        " ",
      ),
    ]);
  });

  it("name what is not named, and say what else a method declares", () => {
    const method = defineMethod(
      "a",
      { params: [int, named("b", int)], deadlineMs: 5, atMostOnce: true },
      () => undefined,
    );
    expect(describeMethod(method)).toMatchObject({
      params: [
        { name: "param1", required: true },
        { name: "b", required: true },
      ],
      result: { name: "result", schema: {} },
      "x-deadlineMs": 5,
      "x-atMostOnce": true,
    });
  });
});
