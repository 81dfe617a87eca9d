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
  type ExactValue,
  enumerationError,
  exactOf,
  memberOf,
  missingMember,
  type Shape,
  tooDeep,
  unnamed,
  ValueError,
} from "../values/index.js";
import { encodeAny } from "./encode-any.js";
import type { CodecOptions } from "./options.js";
import { CLOSE_MEMBER, openMember } from "./types/containers.js";
import { encodeByType, WIRE_TYPES } from "./types/table.js";
import { type EncodeScope, encodeElement, type WireType } from "./types/wire-type.js";

/** Writes natural values of one shape. What is constant stands apart, so that containers join it with what is around the value. */
export interface Encoder {
  readonly open: string;
  readonly close: string;
  /**
   * Writes what is between the two.
   *
   * @param depth the arrays and structs around the value
   * @throws ValueError with path for a value that is not of the shape, or cannot travel
   */
  readonly write: (value: unknown, depth: number) => string;
}

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

  encodeShape(value: unknown, shape: Shape, depth: number): string {
    const { open, close, write } = this.encoderOf(shape);
    return open + write(value, depth) + close;
  }
}

/** Makes the encoder of a shape; {@link ShapeEncoders.encoderOf} keeps it. */
function compileEncoder(declared: Shape, scope: ShapeEncoders): Encoder {
  const shape = unnamed(declared);
  switch (shape.kind) {
    case "int":
      return scalar(WIRE_TYPES.int, checkInt, scope);
    case "long":
      return scalar(WIRE_TYPES.i8, checkLong, scope);
    case "integer":
      return variable((value) => encodeInteger(value, scope));
    case "double":
      return scalar(WIRE_TYPES.double, checkDouble, scope);
    case "number":
      return variable((value, depth) => encodeAny(checkDouble(value), scope, depth));
    case "boolean":
      return scalar(WIRE_TYPES.boolean, checkBoolean, scope);
    case "string":
      return scalar(WIRE_TYPES.string, checkString, scope);
    case "dateTime":
      return scalar(WIRE_TYPES["dateTime.iso8601"], checkDate, scope);
    case "base64":
      return scalar(WIRE_TYPES.base64, checkBytes, scope);
    case "nil":
      return scalar(WIRE_TYPES.nil, checkNil, scope);
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
      return variable((value, depth) => encodeAny(value, scope, depth));
    case "exact":
      return variable((value, depth) =>
        encodeByType(checkExact(value, new Enclosing(scope.options.limits.maxValueDepth, depth)), scope),
      );
  }
}

function encodeInteger(value: unknown, scope: ShapeEncoders): string {
  const isInt = typeof value === "number" && (value | 0) === value;
  return isInt ? encodeElement(WIRE_TYPES.int, value | 0, scope) : encodeByType(exactOf(value, INTEGER), scope);
}

const INTEGER: Shape = { kind: "integer" };

/** The encoder of a shape that has one type and no parts. */
function scalar<T extends ExactValue>(
  type: WireType<T>,
  check: (value: unknown) => T["value"],
  scope: ShapeEncoders,
): Encoder {
  return { open: type.open, close: type.close, write: (value) => type.encode(check(value), scope) };
}

/** The encoder of a shape whose type depends on the value. */
function variable(write: Encoder["write"]): Encoder {
  return { open: "", close: "", write };
}

function compileEnumeration(values: readonly string[], scope: ShapeEncoders): Encoder {
  const { open, close } = WIRE_TYPES.string;
  const texts = new Map(values.map((value) => [value, WIRE_TYPES.string.encode(value, scope)]));
  const write: Encoder["write"] = (value) => {
    const text = texts.get(checkString(value));
    if (text === undefined) throw enumerationError(values, "another string");
    return text;
  };
  return { open, close, write };
}

function compileNullable({ open, close, write }: Encoder, scope: ShapeEncoders): Encoder {
  return variable((value, depth) =>
    value === null ? encodeElement(WIRE_TYPES.nil, value, scope) : open + write(value, depth) + close,
  );
}

function compileArray({ open, close, write }: Encoder, { options: { limits } }: ShapeEncoders): Encoder {
  const before = `<value>${open}`;
  const after = `${close}</value>`;
  const between = after + before;
  const writeItems: Encoder["write"] = (value, depth) => {
    const items = checkArray(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    if (items.length === 0) return "";
    let text = before;
    let index = 0;
    try {
      text += write(items[0], depth + 1);
      for (index = 1; index < items.length; index++) text += between + write(items[index], depth + 1);
    } catch (error) {
      throw ValueError.is(error) ? error.within(index) : error;
    }
    return text + after;
  };
  return { open: WIRE_TYPES.array.open, close: WIRE_TYPES.array.close, write: writeItems };
}

function compileRecord({ open, close, write }: Encoder, { options: { limits } }: ShapeEncoders): Encoder {
  const after = close + CLOSE_MEMBER;
  const writeMembers: Encoder["write"] = (value, depth) => {
    const record = checkStruct(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    let text = "";
    for (const name of Object.keys(record)) {
      try {
        text += openMember(name) + open + write(record[name], depth + 1) + after;
      } catch (error) {
        throw ValueError.is(error) ? error.within(name) : error;
      }
    }
    return text;
  };
  return { open: WIRE_TYPES.struct.open, close: WIRE_TYPES.struct.close, write: writeMembers };
}

function compileStruct(shapes: Readonly<Record<string, Shape>>, scope: ShapeEncoders): Encoder {
  const { limits } = scope.options;
  const members = Object.entries(shapes).map(([name, shape]) => compileMember(name, shape, scope));
  const writeMembers: Encoder["write"] = (value, depth) => {
    const struct = checkStruct(value);
    if (depth >= limits.maxValueDepth) throw tooDeep(limits.maxValueDepth);
    let text = "";
    for (const { name, before, after, write, optional, inherited } of members) {
      const member = inherited ? memberOf(struct, name) : struct[name];
      if (member === undefined) {
        if (optional) continue;
        throw missingMember(name);
      }
      try {
        text += before + write(member, depth + 1) + after;
      } catch (error) {
        throw ValueError.is(error) ? error.within(name) : error;
      }
    }
    return text;
  };
  return { open: WIRE_TYPES.struct.open, close: WIRE_TYPES.struct.close, write: writeMembers };
}

interface MemberEncoder {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly write: Encoder["write"];
  readonly optional: boolean;
  /** Only these names can be found in an object that does not have them. */
  readonly inherited: boolean;
}

function compileMember(name: string, shape: Shape, scope: ShapeEncoders): MemberEncoder {
  const { open, close, write } = scope.encoderOf(shape);
  return {
    name,
    before: openMember(name) + open,
    after: close + CLOSE_MEMBER,
    write,
    optional: unnamed(shape).kind === "optional",
    inherited: name in Object.prototype,
  };
}
