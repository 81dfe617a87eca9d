// What a JSON Schema makes of a value: the shape it has on our side, and the way to JSON and back. docs/values.md has the table.

import { type Shape, ValueError } from "../values/index.js";
import { anyFromJson, anyToJson } from "./any-json.js";
import type { Json } from "./write-json.js";

/** Both ways between JSON and the natural values of one shape. */
export interface JsonType {
  readonly shape: Shape;
  /** Null is allowed: in a struct it is left out, elsewhere it is nil. */
  readonly isNullable: boolean;
  /** A natural value of the shape as JSON. */
  toJson(value: unknown): Json;
  /** JSON, as `parseJson` gives it, as a natural value of the shape. Throws ValueError with path. */
  fromJson(json: unknown): unknown;
}

/** Whatever it is. */
export const ANY_JSON: JsonType = Object.freeze({
  shape: { kind: "any" },
  isNullable: false,
  toJson: anyToJson,
  fromJson: (json: unknown) => anyFromJson(json),
} satisfies JsonType);

/** The shape of a result. One that may be missing or null is void then, which only an optional shape can be. */
export function resultShape(type: JsonType, mayBeEmpty: boolean): Shape {
  return mayBeEmpty || type.isNullable ? { kind: "optional", inner: type.shape } : type.shape;
}

/** A result; undefined for null where that is allowed. Throws ValueError with a path that starts with `result`. */
export function resultFromJson(type: JsonType, json: unknown): unknown {
  if (json === null && (type.isNullable || type.shape.kind === "any")) return undefined;
  try {
    return type.fromJson(json);
  } catch (error) {
    throw ValueError.is(error) ? error.within("result") : error;
  }
}
