// Random values and shapes for property tests: everything that can travel, and names that hurt.

import fc from "fast-check";
import { type ExactValue, formatDateTime, type Shape, setOwn } from "../../src/values/index.js";

const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Any text that XML can carry. */
export const text = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.replace(NOT_XML, "\r"));

const name = fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "", "a", "b"), text);
const int = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2147483647, -2147483648));
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Whole seconds, since milliseconds are the one documented loss, in the years 1 to 9998, so that any zone can write them. */
const date = fc.integer({ min: -62_135_000_000, max: 253_370_000_000 }).map((second) => new Date(second * 1000));
const bytes = fc.uint8Array({ maxLength: 20 }).map((value) => new Uint8Array(value));

/** An object of own properties, whatever their names. */
function objectOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => {
    const object: Record<string, T> = {};
    for (const [key, member] of entries) setOwn(object, key, member);
    return object;
  });
}

/** Any natural value that can travel undeclared. */
export const natural: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(text, int, double, long, fc.boolean(), fc.constant(null), date, bytes),
    fc.array(tie("value"), { maxLength: 4 }),
    objectOf(tie("value")),
  ),
})).value;

/** Any exact value. */
export const exact: fc.Arbitrary<ExactValue> = fc.letrec<{ value: ExactValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof<fc.Arbitrary<ExactValue>[]>(
      text.map((value) => ({ type: "string", value })),
      int.map((value) => ({ type: "int", value })),
      fc.integer({ min: -128, max: 127 }).map((value) => ({ type: "i1", value })),
      fc.integer({ min: -32768, max: 32767 }).map((value) => ({ type: "i2", value })),
      long.map((value) => ({ type: "i8", value })),
      double.map((value) => ({ type: "double", value })),
      fc.boolean().map((value) => ({ type: "boolean", value })),
      date.map((value) => ({ type: "dateTime.iso8601", value, text: formatDateTime(value) })),
      bytes.map((value) => ({ type: "base64", value })),
      fc.constant({ type: "nil", value: null }),
    ),
    fc.array(tie("value"), { maxLength: 4 }).map((value): ExactValue => ({ type: "array", value })),
    objectOf(tie("value")).map((value): ExactValue => ({ type: "struct", value })),
  ),
})).value;

/** A shape, and values that are of it. */
interface Typed {
  readonly shape: Shape;
  readonly value: fc.Arbitrary<unknown>;
}

const leaf: fc.Arbitrary<Typed> = fc.constantFrom<Typed>(
  { shape: { kind: "int" }, value: int },
  { shape: { kind: "long" }, value: long },
  { shape: { kind: "double" }, value: fc.oneof(double, int) },
  { shape: { kind: "number" }, value: fc.oneof(double, int) },
  { shape: { kind: "boolean" }, value: fc.boolean() },
  { shape: { kind: "string" }, value: text },
  { shape: { kind: "string", secret: true }, value: text },
  { shape: { kind: "enumeration", values: ["red", "<green>", ""] }, value: fc.constantFrom("red", "<green>", "") },
  { shape: { kind: "dateTime" }, value: date },
  { shape: { kind: "base64" }, value: bytes },
  { shape: { kind: "nil" }, value: fc.constant(null) },
  { shape: { kind: "any" }, value: natural },
  { shape: { kind: "exact" }, value: exact },
);

function isExactNil(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "nil";
}

function structOf(members: Readonly<Record<string, Typed & { readonly optional: boolean }>>): Typed {
  const shapes: Record<string, Shape> = {};
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (member === undefined) continue;
    setOwn(shapes, key, member.optional ? { kind: "optional", inner: member.shape } : member.shape);
  }
  const entries = Object.entries(members).map(([key, member]) =>
    fc.tuple(fc.constant(key), member.value, member.optional ? fc.boolean() : fc.constant(true)),
  );
  const value = fc.tuple(...entries).map((list) => {
    const object: Record<string, unknown> = {};
    for (const [key, content, present] of list) if (present) setOwn(object, key, content);
    return object;
  });
  return { shape: { kind: "struct", members: shapes }, value };
}

const typed: fc.Arbitrary<Typed> = fc.letrec<{ typed: Typed }>((tie) => ({
  typed: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("typed").map(
      ({ shape, value }): Typed => ({
        shape: { kind: "array", items: shape },
        value: fc.array(value, { maxLength: 3 }),
      }),
    ),
    tie("typed").map(
      ({ shape, value }): Typed => ({ shape: { kind: "record", values: shape }, value: objectOf(value) }),
    ),
    tie("typed").map(
      ({ shape, value }): Typed => ({
        shape: { kind: "nullable", inner: shape },
        // Read as nullable, an exact nil is null, so it is not what was written.
        value: fc.option(value.filter((content) => !isExactNil(content))),
      }),
    ),
    tie("typed").map(({ shape, value }): Typed => ({ shape: { kind: "named", name: "N", inner: shape }, value })),
    objectOf(fc.tuple(tie("typed"), fc.boolean()).map(([inner, optional]) => ({ ...inner, optional }))).map(structOf),
  ),
})).typed;

/** A random shape together with a value of it. */
export const shapeAndValue: fc.Arbitrary<{ readonly shape: Shape; readonly value: unknown }> = typed.chain(
  ({ shape, value }) => value.map((content) => ({ shape, value: content })),
);
