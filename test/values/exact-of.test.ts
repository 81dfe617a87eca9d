// Natural JavaScript to exact values and back: the rules for undeclared values, shapes, and what raises.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExactValue, exactOf, naturalOf, type Shape, ValueError, withShape } from "../../src/values/index.js";
import { natural } from "./arbitraries.js";
import { refusal } from "./support.js";

describe("exactOf, undeclared", () => {
  it.each<readonly [unknown, ExactValue["type"]]>([
    [0, "int"],
    [-2147483648, "int"],
    [2147483648, "double"],
    [-0, "double"],
    [1.5, "double"],
    [1n, "i8"],
    ["", "string"],
    [false, "boolean"],
    [null, "nil"],
    [new Date(0), "dateTime.iso8601"],
    [Buffer.from("a"), "base64"],
    [[], "array"],
    [{}, "struct"],
    [Object.create(null), "struct"],
    [withShape(1, { kind: "double" }), "double"],
  ])("%o is %s", (value, type) => {
    expect(exactOf(value).type).toBe(type);
  });

  it.each<readonly [unknown, string]>([
    [undefined, "undefined cannot be sent"],
    [{ a: { b: [1, undefined] } }, "a.b[1]: undefined cannot be sent"],
    [{ "a b": Number.NaN }, "a b: double expected, got NaN"],
    [[new Map()], "[0]: Map cannot be sent"],
    [new Int8Array(1), "Int8Array cannot be sent"],
    [() => 1, "function cannot be sent"],
    [Symbol("s"), "symbol cannot be sent"],
    [Object.assign([], { length: 1 }), "[0]: undefined cannot be sent"],
    [new Date(Number.NaN), "dateTime expected, got an invalid Date"],
    [-(2n ** 63n) - 1n, "long expected, got a bigint beyond 64 bits"],
  ])("refuses %o", (value, message) => {
    expect(refusal(() => exactOf(value))).toBe(message);
  });

  it("refuses cycles, but not the same value twice", () => {
    const list: unknown[] = [];
    list.push({ list });
    expect(refusal(() => exactOf(list))).toBe("[0].list: the value contains itself");
    const shared = { a: 1 };
    expect(naturalOf(exactOf([shared, shared]))).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it("refuses what is too deep", () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(exactOf(nested(64)).type).toBe("array");
    expect(refusal(() => exactOf(nested(65)))).toContain("nested more than 64 deep (maxValueDepth)");
  });

  it("does not confuse members with what every object inherits", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    const exact = exactOf(value);
    expect(isDeepStrictEqual(naturalOf(exact), value)).toBe(true);
    expect(Object.keys(exact.type === "struct" ? exact.value : {})).toEqual(["__proto__", "constructor"]);
  });

  it("is undone by naturalOf", () => {
    fc.assert(
      fc.property(natural, (value) => {
        expect(isDeepStrictEqual(naturalOf(exactOf(value)), value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("exactOf, declared", () => {
  const members: Shape = {
    kind: "struct",
    members: { id: { kind: "int" }, note: { kind: "optional", inner: { kind: "string" } } },
  };

  it("writes by declaration, not by value", () => {
    expect(exactOf(3, { kind: "double" })).toEqual({ type: "double", value: 3 });
    expect(exactOf(3, { kind: "long" })).toEqual({ type: "i8", value: 3n });
    expect(exactOf({ id: 1, note: undefined, more: 2 }, members)).toEqual({
      type: "struct",
      value: { id: { type: "int", value: 1 } },
    });
  });

  it("names what is missing or wrong", () => {
    expect(refusal(() => exactOf({}, members))).toBe('member "id" is missing');
    expect(refusal(() => exactOf([{ id: "1" }], { kind: "array", items: members }))).toBe(
      "[0].id: int expected, got string",
    );
    expect(refusal(() => exactOf({ id: 1, note: null }, members))).toBe("note: string expected, got null");
  });
});

describe("ValueError", () => {
  it("is known by its brand, and builds its path on the way out", () => {
    const error = new ValueError("int expected, got string").within("qty").within(3).within("a b").within("params[0]");
    expect(ValueError.is(error)).toBe(true);
    expect(ValueError.is(new Error("x"))).toBe(false);
    expect(error.message).toBe('params[0]["a b"][3].qty: int expected, got string');
  });
});
