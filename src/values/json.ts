// Values as JSON, for the command line, JSON-RPC and the mailbox. Contract: docs/values.md.

import { formatBase64 } from "./base64-text.js";
import { formatDateTime, formatIsoDateTime } from "./date-text.js";
import { exactOf } from "./exact-of.js";
import type { ExactValue, WireTypeName } from "./exact-value.js";
import { setOwn } from "./own-property.js";
import type { Shape } from "./shape.js";

/** What JSON.stringify writes without loss. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * A natural value as JSON: an i8 is a number where that is safe and else a decimal string, a dateTime is ISO 8601 with Z,
 * base64 is a string.
 *
 * @param shape how the value is declared, if it is
 * @throws ValueError for what {@link exactOf} refuses
 */
export function jsonOf(natural: unknown, shape?: Shape): JsonValue {
  return jsonOfValue(exactOf(natural, shape));
}

/** An exact value in the notation of {@link jsonOf}. */
export function jsonOfValue(exact: ExactValue): JsonValue {
  switch (exact.type) {
    case "i8": {
      const number = Number(exact.value);
      return Number.isSafeInteger(number) ? number : exact.value.toString();
    }
    case "dateTime.iso8601":
      return formatIsoDateTime(exact.value);
    case "base64":
      return formatBase64(exact.value);
    case "array":
      return exact.value.map(jsonOfValue);
    case "struct":
      return mapMembers(exact.value, jsonOfValue);
    case "int":
    case "i1":
    case "i2":
    case "double":
    case "boolean":
    case "string":
    case "nil":
      return exact.value;
  }
}

/** The exact form as JSON: every value is `{type: text or value}`, so `{"i8": "9007199254740993"}`, `{"double": 3}`. */
export type ExactJson = { readonly [Type in WireTypeName]?: JsonValue };

/**
 * An exact value with its types. An i8 is always a decimal string, and a dateTime the text it was written with.
 * `exactFromJson(json, {kind: "exact"})` reads it.
 */
export function jsonOfExact(exact: ExactValue): ExactJson {
  switch (exact.type) {
    case "i8":
      return { i8: exact.value.toString() };
    case "double":
      // JSON.stringify would write -0 as 0.
      return { double: Object.is(exact.value, -0) ? "-0" : exact.value };
    case "dateTime.iso8601":
      return { "dateTime.iso8601": exact.text ?? formatDateTime(exact.value) };
    case "base64":
      return { base64: formatBase64(exact.value) };
    case "array":
      return { array: exact.value.map(jsonOfExact) };
    case "struct":
      return { struct: mapMembers(exact.value, jsonOfExact) };
    case "int":
    case "i1":
    case "i2":
    case "boolean":
    case "string":
    case "nil":
      return { [exact.type]: exact.value };
  }
}

function mapMembers(
  members: Readonly<Record<string, ExactValue>>,
  map: (member: ExactValue) => JsonValue,
): { readonly [name: string]: JsonValue } {
  const mapped: Record<string, JsonValue> = {};
  for (const name of Object.keys(members)) {
    const member = members[name];
    if (member !== undefined) setOwn(mapped, name, map(member));
  }
  return mapped;
}
