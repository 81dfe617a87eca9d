// Shapes to encoders: closures that check a natural value and write its text in one go. Contract: docs/values.md.

import {
  checkArray,
  checkBoolean,
  checkBytes,
  checkDate,
  checkDouble,
  checkExact,
  checkInt,
  checkLong,
  checkNil,
  checkString,
  checkStruct,
  Enclosing,
  enumerationError,
  type ExactValue,
  memberOf,
  missingMember,
  type Shape,
  tooDeep,
  unnamed,
  ValueError,
} from "../values/index.js";
import { encodeAny } from "./encode-any.js";
import type { CodecOptions } from "./options.js";
import { openMember } from "./types/containers.js";
import { encodeByType, WIRE_TYPES } from "./types/table.js";
import type { EncodeScope } from "./types/wire-type.js";

/**
 * Writes a natural value as the content of a `<value>`.
 *
 * @param depth the arrays and structs around it
 * @throws ValueError with path for a value that is not of the shape, or cannot travel
 */
export type Encoder = (value: unknown, depth: number) => string;

/** The encoders of one codec, each compiled at its first use. */
export class ShapeEncoders implements EncodeScope {
  readonly options: CodecOptions;
  readonly #compiled = new WeakMap<Shape, Encoder>();

  constructor(options: CodecOptions) {
    this.options = options;
  }

  /** The encoder of a shape. */
  encoderOf(shape: Shape): Encoder {
    const known = this.#compiled.get(shape);
    if (known !== undefined) return known;
    const encoder = compileEncoder(shape, this);
    this.#compiled.set(shape, encoder);
    return encoder;
  }

  encodeExact(value: ExactValue): string {
    return encodeByType(value, this);
  }
}

/** Makes the encoder of a shape; {@link ShapeEncoders.encoderOf} keeps it. */
function compileEncoder(declared: Shape, scope: ShapeEncoders): Encoder {
  const shape = unnamed(declared);
  switch (shape.kind) {
    case "int":
      return (value) => WIRE_TYPES.int.encode(checkInt(value), scope);
    case "long":
      return (value) => WIRE_TYPES.i8.encode(checkLong(value), scope);
    case "double":
      return (value) => WIRE_TYPES.double.encode(checkDouble(value), scope);
    case "number":
      return (value, depth) => encodeAny(checkDouble(value), scope, depth);
    case "boolean":
      return (value) => WIRE_TYPES.boolean.encode(checkBoolean(value), scope);
    case "string":
      return (value) => WIRE_TYPES.string.encode(checkString(value), scope);
    case "dateTime":
      return (value) => WIRE_TYPES["dateTime.iso8601"].encode(checkDate(value), scope);
    case "base64":
      return (value) => WIRE_TYPES.base64.encode(checkBytes(value), scope);
    case "nil":
      return (value) => WIRE_TYPES.nil.encode(checkNil(value), scope);
    case "enumeration":
      return compileEnumeration(shape.values, scope);
    case "nullable":
      return compileNullable(scope.encoderOf(shape.inner), scope);
    case "optional":
      return scope.encoderOf(shape.inner);
    case "array":
      return compileArray(scope.encoderOf(shape.items), scope);
    case "record":
      return compileRecord(scope.encoderOf(shape.values), scope);
    case "struct":
      return compileStruct(shape.members, scope);
    case "any":
      return (value, depth) => encodeAny(value, scope, depth);
    case "exact":
      return (value, depth) => encodeByType(checkExact(value, new Enclosing(scope.options.limits.maxValueDepth, depth)), scope);
  }
}

function compileEnumeration(values: readonly string[], scope: ShapeEncoders): Encoder {
  const texts = new Map(values.map((value) => [value, WIRE_TYPES.string.encode(value, scope)]));
  return (value) => {
    const text = texts.get(checkString(value));
    if (text === undefined) throw enumerationError(values, "another string");
    return text;
  };
}

function compileNullable(encode: Encoder, scope: ShapeEncoders): Encoder {
  return (value, depth) => (value === null ? WIRE_TYPES.nil.encode(value, scope) : encode(value, depth));
}

function compileArray(encode: Encoder, { options: { limits } }: ShapeEncoders): Encoder {
  return (value, depth) => {
    const items = checkArray(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    let text = "<array><data>";
    let index = 0;
    try {
      for (; index < items.length; index++) text += `<value>${encode(items[index], depth + 1)}</value>`;
    } catch (error) {
      throw ValueError.is(error) ? error.within(index) : error;
    }
    return `${text}</data></array>`;
  };
}

function compileRecord(encode: Encoder, { options: { limits } }: ShapeEncoders): Encoder {
  return (value, depth) => {
    const record = checkStruct(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    let text = "<struct>";
    for (const name of Object.keys(record)) {
      try {
        text += `${openMember(name)}${encode(record[name], depth + 1)}</value></member>`;
      } catch (error) {
        throw ValueError.is(error) ? error.within(name) : error;
      }
    }
    return `${text}</struct>`;
  };
}

function compileStruct(shapes: Readonly<Record<string, Shape>>, scope: ShapeEncoders): Encoder {
  const { limits } = scope.options;
  const members = Object.entries(shapes).map(([name, shape]) => ({
    name,
    open: openMember(name),
    encode: scope.encoderOf(shape),
    optional: unnamed(shape).kind === "optional",
  }));
  return (value, depth) => {
    const struct = checkStruct(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    let text = "<struct>";
    for (const { name, open, encode, optional } of members) {
      const member = memberOf(struct, name);
      if (member === undefined) {
        if (optional) continue;
        throw missingMember(name);
      }
      try {
        text += `${open}${encode(member, depth + 1)}</value></member>`;
      } catch (error) {
        throw ValueError.is(error) ? error.within(name) : error;
      }
    }
    return `${text}</struct>`;
  };
}
