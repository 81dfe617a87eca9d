// JSON to exact values: by the shape where there is one, else as undeclared JavaScript. Contract: docs/values.md.

import { parseBase64 } from "./base64-text.js";
import { checkLong, checkString } from "./checks.js";
import { type DateZone, isCompactDateTime, parseDateTime } from "./date-text.js";
import { describeValue } from "./describe-value.js";
import { MAX_VALUE_DEPTH, tooDeep } from "./enclosing.js";
import { exactOf } from "./exact-of.js";
import type { ExactValue } from "./exact-value.js";
import { isPlainObject, setOwn } from "./own-property.js";
import { type Shape, unnamed } from "./shape.js";
import { ValueError } from "./value-error.js";

const INTEGER = /^[+-]?\d{1,40}$/;

/**
 * Reads a value from JSON (as `JSON.parse` gives it).
 *
 * With a shape the text forms of {@link jsonOf} are read back: a long from a number or a decimal string, a dateTime from
 * ISO text, base64 from a string; `exact` is read from the notation of {@link jsonOfExact}. Without shape, and where the
 * shape says `any`, the rules of {@link exactOf} hold.
 *
 * @param zone what a dateTime without zone means
 * @throws ValueError with path
 */
export function exactFromJson(json: unknown, shape?: Shape, zone: DateZone = "UTC"): ExactValue {
  return shape === undefined ? exactOf(json) : exactOf(naturalFrom(json, shape, zone), shape);
}

/** JSON to the natural value that a writer of this shape takes. What is of a wrong type is left for the writer to refuse. */
function naturalFrom(json: unknown, declared: Shape, zone: DateZone): unknown {
  const shape = unnamed(declared);
  switch (shape.kind) {
    case "long":
    case "integer":
      return typeof json === "string" ? longFrom(json) : json;
    case "dateTime":
      return typeof json === "string" ? parseDateTime(json, zone) : json;
    case "base64":
      return typeof json === "string" ? parseBase64(json) : json;
    case "nullable":
      return json === null ? null : naturalFrom(json, shape.inner, zone);
    case "optional":
      return naturalFrom(json, shape.inner, zone);
    case "array":
      return Array.isArray(json) ? mapItems(json, (item) => naturalFrom(item, shape.items, zone)) : json;
    case "record":
      return isPlainObject(json) ? mapMembers(json, (member) => naturalFrom(member, shape.values, zone)) : json;
    case "struct":
      return isPlainObject(json)
        ? mapMembers(json, (member, name) => {
            const inner = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
            return inner === undefined ? member : naturalFrom(member, inner, zone);
          })
        : json;
    case "exact":
      return exactFrom(json, zone, MAX_VALUE_DEPTH);
    case "int":
    case "double":
    case "number":
    case "boolean":
    case "string":
    case "enumeration":
    case "nil":
    case "any":
      return json;
  }
}

function longFrom(text: string): bigint {
  if (!INTEGER.test(text)) throw new ValueError("long expected, got text that is not a decimal integer");
  return checkLong(BigInt(text.startsWith("+") ? text.slice(1) : text));
}

/** Reads `{type: value}`. What the type says about the value is checked afterwards, by the writer. */
function exactFrom(json: unknown, zone: DateZone, depth: number): unknown {
  const [type, ...others] = isPlainObject(json) ? Object.keys(json) : [];
  if (!isPlainObject(json) || type === undefined || others.length > 0) {
    throw new ValueError(`an object {type: value} expected, got ${describeValue(json)}`);
  }
  const content = json[type];
  if ((type === "array" || type === "struct") && depth === 0) throw tooDeep(MAX_VALUE_DEPTH);
  const inner = (member: unknown): unknown => exactFrom(member, zone, depth - 1);
  switch (type) {
    case "i8":
      return { type, value: longFrom(checkString(content)) };
    case "double":
      return { type, value: content === "-0" ? -0 : content };
    case "dateTime.iso8601":
      return exactDate(checkString(content), zone);
    case "base64":
      return { type, value: parseBase64(checkString(content)) };
    case "array":
      return { type, value: Array.isArray(content) ? mapItems(content, inner) : content };
    case "struct":
      return { type, value: isPlainObject(content) ? mapMembers(content, inner) : content };
    default:
      return { type, value: content };
  }
}

function exactDate(text: string, zone: DateZone): ExactValue {
  const value = parseDateTime(text, zone);
  // ISO text is how JSON writes a date; on the wire it would be a shape that many peers refuse.
  return isCompactDateTime(text) ? { type: "dateTime.iso8601", value, text } : { type: "dateTime.iso8601", value };
}

function mapItems(items: readonly unknown[], map: (item: unknown) => unknown): unknown[] {
  return items.map((item, index) => {
    try {
      return map(item);
    } catch (error) {
      throw ValueError.is(error) ? error.within(index) : error;
    }
  });
}

function mapMembers(
  source: Readonly<Record<string, unknown>>,
  map: (member: unknown, name: string) => unknown,
): Record<string, unknown> {
  const mapped: Record<string, unknown> = {};
  for (const name of Object.keys(source)) {
    try {
      setOwn(mapped, name, map(source[name], name));
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  return mapped;
}
