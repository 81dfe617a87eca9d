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
import type { ShapeEncoders } from "./compile-encoder.js";
import { openMember } from "./types/containers.js";
import { WIRE_TYPES } from "./types/table.js";

/**
 * Writes a natural value of undeclared type.
 *
 * @param depth the arrays and structs around it
 * @throws ValueError with path for what cannot travel
 */
export function encodeAny(value: unknown, encoders: ShapeEncoders, depth: number): string {
  return typeof value === "object" && value !== null
    ? encodeObject(value, encoders, depth, new Enclosing(encoders.options.limits.maxValueDepth, depth))
    : encodeScalar(value, encoders);
}

function encodeScalar(value: unknown, encoders: ShapeEncoders): string {
  switch (typeof value) {
    case "string":
      return WIRE_TYPES.string.encode(value, encoders);
    case "number":
      return (value | 0) === value && !Object.is(value, -0)
        ? WIRE_TYPES.int.encode(value, encoders)
        : WIRE_TYPES.double.encode(checkDouble(value), encoders);
    case "boolean":
      return WIRE_TYPES.boolean.encode(value, encoders);
    case "bigint":
      return WIRE_TYPES.i8.encode(checkLong(value), encoders);
    default:
      if (value === null) return WIRE_TYPES.nil.encode(value, encoders);
      throw cannotTravel(value);
  }
}

function encodeInside(value: unknown, encoders: ShapeEncoders, depth: number, enclosing: Enclosing): string {
  return typeof value === "object" && value !== null
    ? encodeObject(value, encoders, depth, enclosing)
    : encodeScalar(value, encoders);
}

function encodeObject(value: object, encoders: ShapeEncoders, depth: number, enclosing: Enclosing): string {
  if (Array.isArray(value)) return encodeArray(value, encoders, depth, enclosing);
  if (isPlainObject(value)) return encodeStruct(value, encoders, depth, enclosing);
  if (value instanceof Date) return WIRE_TYPES["dateTime.iso8601"].encode(checkDate(value), encoders);
  if (value instanceof Uint8Array) return WIRE_TYPES.base64.encode(value, encoders);
  if (isShaped(value)) return encoders.encoderOf(value.shape)(value.value, depth);
  throw cannotTravel(value);
}

function encodeArray(items: readonly unknown[], encoders: ShapeEncoders, depth: number, enclosing: Enclosing): string {
  enclosing.enter(items);
  let text = "<array><data>";
  let index = 0;
  try {
    for (; index < items.length; index++) text += `<value>${encodeInside(items[index], encoders, depth + 1, enclosing)}</value>`;
  } catch (error) {
    throw ValueError.is(error) ? error.within(index) : error;
  }
  enclosing.leave();
  return `${text}</data></array>`;
}

function encodeStruct(
  struct: Readonly<Record<string, unknown>>,
  encoders: ShapeEncoders,
  depth: number,
  enclosing: Enclosing,
): string {
  enclosing.enter(struct);
  let text = "<struct>";
  for (const name of Object.keys(struct)) {
    try {
      text += `${openMember(name)}${encodeInside(struct[name], encoders, depth + 1, enclosing)}</value></member>`;
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  enclosing.leave();
  return `${text}</struct>`;
}
