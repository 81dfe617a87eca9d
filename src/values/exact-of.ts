// Natural JavaScript to exact values: by the rules for undeclared values, or by a shape. Contract: docs/values.md.

import { checkExact } from "./check-exact.js";
import {
  checkArray,
  checkBoolean,
  checkBytes,
  checkDate,
  checkDouble,
  checkInt,
  checkLong,
  checkNil,
  checkString,
  checkStruct,
  enumerationError,
  missingMember,
} from "./checks.js";
import { describeValue } from "./describe-value.js";
import { Enclosing } from "./enclosing.js";
import type { ExactValue } from "./exact-value.js";
import { isPlainObject, setOwn } from "./own-property.js";
import { type Shape, unnamed } from "./shape.js";
import { isShaped } from "./shaped.js";
import { ValueError } from "./value-error.js";

const ANY: Shape = { kind: "any" };

/**
 * The exact form of a natural value.
 *
 * Without shape: a number is int if it is a 32-bit integer and not -0, else double; bigint is i8; Date dateTime;
 * Uint8Array base64; null nil; only plain objects are structs, of their own enumerable string keys.
 *
 * @throws ValueError with path for everything else: undefined, NaN, Infinity, functions, symbols, Map, Set, class
 * instances, other typed arrays, invalid dates, holes, cycles, more than {@link MAX_VALUE_DEPTH} levels
 */
export function exactOf(natural: unknown, shape: Shape = ANY): ExactValue {
  return byShape(natural, shape, new Enclosing());
}

function byShape(value: unknown, declared: Shape, enclosing: Enclosing): ExactValue {
  const shape = unnamed(declared);
  switch (shape.kind) {
    case "int":
      return { type: "int", value: checkInt(value) };
    case "long":
      return { type: "i8", value: checkLong(value) };
    case "integer":
      return integerOf(value);
    case "double":
      return { type: "double", value: checkDouble(value) };
    case "number":
      return numberOf(checkDouble(value));
    case "boolean":
      return { type: "boolean", value: checkBoolean(value) };
    case "string":
      return { type: "string", value: checkString(value) };
    case "enumeration": {
      const text = checkString(value);
      if (!shape.values.includes(text)) throw enumerationError(shape.values, "another string");
      return { type: "string", value: text };
    }
    case "dateTime":
      return { type: "dateTime.iso8601", value: checkDate(value) };
    case "base64":
      return { type: "base64", value: checkBytes(value) };
    case "nil":
      return { type: "nil", value: checkNil(value) };
    case "nullable":
      return value === null ? { type: "nil", value: null } : byShape(value, shape.inner, enclosing);
    case "optional":
      return byShape(value, shape.inner, enclosing);
    case "array":
      return arrayOf(checkArray(value), shape.items, enclosing);
    case "record":
      return recordOf(checkStruct(value), shape.values, enclosing);
    case "struct":
      return structOf(checkStruct(value), shape.members, enclosing);
    case "exact":
      return checkExact(value, enclosing);
    case "any":
      return byRules(value, enclosing);
  }
}

function byRules(value: unknown, enclosing: Enclosing): ExactValue {
  switch (typeof value) {
    case "string":
      return { type: "string", value };
    case "number":
      return numberOf(checkDouble(value));
    case "boolean":
      return { type: "boolean", value };
    case "bigint":
      return { type: "i8", value: checkLong(value) };
    case "object":
      return objectOf(value, enclosing);
    case "undefined":
    case "function":
    case "symbol":
      throw cannotTravel(value);
  }
}

/** The error for a value that has no XML-RPC type. */
export function cannotTravel(value: unknown): ValueError {
  return new ValueError(`${describeValue(value)} cannot be sent`);
}

function numberOf(value: number): ExactValue {
  const isInt = (value | 0) === value && !Object.is(value, -0);
  return { type: isInt ? "int" : "double", value };
}

function integerOf(value: unknown): ExactValue {
  const long = checkLong(value);
  const int = Number(BigInt.asIntN(32, long));
  return BigInt(int) === long ? { type: "int", value: int } : { type: "i8", value: long };
}

function objectOf(value: object | null, enclosing: Enclosing): ExactValue {
  if (value === null) return { type: "nil", value };
  if (Array.isArray(value)) return arrayOf(value, ANY, enclosing);
  if (isPlainObject(value)) return recordOf(value, ANY, enclosing);
  if (value instanceof Date) return { type: "dateTime.iso8601", value: checkDate(value) };
  if (value instanceof Uint8Array) return { type: "base64", value };
  if (isShaped(value)) return byShape(value.value, value.shape, enclosing);
  throw cannotTravel(value);
}

function arrayOf(items: readonly unknown[], shape: Shape, enclosing: Enclosing): ExactValue {
  enclosing.enter(items);
  const value: ExactValue[] = [];
  let index = 0;
  try {
    for (; index < items.length; index++) value.push(byShape(items[index], shape, enclosing));
  } catch (error) {
    throw ValueError.is(error) ? error.within(index) : error;
  }
  enclosing.leave();
  return { type: "array", value };
}

function recordOf(source: Readonly<Record<string, unknown>>, shape: Shape, enclosing: Enclosing): ExactValue {
  enclosing.enter(source);
  const value: Record<string, ExactValue> = {};
  for (const name of Object.keys(source)) {
    try {
      setOwn(value, name, byShape(source[name], shape, enclosing));
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  enclosing.leave();
  return { type: "struct", value };
}

function structOf(
  source: Readonly<Record<string, unknown>>,
  members: Readonly<Record<string, Shape>>,
  enclosing: Enclosing,
): ExactValue {
  enclosing.enter(source);
  const value: Record<string, ExactValue> = {};
  for (const [name, shape] of Object.entries(members)) {
    const member = memberOf(source, name);
    if (member === undefined) {
      if (unnamed(shape).kind === "optional") continue;
      throw missingMember(name);
    }
    try {
      setOwn(value, name, byShape(member, shape, enclosing));
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  enclosing.leave();
  return { type: "struct", value };
}

/** A member as a writer sees it: accessors of classes count, what every object inherits does not. */
export function memberOf(source: Readonly<Record<string, unknown>>, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(source, name) ? undefined : source[name];
}
