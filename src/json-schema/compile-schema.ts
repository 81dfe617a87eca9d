// JSON Schema to JSON types: OpenAPI 3.0 (its own dialect), OpenAPI 3.1 and OpenRPC (JSON Schema 2020-12).

import { isPlainObject } from "../values/index.js";
import { arrayOf, type JsonMember, nullableOf, recordOf, structOf } from "./container-types.js";
import { ANY_JSON, type JsonType } from "./json-type.js";
import { type JsonObject, listAt, type References, textAt } from "./references.js";
import {
  BOOLEAN,
  BYTES,
  DATE_TIME,
  enumerationOf,
  INT32,
  INTEGER,
  NULL,
  NUMBER,
  PASSWORD,
  STRING,
} from "./scalar-types.js";

/** Which way the values of a schema go: `readOnly` members are not sent, `writeOnly` ones not received. */
export type Direction = "request" | "response";

/** Schemas that one method may hold, and how deep; what is beyond is any value. References multiply without bound. */
const MAX_SCHEMAS = 2_000;
const MAX_DEPTH = 24;

/** Compiles the schemas of one document. */
export class SchemaCompiler {
  readonly #references: References;
  readonly #direction: Direction;
  readonly #around: unknown[] = [];
  #schemas = 0;

  constructor(references: References, direction: Direction) {
    this.#references = references;
    this.#direction = direction;
  }

  /**
   * The type of a schema. One that holds itself is any value where it comes again.
   *
   * @throws Error for a reference that cannot be followed
   */
  compile(schema: unknown): JsonType {
    const node = this.#references.follow(schema);
    if (!isPlainObject(node)) return ANY_JSON;
    if (this.#around.includes(node) || this.#around.length >= MAX_DEPTH || this.#schemas >= MAX_SCHEMAS)
      return ANY_JSON;
    this.#schemas += 1;
    this.#around.push(node);
    try {
      const type = this.#typeOf(node);
      return node["nullable"] === true ? nullableOf(type) : type;
    } finally {
      this.#around.pop();
    }
  }

  #typeOf(schema: JsonObject): JsonType {
    const names = typeNames(schema);
    const others = names.filter((name) => name !== "null");
    if (others.length < names.length && others.length > 0)
      return nullableOf(others.length === 1 ? this.#typeOf({ ...schema, type: others[0] }) : ANY_JSON);
    if (names.length > 1) return ANY_JSON;
    if (Array.isArray(schema["enum"]) || "const" in schema) return enumerated(schema, names[0]);
    if (Array.isArray(schema["allOf"])) return this.#allOf(schema);
    const alternatives = [...listAt(schema, "oneOf"), ...listAt(schema, "anyOf")];
    if (alternatives.length > 0) return this.#oneOf(alternatives);
    return this.#byName(schema, names[0]);
  }

  #byName(schema: JsonObject, name: string | undefined): JsonType {
    switch (name) {
      case "integer":
        return textAt(schema, "format") === "int32" ? INT32 : INTEGER;
      case "number":
        return NUMBER;
      case "boolean":
        return BOOLEAN;
      case "string":
        return stringOf(schema);
      case "null":
        return NULL;
      case "array":
        return arrayOf("items" in schema ? this.compile(schema["items"]) : ANY_JSON);
      case "object":
        return this.#object(schema);
      case undefined:
        return "properties" in schema || "additionalProperties" in schema ? this.#object(schema) : ANY_JSON;
      default:
        return ANY_JSON;
    }
  }

  #object(schema: JsonObject): JsonType {
    const members = this.#members(schema);
    const additional = schema["additionalProperties"];
    if (members.length > 0 || additional === false) return structOf(members);
    return recordOf(isPlainObject(additional) ? this.compile(additional) : ANY_JSON);
  }

  #members(schema: JsonObject): JsonMember[] {
    const { properties } = schema;
    if (!isPlainObject(properties)) return [];
    const required = new Set(listAt(schema, "required"));
    return Object.entries(properties).flatMap(([name, property]): JsonMember[] => {
      const node = this.#references.object(property);
      if (node?.[this.#direction === "request" ? "readOnly" : "writeOnly"] === true) return [];
      const type = this.compile(property);
      // An answer may have null where anything may stand, and null is an absent member.
      const mayBeNull = this.#direction === "response" && type.shape.kind === "any";
      return [{ name, type, isRequired: required.has(name) && !mayBeNull }];
    });
  }

  /** Objects are joined; with anything else among them only the first that says a type counts. */
  #allOf(schema: JsonObject): JsonType {
    const parts = this.#partsOf(schema, 0);
    const objects = parts.filter((part) => "properties" in part);
    if (objects.length > 0) {
      return this.#object({
        properties: Object.assign({}, ...objects.map((part) => part["properties"])),
        required: parts.flatMap((part) => listAt(part, "required")),
      });
    }
    const first = parts.find((part) => typeNames(part).length > 0 || "oneOf" in part || "anyOf" in part);
    return first === undefined ? ANY_JSON : this.compile(first);
  }

  #partsOf(schema: JsonObject, depth: number): JsonObject[] {
    if (depth > MAX_DEPTH) return [];
    const { allOf, ...own } = schema;
    const inner = Array.isArray(allOf) ? allOf : [];
    const parts = inner.flatMap((part: unknown) => {
      const node = this.#references.object(part);
      return node === undefined ? [] : this.#partsOf(node, depth + 1);
    });
    return [...parts, own];
  }

  /** Alternatives are any value, unless all but null are one. */
  #oneOf(alternatives: readonly unknown[]): JsonType {
    const nodes = alternatives.map((node) => this.#references.object(node));
    const others = nodes.filter((node) => node !== undefined && !(typeNames(node).join() === "null"));
    const [only] = others;
    if (only === undefined || others.length > 1) return ANY_JSON;
    return others.length < nodes.length ? nullableOf(this.compile(only)) : this.compile(only);
  }
}

function typeNames(schema: JsonObject): readonly string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((name): name is string => typeof name === "string") : [];
}

function enumerated(schema: JsonObject, name: string | undefined): JsonType {
  const values = "const" in schema ? [schema["const"]] : listAt(schema, "enum");
  const texts = values.filter((value): value is string => typeof value === "string");
  const hasNull = values.includes(null);
  const isText = texts.length > 0 && texts.length === values.length - (hasNull ? 1 : 0);
  if (isText) return hasNull ? nullableOf(enumerationOf(texts)) : enumerationOf(texts);
  // Numbers that are allowed are not told apart from others: a shape has no place for them.
  if (name === "integer") return INTEGER;
  if (name === "number") return NUMBER;
  return name === "boolean" ? BOOLEAN : ANY_JSON;
}

function stringOf(schema: JsonObject): JsonType {
  if (textAt(schema, "contentEncoding") === "base64") return BYTES;
  switch (textAt(schema, "format") ?? "") {
    case "date-time":
      return DATE_TIME;
    case "byte":
    case "binary":
      return BYTES;
    case "password":
      return PASSWORD;
    default:
      return STRING;
  }
}
