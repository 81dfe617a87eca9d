// A method as an OpenRPC method object describes it: its parameters and result, and both ways to JSON.

import { type MethodSpec, type Param, serverFault } from "../rpc/index.js";
import { setOwn, ValueError } from "../values/index.js";
import { SchemaCompiler } from "./compile-schema.js";
import { ANY_JSON, type JsonType, resultShape } from "./json-type.js";
import { type JsonObject, listAt, type References, textAt } from "./references.js";
import type { Json } from "./write-json.js";

/** What a method object says. */
export interface OpenRpcMethod {
  /** All of a method but its name and handler. */
  readonly spec: Pick<MethodSpec, "params" | "rest" | "returns" | "doc">;
  readonly result: JsonType;
  /**
   * Parameters as JSON: an array up to the last that was given, or an object where the method takes them by name.
   *
   * @throws RpcFault -32602 for a value that JSON cannot hold
   */
  paramsToJson(args: readonly unknown[]): Json;
}

interface NamedType {
  readonly name: string;
  readonly type: JsonType;
}

/** Reads a method object; what it does not say is any value. */
export function readOpenRpcMethod(method: JsonObject, references: References): OpenRpcMethod {
  const requests = new SchemaCompiler(references, "request");
  const types: NamedType[] = [];
  const params = listAt(method, "params").map((entry, index): Param => {
    const node = references.object(entry) ?? {};
    const param = { name: textAt(node, "name") ?? `param${index + 1}`, type: requests.compile(node["schema"]) };
    types.push(param);
    const { shape } = param.type;
    return { name: param.name, shape: node["required"] === true ? shape : { kind: "optional", inner: shape } };
  });
  const described = references.object(method["result"]);
  const result = new SchemaCompiler(references, "response").compile(described?.["schema"]);
  const isVariadic = method["params"] === undefined;
  const isByName = method["paramStructure"] === "by-name";
  const doc = [textAt(method, "summary"), textAt(method, "description")].filter(Boolean).join("\n");
  return {
    spec: {
      params,
      ...(isVariadic ? { rest: ANY_JSON.shape } : {}),
      returns: resultShape(result, result.shape.kind === "any"),
      ...(doc === "" ? {} : { doc }),
    },
    result,
    paramsToJson: (args) => (isByName ? byName(types, args) : byPosition(types, args)),
  };
}

/** By position, up to the last that was given. */
function byPosition(types: readonly NamedType[], args: readonly unknown[]): Json {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  return given.map((arg, index) => toJson(types[index]?.type ?? ANY_JSON, arg, index));
}

function byName(types: readonly NamedType[], args: readonly unknown[]): Json {
  const object: Record<string, Json> = {};
  for (const [index, { name, type }] of types.entries()) {
    if (args[index] !== undefined) setOwn(object, name, toJson(type, args[index], index));
  }
  return object;
}

function toJson(type: JsonType, value: unknown, index: number): Json {
  try {
    return type.toJson(value);
  } catch (error) {
    throw ValueError.is(error) ? serverFault("invalidParams", error.within(`params[${index}]`).message) : error;
  }
}
