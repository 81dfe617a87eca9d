// Upstreams that speak JSON-RPC 2.0 over HTTP. Their methods are OpenRPC method objects, of the settings or of rpc.discover.

import { type MethodSpec, type Param, RpcFault, serverFault } from "../../rpc/index.js";
import { isPlainObject, setOwn, ValueError } from "../../values/index.js";
import { SchemaCompiler } from "../json/compile-schema.js";
import { ANY_JSON, type JsonType } from "../json/json-type.js";
import { type JsonObject, listAt, References, textAt } from "../json/references.js";
import type { Json } from "../json/write-json.js";
import { resultOfJson, resultShape } from "../json-answer.js";
import type { Caller, Offer, Offers } from "../offer.js";
import { type JsonRpcSettings, UPSTREAM_DEFAULTS, UpstreamSettingsError } from "../settings.js";
import { JsonRpcBatches } from "./batches.js";
import { JsonRpcClient, type Send } from "./exchange-jsonrpc.js";

/** What the server offers now. */
export async function readJsonRpc(settings: JsonRpcSettings, caller: Caller): Promise<Offers> {
  const { pathname, search } = new URL(settings.url);
  const client = new JsonRpcClient(pathname + search);
  const document =
    settings.methods === undefined ? await discover(settings, client, caller) : { methods: settings.methods };
  const { name, maxBatch = UPSTREAM_DEFAULTS.maxBatch } = settings;
  const batches = new JsonRpcBatches({ client, caller, name, maxBatch });
  const references = new References(document);
  const methods = listAt(document, "methods").flatMap((entry): JsonObject[] => {
    const method = references.object(entry);
    return method === undefined ? [] : [method];
  });
  return {
    // The names under rpc. are the protocol's own (JSON-RPC 2.0 §8).
    offers: methods
      .filter((method) => textAt(method, "name") !== undefined && !textAt(method, "name")?.startsWith("rpc."))
      .map((method) => offerOf(method, references, batches)),
    version: JSON.stringify(document),
    areNamed: settings.methods !== undefined,
  };
}

async function discover(settings: JsonRpcSettings, client: JsonRpcClient, caller: Caller): Promise<JsonObject> {
  let document: unknown;
  try {
    const send: Send<unknown> = (request, read) => caller.ask(request, read);
    document = await client.call("rpc.discover", undefined, send, (json) => json);
  } catch (error) {
    if (!RpcFault.is(error)) throw error;
    throw new UpstreamSettingsError(
      settings.name,
      "methods",
      `the server has no rpc.discover (${error.message}); name its methods here`,
    );
  }
  if (isPlainObject(document) && Array.isArray(document["methods"])) return document;
  throw new Error("rpc.discover answers no OpenRPC document");
}

function offerOf(method: JsonObject, references: References, batches: JsonRpcBatches): Offer {
  const id = textAt(method, "name") ?? "";
  return { id, build: (name) => buildMethod(name, id, method, references, batches) };
}

interface NamedType {
  readonly name: string;
  readonly type: JsonType;
}

function buildMethod(
  name: string,
  id: string,
  method: JsonObject,
  references: References,
  batches: JsonRpcBatches,
): MethodSpec {
  const requests = new SchemaCompiler(references, "request");
  const types: NamedType[] = [];
  const params = listAt(method, "params").map((entry, index): Param => {
    const node = references.object(entry) ?? {};
    const param = { name: textAt(node, "name") ?? `param${index + 1}`, type: requests.compile(node["schema"]) };
    types.push(param);
    const { shape } = param.type;
    return { name: param.name, shape: node["required"] === true ? shape : { kind: "optional", inner: shape } };
  });
  const result = references.object(method["result"]);
  const returns = new SchemaCompiler(references, "response").compile(result?.["schema"]);
  const isVariadic = method["params"] === undefined;
  const isByName = method["paramStructure"] === "by-name";
  const doc = [textAt(method, "summary"), textAt(method, "description")].filter(Boolean).join("\n");
  return Object.freeze({
    name,
    params,
    ...(isVariadic ? { rest: ANY_JSON.shape } : {}),
    returns: resultShape(returns, returns.shape.kind === "any"),
    ...(doc === "" ? {} : { doc }),
    batchedBy: () => batches.current,
    handler: (args: unknown[], call) => {
      const params = isByName ? byName(types, args) : byPosition(types, args);
      return batches.send({ method: id, params, call, read: (json) => resultOfJson(returns, json) });
    },
  } satisfies MethodSpec);
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
