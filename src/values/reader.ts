// Readers compiled from shapes: what a handler receives for a wire value. Contract: docs/values.md.

import { enumerationError, missingMember } from "./checks.js";
import type { ExactValue } from "./exact-value.js";
import { naturalOf } from "./natural-of.js";
import { setOwn } from "./own-property.js";
import { type Shape, unnamed } from "./shape.js";
import { ValueError } from "./value-error.js";

/** Turns a wire value of one shape into JavaScript, or throws a ValueError with path. */
export type ValueReader = (value: ExactValue) => unknown;

const INT_MAX = 2n ** 31n - 1n;
const INT_MIN = -(2n ** 31n);
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

function refuse(expected: string, got: ExactValue): ValueError {
  return new ValueError(`${expected} expected, got ${got.type}`);
}

/**
 * Makes the reader of a shape. Compile once, read often.
 *
 * | shape | accepts | gives |
 * |---|---|---|
 * | int | int, i1, i2; i8 within 32 bits; never double | number |
 * | long | int, i1, i2, i8 | bigint |
 * | integer | int, i1, i2, i8 | number, or bigint beyond the safe integers |
 * | double | double, int, i1, i2 | number |
 * | number | double, int, i1, i2; i8 if it is a safe integer | number |
 * | boolean, string, dateTime, base64, nil | that type | boolean, string, Date, Uint8Array, null |
 * | enumeration | string that is one of the values | string |
 * | array | array | array |
 * | struct | struct with every required member; others are dropped | object with the declared members |
 * | record | struct | object |
 * | optional | as the inner shape; the member may be absent | as the inner shape; no property |
 * | nullable | nil and the inner shape | null, or as the inner shape |
 * | any | everything | {@link naturalOf} |
 * | exact | everything | the {@link ExactValue} itself |
 */
export function compileReader(declared: Shape): ValueReader {
  const shape = unnamed(declared);
  switch (shape.kind) {
    case "int":
      return readInt;
    case "long":
      return readLong;
    case "integer":
      return readInteger;
    case "double":
      return readDouble;
    case "number":
      return readNumber;
    case "boolean":
      return readTyped("boolean", "boolean");
    case "string":
      return readTyped("string", "string");
    case "dateTime":
      return readTyped("dateTime.iso8601", "dateTime");
    case "base64":
      return readTyped("base64", "base64");
    case "nil":
      return readTyped("nil", "nil");
    case "enumeration":
      return compileEnumeration(shape.values);
    case "array":
      return compileArray(compileReader(shape.items));
    case "struct":
      return compileStruct(shape.members);
    case "record":
      return compileRecord(compileReader(shape.values));
    case "optional":
      return compileReader(shape.inner);
    case "nullable":
      return compileNullable(compileReader(shape.inner));
    case "any":
      return naturalOf;
    case "exact":
      return (value) => value;
  }
}

function readTyped(type: ExactValue["type"], name: string): ValueReader {
  return (value) => {
    if (value.type === type) return value.value;
    throw refuse(name, value);
  };
}

function readInt(value: ExactValue): number {
  if (value.type === "int" || value.type === "i1" || value.type === "i2") return value.value;
  if (value.type !== "i8") throw refuse("int", value);
  if (value.value >= INT_MIN && value.value <= INT_MAX) return Number(value.value);
  throw new ValueError("int expected, got an i8 beyond 32 bits");
}

function readLong(value: ExactValue): bigint {
  if (value.type === "i8") return value.value;
  if (value.type === "int" || value.type === "i1" || value.type === "i2") return BigInt(value.value);
  throw refuse("long", value);
}

function readInteger(value: ExactValue): number | bigint {
  const long = readLong(value);
  return long >= -SAFE_MAX && long <= SAFE_MAX ? Number(long) : long;
}

function readDouble(value: ExactValue): number {
  if (value.type === "double" || value.type === "int" || value.type === "i1" || value.type === "i2") return value.value;
  throw refuse("double", value);
}

function readNumber(value: ExactValue): number {
  if (value.type === "double" || value.type === "int" || value.type === "i1" || value.type === "i2") return value.value;
  if (value.type !== "i8") throw refuse("number", value);
  if (value.value >= -SAFE_MAX && value.value <= SAFE_MAX) return Number(value.value);
  throw new ValueError("number expected, got an i8 that no number holds exactly");
}

function compileEnumeration(values: readonly string[]): ValueReader {
  const allowed = new Set(values);
  return (value) => {
    if (value.type !== "string") throw enumerationError(values, value.type);
    if (!allowed.has(value.value)) throw enumerationError(values, "another string");
    return value.value;
  };
}

function compileNullable(read: ValueReader): ValueReader {
  return (value) => (value.type === "nil" ? null : read(value));
}

function compileArray(read: ValueReader): ValueReader {
  return (value) => {
    if (value.type !== "array") throw refuse("array", value);
    const items: unknown[] = [];
    try {
      for (const item of value.value) items.push(read(item));
    } catch (error) {
      throw ValueError.is(error) ? error.within(items.length) : error;
    }
    return items;
  };
}

function compileRecord(read: ValueReader): ValueReader {
  return (value) => {
    if (value.type !== "struct") throw refuse("struct", value);
    const record: Record<string, unknown> = {};
    for (const name of Object.keys(value.value)) readMember(value.value[name], name, read, record);
    return record;
  };
}

function compileStruct(shapes: Readonly<Record<string, Shape>>): ValueReader {
  const members = Object.entries(shapes).map(([name, shape]) => ({
    name,
    read: compileReader(shape),
    optional: unnamed(shape).kind === "optional",
  }));
  return (value) => {
    if (value.type !== "struct") throw refuse("struct", value);
    const struct: Record<string, unknown> = {};
    for (const { name, read, optional } of members) {
      if (Object.hasOwn(value.value, name)) readMember(value.value[name], name, read, struct);
      else if (!optional) throw missingMember(name);
    }
    return struct;
  };
}

function readMember(
  member: ExactValue | undefined,
  name: string,
  read: ValueReader,
  target: Record<string, unknown>,
): void {
  if (member === undefined) return;
  try {
    setOwn(target, name, read(member));
  } catch (error) {
    throw ValueError.is(error) ? error.within(name) : error;
  }
}
