// Undeclared JavaScript straight to text, by the rules of exactOf but without making exact values. Contract: docs/values.md.

import {
  cannotTravel,
  checkDate,
  checkDouble,
  checkLong,
  Enclosing,
  isPlainObject,
  isShaped,
  ValueError,
} from "../values/index.js";
import { CLOSE_MEMBER, openMember } from "./types/containers.js";
import { WIRE_TYPES } from "./types/table.js";
import { type EncodeScope, encodeElement } from "./types/wire-type.js";

/**
 * Writes a natural value of undeclared type.
 *
 * @param depth the arrays and structs around it
 * @throws ValueError with path for what cannot travel
 */
export function encodeAny(value: unknown, scope: EncodeScope, depth: number): string {
  return typeof value === "object" && value !== null
    ? encodeObject(value, scope, depth, new Enclosing(scope.options.limits.maxValueDepth, depth))
    : encodeScalar(value, scope);
}

function encodeScalar(value: unknown, scope: EncodeScope): string {
  switch (typeof value) {
    case "string":
      return encodeElement(WIRE_TYPES.string, value, scope);
    case "number":
      return (value | 0) === value && !Object.is(value, -0)
        ? encodeElement(WIRE_TYPES.int, value, scope)
        : encodeElement(WIRE_TYPES.double, checkDouble(value), scope);
    case "boolean":
      return encodeElement(WIRE_TYPES.boolean, value, scope);
    case "bigint":
      return encodeElement(WIRE_TYPES.i8, checkLong(value), scope);
    case "object":
      if (value === null) return encodeElement(WIRE_TYPES.nil, value, scope);
      throw cannotTravel(value);
    case "undefined":
    case "function":
    case "symbol":
      throw cannotTravel(value);
  }
}

function encodeInside(value: unknown, scope: EncodeScope, depth: number, enclosing: Enclosing): string {
  return typeof value === "object" && value !== null
    ? encodeObject(value, scope, depth, enclosing)
    : encodeScalar(value, scope);
}

function encodeObject(value: object, scope: EncodeScope, depth: number, enclosing: Enclosing): string {
  if (Array.isArray(value)) return encodeArray(value, scope, depth, enclosing);
  if (isPlainObject(value)) return encodeStruct(value, scope, depth, enclosing);
  if (value instanceof Date) return encodeElement(WIRE_TYPES["dateTime.iso8601"], checkDate(value), scope);
  if (value instanceof Uint8Array) return encodeElement(WIRE_TYPES.base64, value, scope);
  if (isShaped(value)) return scope.encodeShape(value.value, value.shape, depth);
  throw cannotTravel(value);
}

function encodeArray(items: readonly unknown[], scope: EncodeScope, depth: number, enclosing: Enclosing): string {
  enclosing.enter(items);
  let text = "<array><data>";
  let index = 0;
  try {
    for (; index < items.length; index++)
      text += `<value>${encodeInside(items[index], scope, depth + 1, enclosing)}</value>`;
  } catch (error) {
    throw ValueError.is(error) ? error.within(index) : error;
  }
  enclosing.leave();
  return `${text}</data></array>`;
}

function encodeStruct(
  struct: Readonly<Record<string, unknown>>,
  scope: EncodeScope,
  depth: number,
  enclosing: Enclosing,
): string {
  enclosing.enter(struct);
  let text = "<struct>";
  for (const name of Object.keys(struct)) {
    try {
      text += openMember(name) + encodeInside(struct[name], scope, depth + 1, enclosing) + CLOSE_MEMBER;
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  enclosing.leave();
  return `${text}</struct>`;
}
