// JSON notation: natural and exact, written and read back.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExactValue, exactFromJson, exactOf, jsonOf, jsonOfExact, type Shape } from "../../src/values/index.js";
import { exact, natural, shapeAndValue } from "./arbitraries.js";
import { refusal } from "./support.js";

/** Through the text of JSON and back. */
function transported(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** For JSON.stringify: bigints as text. What JSON itself loses, -0, it loses on both sides. */
function comparable(key: string, member: unknown): unknown {
  return typeof member === "bigint" ? `${key}${member}` : member;
}

describe("jsonOf", () => {
  it.each<readonly [unknown, unknown]>([
    [1n, 1],
    [9007199254740991n, 9007199254740991],
    [9007199254740992n, "9007199254740992"],
    [-9007199254740993n, "-9007199254740993"],
    [new Date(Date.UTC(2026, 10, 22, 10)), "2026-11-22T10:00:00Z"],
    [new Date(Date.UTC(2026, 10, 22, 10, 0, 0, 5)), "2026-11-22T10:00:00.005Z"],
    [new Uint8Array([0, 1, 2]), "AAEC"],
    [{ a: [null, true, "x", 1.5] }, { a: [null, true, "x", 1.5] }],
  ])("%o", (value, json) => {
    expect(jsonOf(value)).toEqual(json);
  });

  it("follows a shape where there is one", () => {
    expect(
      jsonOf({ a: undefined }, { kind: "struct", members: { a: { kind: "optional", inner: { kind: "int" } } } }),
    ).toEqual({});
    expect(jsonOf([{ type: "double", value: 3 }], { kind: "array", items: { kind: "exact" } })).toEqual([3]);
  });

  it("refuses what cannot travel", () => {
    expect(refusal(() => jsonOf({ a: Number.NaN }))).toBe("a: double expected, got NaN");
    expect(refusal(() => jsonOf({ a: undefined }))).toBe("a: undefined cannot be sent");
  });

  it("is JSON for every value that can travel", () => {
    fc.assert(
      fc.property(natural, (value) => {
        const json = jsonOf(value);
        expect(isDeepStrictEqual(transported(json), transported(transported(json)))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("jsonOfExact", () => {
  it.each<readonly [ExactValue, unknown]>([
    [{ type: "i8", value: 5n }, { i8: "5" }],
    [{ type: "double", value: 3 }, { double: 3 }],
    [{ type: "double", value: -0 }, { double: "-0" }],
    [{ type: "nil", value: null }, { nil: null }],
    [{ type: "dateTime.iso8601", value: new Date(0) }, { "dateTime.iso8601": "19700101T00:00:00" }],
    [
      { type: "dateTime.iso8601", value: new Date(0), text: "1970-01-01T00:00:00Z" },
      { "dateTime.iso8601": "1970-01-01T00:00:00Z" },
    ],
    [
      { type: "array", value: [{ type: "struct", value: { a: { type: "i1", value: 1 } } }] },
      { array: [{ struct: { a: { i1: 1 } } }] },
    ],
  ])("%o", (value, json) => {
    expect(jsonOfExact(value)).toEqual(json);
  });

  it("is read back by the shape exact", () => {
    fc.assert(
      fc.property(exact, (value) => {
        expect(isDeepStrictEqual(exactFromJson(transported(jsonOfExact(value)), { kind: "exact" }), value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("exactFromJson", () => {
  const date: Shape = { kind: "dateTime" };

  it.each<readonly [Shape | undefined, unknown, ExactValue]>([
    [undefined, 1, { type: "int", value: 1 }],
    [undefined, "2026-11-22T10:00:00Z", { type: "string", value: "2026-11-22T10:00:00Z" }],
    [{ kind: "long" }, 1, { type: "i8", value: 1n }],
    [{ kind: "long" }, "9007199254740993", { type: "i8", value: 9007199254740993n }],
    [{ kind: "long" }, "+1", { type: "i8", value: 1n }],
    [date, "2026-11-22T10:00:00Z", { type: "dateTime.iso8601", value: new Date(Date.UTC(2026, 10, 22, 10)) }],
    [date, "20261122T10:00:00", { type: "dateTime.iso8601", value: new Date(Date.UTC(2026, 10, 22, 10)) }],
    [{ kind: "base64" }, "AAEC", { type: "base64", value: new Uint8Array([0, 1, 2]) }],
    [{ kind: "double" }, 3, { type: "double", value: 3 }],
    [{ kind: "nullable", inner: date }, null, { type: "nil", value: null }],
    [{ kind: "array", items: { kind: "long" } }, ["1"], { type: "array", value: [{ type: "i8", value: 1n }] }],
    [
      { kind: "record", values: { kind: "double" } },
      { a: 1 },
      { type: "struct", value: { a: { type: "double", value: 1 } } },
    ],
    [
      { kind: "struct", members: { a: date } },
      { a: "20261122T100000Z", b: {} },
      { type: "struct", value: { a: { type: "dateTime.iso8601", value: new Date(Date.UTC(2026, 10, 22, 10)) } } },
    ],
    [
      { kind: "exact" },
      { "dateTime.iso8601": "2026-11-22T10:00:00Z" },
      { type: "dateTime.iso8601", value: new Date(Date.UTC(2026, 10, 22, 10)) },
    ],
  ])("%o %o", (shape, json, expected) => {
    expect(exactFromJson(json, shape)).toStrictEqual(expected);
  });

  it("takes a zone for dates without one", () => {
    expect(exactFromJson("20261122T10:00:00", date, "+02:00").value).toEqual(new Date(Date.UTC(2026, 10, 22, 8)));
  });

  it.each<readonly [Shape, unknown, string]>([
    [{ kind: "long" }, "1.5", "long expected, got text that is not a decimal integer"],
    [{ kind: "long" }, "9223372036854775808", "long expected, got a bigint beyond 64 bits"],
    [{ kind: "long" }, 2 ** 53, "long expected, got a number that is not a safe integer"],
    [{ kind: "int" }, "1", "int expected, got string"],
    [{ kind: "array", items: date }, ["x"], "[0]: dateTime expected, got text of another shape"],
    [{ kind: "array", items: date }, [1], "[0]: dateTime expected, got number"],
    [{ kind: "base64" }, "@", "base64 expected, got characters outside its alphabet"],
    [
      { kind: "struct", members: { a: { kind: "long" } } },
      { a: "x" },
      "a: long expected, got text that is not a decimal integer",
    ],
    [{ kind: "struct", members: { a: { kind: "long" } } }, {}, 'member "a" is missing'],
    [{ kind: "exact" }, 1, "an object {type: value} expected, got number"],
    [{ kind: "exact" }, {}, "an object {type: value} expected, got object"],
    [{ kind: "exact" }, { int: 1, i8: "1" }, "an object {type: value} expected, got object"],
    [{ kind: "exact" }, { quad: 1 }, 'exact value expected, got the unknown type "quad"'],
    [{ kind: "exact" }, { array: [{ int: 1.5 }] }, "[0]: int expected, got a number with a fraction"],
    [{ kind: "exact" }, { i8: 1 }, "string expected, got number"],
  ])("%o refuses %o", (shape, json, message) => {
    expect(refusal(() => exactFromJson(json, shape))).toBe(message);
  });

  it("refuses what is too deep before the stack ends", () => {
    let json: unknown = { int: 1 };
    for (let level = 0; level < 50_000; level++) json = { array: [json] };
    expect(refusal(() => exactFromJson(json, { kind: "exact" }))).toContain("nested more than 64 deep");
    expect(refusal(() => exactFromJson(json))).toContain("nested more than 64 deep");
  });

  it("reads back what jsonOf wrote, by the same shape", () => {
    fc.assert(
      fc.property(shapeAndValue, ({ shape, value }) => {
        fc.pre(!/"(any|exact)"/.test(JSON.stringify(shape)));
        // JSON has no negative zero: of an undeclared kind of number it comes back as an int.
        fc.pre(!holdsNegativeZero(value));
        const json = transported(jsonOf(value, shape));
        expect(JSON.stringify(exactFromJson(json, shape), comparable)).toBe(
          JSON.stringify(exactOf(value, shape), comparable),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function holdsNegativeZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsNegativeZero);
}
