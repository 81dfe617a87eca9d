// How a method is described: an OpenRPC method object everywhere, and XML-RPC signatures for system.methodSignature.
// OpenRPC 1.3.2 (method object); JSON Schema 2020-12; XML-RPC introspection: protocol reference, "Introspection".
import type { Shape, WireTypeName } from "../values/index.js";
import { type MethodSpec, type Param, requiredCount } from "./method-spec.js";

/** A JSON Schema. */
export type JsonSchema = { readonly [key: string]: unknown };

/** One parameter or result of {@link MethodDescription}. */
export interface ContentDescription {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** An OpenRPC method object. */
export interface MethodDescription {
  readonly name: string;
  readonly summary?: string;
  readonly description?: string;
  readonly paramStructure: "by-position";
  readonly params: readonly ContentDescription[];
  readonly result: { readonly name: string; readonly schema: JsonSchema };
  /** How long a call may run in milliseconds, if the method says so. */
  readonly "x-deadlineMs"?: number;
  /** A repeated request gets the first answer. */
  readonly "x-atMostOnce"?: true;
  /** True if further parameters of any number are taken. */
  readonly "x-variadic"?: true;
}

/** The OpenRPC method object of a method. */
export function describeMethod(spec: MethodSpec): MethodDescription {
  const required = requiredCount(spec.params);
  const [summary] = (spec.doc ?? "").split("\n", 1);
  return {
    name: spec.name,
    ...(summary === undefined || summary === "" ? {} : { summary }),
    ...(spec.doc === undefined || spec.doc === summary ? {} : { description: spec.doc }),
    paramStructure: "by-position",
    params: spec.params.map((param, index) => ({
      name: param.name ?? `param${index + 1}`,
      required: index < required,
      schema: schemaOf(param.shape),
    })),
    result: { name: "result", schema: spec.returns === undefined ? {} : schemaOf(spec.returns) },
    ...(spec.deadlineMs === undefined ? {} : { "x-deadlineMs": spec.deadlineMs }),
    ...(spec.atMostOnce === true ? { "x-atMostOnce": true as const } : {}),
    ...(spec.rest === undefined ? {} : { "x-variadic": true as const }),
  };
}

/** What the JSON notation of a shape's values looks like. `format` tells apart what JSON does not. */
export function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case "int":
      return { type: "integer", format: "int32", minimum: -2147483648, maximum: 2147483647 };
    case "long":
      return { type: ["integer", "string"], format: "int64", pattern: "^-?[0-9]+$" };
    case "integer":
      return { type: "integer", format: "int64" };
    case "double":
      return { type: "number", format: "double" };
    case "number":
      return { type: "number" };
    case "boolean":
      return { type: "boolean" };
    case "string":
      return shape.secret === true ? { type: "string", format: "password", writeOnly: true } : { type: "string" };
    case "enumeration":
      return { type: "string", enum: [...shape.values] };
    case "dateTime":
      return { type: "string", format: "date-time" };
    case "base64":
      return { type: "string", contentEncoding: "base64" };
    case "nil":
      return { type: "null" };
    case "any":
      return {};
    case "exact":
      return shape.told === undefined
        ? { description: "any value; its XML-RPC type is kept" }
        : { description: `${shape.told}; its XML-RPC type is kept` };
    case "array":
      return { type: "array", items: schemaOf(shape.items) };
    case "record":
      return { type: "object", additionalProperties: schemaOf(shape.values) };
    case "struct":
      return structSchema(shape.members);
    case "optional":
      return schemaOf(shape.inner);
    case "nullable":
      return { anyOf: [schemaOf(shape.inner), { type: "null" }] };
    case "named":
      return { title: shape.name, ...schemaOf(shape.inner) };
  }
}

function structSchema(members: Readonly<Record<string, Shape>>): JsonSchema {
  const names = Object.keys(members);
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, schemaOf(members[name] ?? { kind: "any" })])),
    required: names.filter((name) => !isOptional(members[name])),
  };
}

function isOptional(shape: Shape | undefined): boolean {
  return shape !== undefined && (shape.kind === "optional" || (shape.kind === "named" && isOptional(shape.inner)));
}

/** What stands in a signature for a type that is not declared. */
const UNDECLARED = "undef";

/**
 * The signatures of a method as system.methodSignature gives them: result, then parameters; one for each number of
 * optional ones. `undef` alone when nothing is declared.
 */
export function signaturesOf(spec: MethodSpec): readonly (readonly string[])[] | typeof UNDECLARED {
  if (spec.rest !== undefined) return UNDECLARED;
  const result = spec.returns === undefined ? UNDECLARED : typeNameOf(spec.returns);
  const types = spec.params.map((param: Param) => typeNameOf(param.shape));
  const required = requiredCount(spec.params);
  return Array.from({ length: types.length - required + 1 }, (_, extra) => [
    result,
    ...types.slice(0, required + extra),
  ]);
}

/** The XML-RPC type of a shape's values at their top level. */
export function typeNameOf(shape: Shape): WireTypeName | typeof UNDECLARED {
  switch (shape.kind) {
    case "int":
    case "double":
    case "boolean":
    case "string":
    case "base64":
    case "nil":
    case "array":
    case "struct":
      return shape.kind;
    case "number":
      return "double";
    case "integer":
      return "int";
    case "long":
      return "i8";
    case "enumeration":
      return "string";
    case "dateTime":
      return "dateTime.iso8601";
    case "record":
      return "struct";
    case "optional":
    case "nullable":
    case "named":
      return typeNameOf(shape.inner);
    case "exact":
      return shape.told ?? UNDECLARED;
    case "any":
      return UNDECLARED;
  }
}
