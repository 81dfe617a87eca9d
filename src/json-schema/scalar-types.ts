// The JSON types without parts.

import {
  checkBoolean,
  checkDouble,
  checkInt,
  checkLong,
  checkNil,
  checkString,
  describeValue,
  enumerationError,
  formatBase64,
  formatIsoDateTime,
  parseBase64,
  parseDateTime,
  type Shape,
  ValueError,
} from "../values/index.js";
import type { JsonType } from "./json-type.js";
import type { Json } from "./write-json.js";

/** What the reader of the shape has let through is JSON already. */
const asItIs = (value: unknown): Json => value as Json;

function scalar(shape: Shape, fromJson: JsonType["fromJson"], toJson: JsonType["toJson"] = asItIs): JsonType {
  return Object.freeze({ shape: Object.freeze(shape), isNullable: false, toJson, fromJson });
}

/** `integer`: a number, or a bigint where a number would lose something. */
export const INTEGER = scalar({ kind: "integer" }, (json) => {
  checkLong(json);
  return json;
});

/** `integer` of 32 bits. */
export const INT32 = scalar({ kind: "int" }, checkInt);

/** `number`. */
export const NUMBER = scalar({ kind: "double" }, (json) => checkDouble(typeof json === "bigint" ? Number(json) : json));

/** `boolean`. */
export const BOOLEAN = scalar({ kind: "boolean" }, checkBoolean);

/** `string`. */
export const STRING = scalar({ kind: "string" }, checkString);

/** `string` that is not shown. */
export const PASSWORD = scalar({ kind: "string", secret: true }, checkString);

/** `null`. */
export const NULL: JsonType = Object.freeze({ ...scalar({ kind: "nil" }, checkNil), isNullable: true });

/** `string` of the format date-time (RFC 3339). */
export const DATE_TIME = scalar(
  { kind: "dateTime" },
  // RFC 3339 §5.6 allows small letters, and a space for the T.
  (json) => parseDateTime(checkString(json).toUpperCase().replace(" ", "T")),
  (value) => {
    if (value instanceof Date) return formatIsoDateTime(value);
    throw new ValueError(`dateTime expected, got ${describeValue(value)}`);
  },
);

/** `string` that holds bytes as base64. */
export const BYTES = scalar(
  { kind: "base64" },
  (json) => parseBase64(checkString(json)),
  (value) => {
    if (value instanceof Uint8Array) return formatBase64(value);
    throw new ValueError(`base64 expected, got ${describeValue(value)}`);
  },
);

/** `string` that is one of some. */
export function enumerationOf(values: readonly string[]): JsonType {
  const allowed = new Set(values);
  return scalar({ kind: "enumeration", values: Object.freeze([...values]) }, (json) => {
    if (allowed.has(checkString(json))) return json;
    throw enumerationError(values, "another string");
  });
}
