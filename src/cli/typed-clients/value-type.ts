// The type of a value as a responder describes it: read from JSON Schemas and wire type names that strangers wrote.

/** A type, whatever language it is then written in. */
export type ValueType =
  | {
      readonly kind:
        | "any"
        | "array"
        | "base64"
        | "boolean"
        | "dateTime"
        | "double"
        | "int"
        | "long"
        | "nil"
        | "number"
        | "string"
        | "struct";
    }
  | { readonly kind: "enumeration"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly items: ValueType }
  | { readonly kind: "record"; readonly values: ValueType }
  | { readonly kind: "members"; readonly members: readonly Member[] }
  | { readonly kind: "nullable"; readonly inner: ValueType };

/** A member of a struct. */
export interface Member {
  readonly name: string;
  readonly type: ValueType;
  readonly required: boolean;
}

const ANY: ValueType = { kind: "any" };
/** Deeper schemas, and further members, are not written out. */
const MAX_DEPTH = 16;
const MAX_MEMBERS = 1_000;

/** The type that a JSON Schema of system.describe stands for; what it does not know is `any`. */
export function typeOfSchema(schema: unknown, depth = MAX_DEPTH): ValueType {
  if (!isObject(schema) || depth === 0) return ANY;
  const { type, format, enum: values, anyOf } = schema;
  const inner = (of: unknown): ValueType => typeOfSchema(of, depth - 1);
  if (Array.isArray(anyOf)) {
    const [only, nothing, ...others] = anyOf as unknown[];
    const isNullable = others.length === 0 && isObject(nothing) && nothing["type"] === "null";
    return isNullable ? { kind: "nullable", inner: inner(only) } : ANY;
  }
  if (format === "int64") return { kind: "long" };
  switch (type) {
    case "integer":
      return { kind: "int" };
    case "number":
      return { kind: format === "double" ? "double" : "number" };
    case "boolean":
      return { kind: "boolean" };
    case "null":
      return { kind: "nil" };
    case "string":
      if (format === "date-time") return { kind: "dateTime" };
      if (schema["contentEncoding"] === "base64") return { kind: "base64" };
      return isTexts(values) ? { kind: "enumeration", values: values.slice(0, MAX_MEMBERS) } : { kind: "string" };
    case "array":
      return { kind: "list", items: inner(schema["items"]) };
    case "object":
      return typeOfObject(schema, inner);
    default:
      return ANY;
  }
}

function typeOfObject(schema: Readonly<Record<string, unknown>>, inner: (of: unknown) => ValueType): ValueType {
  const { properties, required, additionalProperties } = schema;
  if (!isObject(properties)) {
    return isObject(additionalProperties)
      ? { kind: "record", values: inner(additionalProperties) }
      : { kind: "struct" };
  }
  const needed = new Set(isTexts(required) ? required : []);
  const members = Object.entries(properties).slice(0, MAX_MEMBERS);
  return {
    kind: "members",
    members: members.map(([name, of]) => ({ name, type: inner(of), required: needed.has(name) })),
  };
}

/** The type that a name in a signature stands for; what it does not know is `any`. */
export function typeOfWireName(name: string): ValueType {
  switch (name) {
    case "int":
    case "i4":
    case "i1":
    case "i2":
      return { kind: "int" };
    case "i8":
      return { kind: "long" };
    case "dateTime.iso8601":
      return { kind: "dateTime" };
    case "double":
    case "boolean":
    case "string":
    case "base64":
    case "nil":
    case "array":
    case "struct":
      return { kind: name };
    default:
      return ANY;
  }
}

/** True for an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
}
