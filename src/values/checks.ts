// What a JavaScript value must be to travel as a declared type. Every writer uses these, so that all agree.
// Contract: docs/values.md.

import { describeValue } from "./describe-value.js";
import { ValueError } from "./value-error.js";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function refuse(expected: string, value: unknown): ValueError {
  return new ValueError(`${expected} expected, got ${describeValue(value)}`);
}

/** A number that is a 32-bit integer. `-0` is taken for 0. */
export function checkInt(value: unknown): number {
  // `| 0` also turns -0 into 0.
  if (typeof value === "number" && (value | 0) === value) return value | 0;
  if (typeof value === "number" && Number.isFinite(value)) {
    throw new ValueError(
      `int expected, got a number ${Number.isInteger(value) ? "beyond 32 bits" : "with a fraction"}`,
    );
  }
  throw refuse("int", value);
}

function checkSmall(value: unknown, type: "i1" | "i2", max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= -max - 1 && value <= max) return value | 0;
  throw refuse(type, value);
}

/** A number that is an 8-bit signed integer. */
export function checkI1(value: unknown): number {
  return checkSmall(value, "i1", 0x7f);
}

/** A number that is a 16-bit signed integer. */
export function checkI2(value: unknown): number {
  return checkSmall(value, "i2", 0x7fff);
}

/** A bigint of 64 bits, or a number that is a safe integer. */
export function checkLong(value: unknown): bigint {
  if (typeof value === "bigint") {
    if (value >= INT64_MIN && value <= INT64_MAX) return value;
    throw new ValueError("long expected, got a bigint beyond 64 bits");
  }
  if (Number.isSafeInteger(value)) return BigInt(Number(value));
  if (typeof value === "number" && Number.isFinite(value)) {
    throw new ValueError("long expected, got a number that is not a safe integer");
  }
  throw refuse("long", value);
}

/** A finite number. */
export function checkDouble(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refuse("double", value);
}

/** `true` or `false`, nothing that merely behaves like it. */
export function checkBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw refuse("boolean", value);
}

/** A string. Which characters can travel is the wire's business. */
export function checkString(value: unknown): string {
  if (typeof value === "string") return value;
  throw refuse("string", value);
}

/** A valid Date of the years 0 to 9999 UTC: XML-RPC has four digits for it. */
export function checkDate(value: unknown): Date {
  if (!(value instanceof Date)) throw refuse("dateTime", value);
  const year = value.getUTCFullYear();
  if (year >= 0 && year <= 9999) return value;
  throw new ValueError(
    `dateTime expected, got ${Number.isNaN(year) ? "an invalid Date" : "a Date outside the years 0 to 9999"}`,
  );
}

/** A Uint8Array; a Buffer is one. */
export function checkBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw refuse("base64", value);
}

/** `null`. */
export function checkNil(value: unknown): null {
  if (value === null) return null;
  throw refuse("nil", value);
}

/** A true array. Holes are found later: they read as undefined. */
export function checkArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refuse("array", value);
}

/**
 * The source of a declared struct: a plain object or an instance of a class, which TypeScript cannot tell apart.
 * Built-in containers (Map, Set, Date, arrays, typed arrays, promises) are refused: their content is not in properties.
 */
export function checkStruct(value: unknown): Readonly<Record<string, unknown>> {
  if (isStruct(value)) return value;
  throw refuse("struct", value);
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return (
    Object.getPrototypeOf(value) === Object.prototype || Object.prototype.toString.call(value) === "[object Object]"
  );
}

/** Refuses a string that is not one of `values`, naming them all. */
export function enumerationError(values: readonly string[], got: string): ValueError {
  return new ValueError(`one of ${values.map((value) => JSON.stringify(value)).join(", ")} expected, got ${got}`);
}

/** The error for a required member that is not there. */
export function missingMember(name: string): ValueError {
  return new ValueError(`member ${JSON.stringify(name)} is missing`);
}
