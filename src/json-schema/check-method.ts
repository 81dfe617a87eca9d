// Whether a method object is one: OpenRPC 1.3, Method Object, Content Descriptor Object, Error Object; JSON Schema 2020-12 as far as it is read.

import { isApplicationCode, methodNameProblem } from "../rpc/index.js";
import { describeValue, isPlainObject } from "../values/index.js";
import type { JsonObject, References } from "./references.js";

/** One thing that is wrong in a method object. */
export interface MethodProblem {
  /** Keys and indexes from the method object on. */
  readonly path: readonly (string | number)[];
  /** What was expected, and what is there. */
  readonly problem: string;
}

type Path = MethodProblem["path"];
type Check = (value: unknown, path: Path) => MethodProblem[];

const STRUCTURES = ["by-name", "by-position", "either"];
const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];
/** Schemas deeper than this are any value, so they are not looked at. */
const MAX_DEPTH = 24;

/** Everything that is wrong in a method object; extensions `x-…` are the reader's. */
export function methodProblems(entry: unknown, references: References): MethodProblem[] {
  return new MethodChecker(references).method(entry);
}

class MethodChecker {
  readonly #references: References;

  constructor(references: References) {
    this.#references = references;
  }

  method(entry: unknown): MethodProblem[] {
    return this.#following(entry, [], (method, path) => {
      if (!isPlainObject(method)) return wrong(path, "an OpenRPC method object with a name", method);
      return [
        ...this.#members(method, path, {
          name: (name, at) => {
            if (typeof name !== "string" || name === "") return wrong(at, "an OpenRPC method object with a name", name);
            const problem = methodNameProblem(name);
            return problem === undefined ? [] : [{ path: at, problem }];
          },
          summary: text,
          description: text,
          deprecated: flag,
          paramStructure: oneOf(STRUCTURES),
          params: (params, at) => this.#params(params, at),
          result: (result, at) => this.#descriptor(result, at),
          errors: (errors, at) => this.#errors(errors, at),
          tags: anything,
          externalDocs: anything,
          servers: anything,
          links: anything,
          examples: anything,
        }),
        ...("name" in method ? [] : wrong([...path, "name"], "an OpenRPC method object with a name", undefined)),
      ];
    });
  }

  #params(params: unknown, path: Path): MethodProblem[] {
    if (!Array.isArray(params)) return wrong(path, "an array of {name, schema}", params);
    const names = new Set<unknown>();
    let isOptional = false;
    return params.flatMap((entry: unknown, index) => {
      const at = [...path, index];
      const problems = this.#descriptor(entry, at);
      if (problems.length > 0) return problems;
      const { name, required } = this.#references.object(entry) ?? {};
      if (names.has(name))
        return [{ path: [...at, "name"], problem: `"${String(name)}": a parameter before it has this name` }];
      names.add(name);
      if (required === true && isOptional)
        return [
          {
            path: at,
            problem: "it is required, and a parameter before it is not; XML-RPC has parameters by position only",
          },
        ];
      isOptional ||= required !== true;
      return [];
    });
  }

  #descriptor(entry: unknown, path: Path): MethodProblem[] {
    return this.#following(entry, path, (descriptor) => {
      if (!isPlainObject(descriptor)) return wrong(path, "an object {name, schema}", descriptor);
      const missing = ["name", "schema"].filter((key) => !(key in descriptor));
      return [
        ...this.#members(descriptor, path, {
          name: (name, at) => (typeof name === "string" && name !== "" ? [] : wrong(at, "a name", name)),
          schema: (schema, at) => this.#schema(schema, at, 0),
          required: flag,
          summary: text,
          description: text,
          deprecated: flag,
        }),
        ...missing.map((key) => ({
          path: [...path, key],
          problem: key === "name" ? "missing: a name expected" : "missing: a JSON Schema expected; {} is any value",
        })),
      ];
    });
  }

  #errors(errors: unknown, path: Path): MethodProblem[] {
    if (!Array.isArray(errors)) return wrong(path, "an array of {code, message}", errors);
    return errors.flatMap((entry: unknown, index) =>
      this.#following(entry, [...path, index], (error, at) => {
        if (!isPlainObject(error)) return wrong(at, "an object {code, message}", error);
        const { code, message } = error;
        const isCode = typeof code === "number" && isApplicationCode(code);
        return [
          ...(isCode ? [] : wrong([...at, "code"], "a whole number outside -32768 to -32000", code)),
          ...text(message, [...at, "message"]),
        ];
      }),
    );
  }

  #schema(entry: unknown, path: Path, depth: number): MethodProblem[] {
    if (depth >= MAX_DEPTH || typeof entry === "boolean") return [];
    // What a reference names is checked where it stands, or is no part of the method.
    if (isPlainObject(entry) && "$ref" in entry) return this.#following(entry, path, () => []);
    if (!isPlainObject(entry)) return wrong(path, "a JSON Schema", entry);
    const inner: Check = (schema, at) => this.#schema(schema, at, depth + 1);
    const checks: Readonly<Record<string, Check>> = {
      type: (type, at) => (Array.isArray(type) ? type : [type]).flatMap((each) => oneOf(TYPES)(each, at)),
      enum: (list, at) => (Array.isArray(list) ? [] : wrong(at, "an array of values", list)),
      required: (list, at) =>
        Array.isArray(list) && list.every((name) => typeof name === "string")
          ? []
          : wrong(at, "an array of names", list),
      properties: (members, at) =>
        isPlainObject(members)
          ? Object.entries(members).flatMap(([name, schema]) => inner(schema, [...at, name]))
          : wrong(at, "an object of JSON Schemas", members),
      items: inner,
      additionalProperties: inner,
      ...Object.fromEntries(
        ["allOf", "anyOf", "oneOf"].map((key): [string, Check] => [
          key,
          (list, at) =>
            Array.isArray(list)
              ? list.flatMap((schema: unknown, index) => inner(schema, [...at, index]))
              : wrong(at, "an array of JSON Schemas", list),
        ]),
      ),
    };
    return Object.entries(entry).flatMap(([key, value]) =>
      Object.hasOwn(checks, key) ? (checks[key]?.(value, [...path, key]) ?? []) : [],
    );
  }

  #members(object: JsonObject, path: Path, checks: Readonly<Record<string, Check>>): MethodProblem[] {
    return Object.entries(object).flatMap(([key, value]) => {
      if (key.startsWith("x-")) return [];
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
      const at = [...path, key];
      return check?.(value, at) ?? [{ path: at, problem: `not known; there are ${Object.keys(checks).join(", ")}` }];
    });
  }

  #following(entry: unknown, path: Path, check: Check): MethodProblem[] {
    let found: unknown;
    try {
      found = this.#references.follow(entry);
    } catch (error) {
      return [{ path, problem: error instanceof Error ? error.message : String(error) }];
    }
    return check(found, path);
  }
}

const anything: Check = () => [];
const text: Check = (value, path) => (typeof value === "string" ? [] : wrong(path, "a text", value));
const flag: Check = (value, path) => (typeof value === "boolean" ? [] : wrong(path, "true or false", value));

function oneOf(words: readonly string[]): Check {
  return (value, path) =>
    typeof value === "string" && words.includes(value) ? [] : wrong(path, `one of ${words.join(", ")}`, value);
}

function wrong(path: Path, expected: string, value: unknown): MethodProblem[] {
  const got =
    typeof value === "string"
      ? JSON.stringify(value.slice(0, 40))
      : typeof value === "number"
        ? String(value)
        : describeValue(value);
  return [{ path, problem: `${expected} expected, got ${value === undefined ? "nothing" : got}` }];
}
