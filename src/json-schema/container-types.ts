// The JSON types with parts.

import {
  checkArray,
  describeValue,
  isPlainObject,
  missingMember,
  type Shape,
  setOwn,
  ValueError,
} from "../values/index.js";
import type { JsonType } from "./json-type.js";
import type { Json } from "./write-json.js";

/** One member of a struct. */
export interface JsonMember {
  readonly name: string;
  readonly type: JsonType;
  readonly isRequired: boolean;
}

/** A type whose value may be null too. */
export function nullableOf(type: JsonType): JsonType {
  if (type.isNullable) return type;
  return Object.freeze({
    shape: Object.freeze({ kind: "nullable", inner: type.shape } satisfies Shape),
    isNullable: true,
    toJson: (value: unknown) => (value === null ? null : type.toJson(value)),
    fromJson: (json: unknown) => (json === null ? null : type.fromJson(json)),
  });
}

/** `array`. */
export function arrayOf(items: JsonType): JsonType {
  return Object.freeze({
    shape: Object.freeze({ kind: "array", items: items.shape } satisfies Shape),
    isNullable: false,
    toJson: (value: unknown) => checkArray(value).map((item) => items.toJson(item)),
    fromJson: (json: unknown) => {
      const read: unknown[] = [];
      for (const item of checkArray(json)) read.push(at(read.length, () => items.fromJson(item)));
      return read;
    },
  });
}

/** `object` whose members all have one type. Null members are left out on the way in. */
export function recordOf(values: JsonType): JsonType {
  return Object.freeze({
    shape: Object.freeze({ kind: "record", values: values.shape } satisfies Shape),
    isNullable: false,
    toJson: (value: unknown) => mapMembers(value, (member) => values.toJson(member)),
    fromJson: (json: unknown) => {
      const record: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(checkObject(json))) {
        if (member === null) continue;
        setOwn(
          record,
          name,
          at(name, () => values.fromJson(member)),
        );
      }
      return record;
    },
  });
}

/**
 * `object` with these members; others are dropped in both ways.
 *
 * In an answer null is an absent member. In a request `<nil/>` is null where null is allowed, and a required member that
 * may be null is null when it is absent.
 */
export function structOf(members: readonly JsonMember[]): JsonType {
  const shapes: Record<string, Shape> = {};
  for (const { name, type, isRequired } of members) {
    const mayBeAbsent = !isRequired || type.isNullable;
    setOwn(shapes, name, mayBeAbsent ? Object.freeze({ kind: "optional", inner: type.shape }) : type.shape);
  }
  return Object.freeze({
    shape: Object.freeze({ kind: "struct", members: Object.freeze(shapes) } satisfies Shape),
    isNullable: false,
    toJson: (value: unknown) => {
      const object: Record<string, Json> = {};
      const given = checkObject(value);
      for (const { name, type, isRequired } of members) {
        if (Object.hasOwn(given, name)) setOwn(object, name, type.toJson(given[name]));
        else if (isRequired) setOwn(object, name, null);
      }
      return object;
    },
    fromJson: (json: unknown) => {
      const struct: Record<string, unknown> = {};
      const given = checkObject(json);
      for (const { name, type, isRequired } of members) {
        const member = Object.hasOwn(given, name) ? given[name] : undefined;
        if (member !== undefined && member !== null)
          setOwn(
            struct,
            name,
            at(name, () => type.fromJson(member)),
          );
        else if (isRequired && !type.isNullable) throw missingMember(name);
      }
      return struct;
    },
  });
}

function checkObject(value: unknown): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value;
  throw new ValueError(`object expected, got ${describeValue(value)}`);
}

function mapMembers(value: unknown, map: (member: unknown) => Json): Json {
  const object: Record<string, Json> = {};
  for (const [name, member] of Object.entries(checkObject(value))) setOwn(object, name, map(member));
  return object;
}

function at<T>(segment: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw ValueError.is(error) ? error.within(segment) : error;
  }
}
