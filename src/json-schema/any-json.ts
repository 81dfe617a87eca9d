// JSON of which no schema says what it is, and values of which no shape does. Contract: docs/values.md, "JSON and XML-RPC".

import {
  describeValue,
  formatBase64,
  formatIsoDateTime,
  isPlainObject,
  MAX_VALUE_DEPTH,
  setOwn,
  tooDeep,
  ValueError,
} from "../values/index.js";
import type { Json } from "./write-json.js";

const INT64 = 2n ** 63n;

/**
 * The natural value of undescribed JSON: null members are left out, a null in an array is nil, an integer beyond the safe
 * ones is a bigint (beyond 64 bits a double), everything else is what it is.
 *
 * @throws ValueError for more than {@link MAX_VALUE_DEPTH} levels
 */
export function anyFromJson(json: unknown, depth = 0): unknown {
  if (typeof json === "bigint") return json >= -INT64 && json < INT64 ? json : Number(json);
  if (typeof json !== "object" || json === null) return json;
  if (depth >= MAX_VALUE_DEPTH) throw tooDeep(MAX_VALUE_DEPTH);
  if (Array.isArray(json)) return json.map((item: unknown) => anyFromJson(item, depth + 1));
  const struct: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(json)) {
    if (member !== null) setOwn(struct, name, anyFromJson(member, depth + 1));
  }
  return struct;
}

/**
 * The JSON of a natural value: a dateTime is ISO 8601 with Z, base64 a string, nil null.
 *
 * @throws ValueError for what no wire value becomes
 */
export function anyToJson(value: unknown): Json {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isScalar || typeof value === "bigint" ? value : objectToJson(value);
}

function objectToJson(value: unknown): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(anyToJson);
  if (value instanceof Date) return formatIsoDateTime(value);
  if (value instanceof Uint8Array) return formatBase64(value);
  if (!isPlainObject(value)) throw new ValueError(`${describeValue(value)} cannot be sent as JSON`);
  const object: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) setOwn(object, name, anyToJson(member));
  return object;
}
