// Readers compiled from shapes: what each kind accepts, gives and refuses.

import { describe, expect, it } from "vitest";
import { compileReader, type ExactValue, type Shape } from "../../src/values/index.js";
import { refusal } from "./support.js";

const int = (value: number): ExactValue => ({ type: "int", value });
const i8 = (value: bigint): ExactValue => ({ type: "i8", value });
const double = (value: number): ExactValue => ({ type: "double", value });
const string = (value: string): ExactValue => ({ type: "string", value });
const nil: ExactValue = { type: "nil", value: null };
const when: ExactValue = { type: "dateTime.iso8601", value: new Date(0), text: "19700101T00:00:00" };
const bytes: ExactValue = { type: "base64", value: new Uint8Array([1]) };
const struct = (value: Record<string, ExactValue>): ExactValue => ({ type: "struct", value });
const array = (...value: ExactValue[]): ExactValue => ({ type: "array", value });
const enumeration: Shape = { kind: "enumeration", values: ["a", "b"] };
const order: Shape = {
  kind: "struct",
  members: {
    id: { kind: "int" },
    lines: { kind: "array", items: { kind: "struct", members: { qty: { kind: "int" } } } },
    note: { kind: "optional", inner: { kind: "string" } },
  },
};

describe("accepted", () => {
  it.each<readonly [Shape, ExactValue, unknown]>([
    [{ kind: "int" }, int(7), 7],
    [{ kind: "int" }, { type: "i1", value: 7 }, 7],
    [{ kind: "int" }, { type: "i2", value: 7 }, 7],
    [{ kind: "int" }, i8(2147483647n), 2147483647],
    [{ kind: "int" }, i8(-2147483648n), -2147483648],
    [{ kind: "long" }, i8(2n ** 60n), 2n ** 60n],
    [{ kind: "long" }, int(7), 7n],
    [{ kind: "long" }, { type: "i1", value: 7 }, 7n],
    [{ kind: "double" }, double(1.5), 1.5],
    [{ kind: "double" }, int(7), 7],
    [{ kind: "double" }, { type: "i2", value: 7 }, 7],
    [{ kind: "number" }, double(1.5), 1.5],
    [{ kind: "number" }, int(7), 7],
    [{ kind: "number" }, i8(2n ** 53n - 1n), 2 ** 53 - 1],
    [{ kind: "boolean" }, { type: "boolean", value: false }, false],
    [{ kind: "string" }, string("x"), "x"],
    [enumeration, string("b"), "b"],
    [{ kind: "dateTime" }, when, new Date(0)],
    [{ kind: "base64" }, bytes, new Uint8Array([1])],
    [{ kind: "nil" }, nil, null],
    [{ kind: "nullable", inner: { kind: "int" } }, nil, null],
    [{ kind: "nullable", inner: { kind: "int" } }, int(1), 1],
    [{ kind: "optional", inner: { kind: "int" } }, int(1), 1],
    [{ kind: "named", name: "Id", inner: { kind: "double" } }, int(1), 1],
    [{ kind: "any" }, array(i8(1n), double(3), nil, when), [1n, 3, null, new Date(0)]],
    [{ kind: "exact" }, double(3), { type: "double", value: 3 }],
    [{ kind: "array", items: { kind: "double" } }, array(int(1), double(2.5)), [1, 2.5]],
    [{ kind: "record", values: { kind: "int" } }, struct({ a: int(1), b: int(2) }), { a: 1, b: 2 }],
    [
      order,
      struct({ id: int(1), lines: array(struct({ qty: int(2), more: nil })), more: nil }),
      { id: 1, lines: [{ qty: 2 }] },
    ],
    [order, struct({ note: string("n"), lines: array(), id: int(1) }), { id: 1, lines: [], note: "n" }],
  ])("%o reads %o", (shape, value, expected) => {
    expect(compileReader(shape)(value)).toStrictEqual(expected);
  });
});

describe("refused", () => {
  it.each<readonly [Shape, ExactValue, string]>([
    [{ kind: "int" }, string("7"), "int expected, got string"],
    [{ kind: "int" }, double(3), "int expected, got double"],
    [{ kind: "int" }, i8(2147483648n), "int expected, got an i8 beyond 32 bits"],
    [{ kind: "int" }, i8(-2147483649n), "int expected, got an i8 beyond 32 bits"],
    [{ kind: "int" }, nil, "int expected, got nil"],
    [{ kind: "long" }, double(3), "long expected, got double"],
    [{ kind: "double" }, i8(3n), "double expected, got i8"],
    [{ kind: "double" }, string("3"), "double expected, got string"],
    [{ kind: "number" }, i8(2n ** 53n), "number expected, got an i8 that no number holds exactly"],
    [{ kind: "number" }, string("3"), "number expected, got string"],
    [{ kind: "boolean" }, int(1), "boolean expected, got int"],
    [{ kind: "string" }, int(1), "string expected, got int"],
    [{ kind: "dateTime" }, string("19700101T00:00:00"), "dateTime expected, got string"],
    [{ kind: "base64" }, string("AA=="), "base64 expected, got string"],
    [{ kind: "nil" }, string(""), "nil expected, got string"],
    [enumeration, string("c"), 'one of "a", "b" expected, got another string'],
    [enumeration, int(1), 'one of "a", "b" expected, got int'],
    [{ kind: "array", items: { kind: "int" } }, struct({}), "array expected, got struct"],
    [{ kind: "array", items: { kind: "int" } }, array(int(1), string("2")), "[1]: int expected, got string"],
    [{ kind: "record", values: { kind: "int" } }, array(), "struct expected, got array"],
    [{ kind: "record", values: { kind: "int" } }, struct({ "a b": nil }), "a b: int expected, got nil"],
    [order, array(), "struct expected, got array"],
    [order, struct({ lines: array() }), 'member "id" is missing'],
    [
      order,
      struct({ id: int(1), lines: array(struct({ qty: int(1) }), struct({ qty: string("x") })) }),
      "lines[1].qty: int expected, got string",
    ],
    [order, struct({ id: int(1), lines: array(), note: nil }), "note: string expected, got nil"],
    [
      { kind: "struct", members: { toString: { kind: "int" } } as Record<string, Shape> },
      struct({}),
      'member "toString" is missing',
    ],
  ])("%o refuses %o", (shape, value, message) => {
    expect(refusal(() => compileReader(shape)(value))).toBe(message);
  });
});

describe("objects that readers make", () => {
  it("have no property for what is absent", () => {
    const value = compileReader(order)(struct({ id: int(1), lines: array() }));
    expect(Object.hasOwn(value as object, "note")).toBe(false);
  });

  it("keep a member called __proto__ to themselves", () => {
    const wire = JSON.parse('{"__proto__": {"type": "int", "value": 1}}') as Record<string, ExactValue>;
    for (const shape of [
      { kind: "any" },
      { kind: "record", values: { kind: "int" } },
      { kind: "struct", members: JSON.parse('{"__proto__": {"kind": "int"}}') as Record<string, Shape> },
    ] satisfies Shape[]) {
      const value = compileReader(shape)(struct(wire)) as object;
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.entries(value)).toEqual([["__proto__", 1]]);
    }
  });
});
