// Upstreams that speak JSON-RPC 2.0 over HTTP. Their methods are OpenRPC method objects, of the settings or of rpc.discover.

import { type JsonObject, listAt, References, readOpenRpcMethod, textAt } from "../../json-schema/index.js";
import { type MethodSpec, RpcFault } from "../../rpc/index.js";
import { isPlainObject } from "../../values/index.js";
import { resultOfJson } from "../json-answer.js";
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

function buildMethod(
  name: string,
  id: string,
  method: JsonObject,
  references: References,
  batches: JsonRpcBatches,
): MethodSpec {
  const { spec, result, paramsToJson } = readOpenRpcMethod(method, references);
  return Object.freeze({
    ...spec,
    name,
    batchedBy: () => batches.current,
    handler: (args: unknown[], call) => {
      const read = (json: unknown): unknown => resultOfJson(result, json);
      return batches.send({ method: id, params: paramsToJson(args), call, read });
    },
  } satisfies MethodSpec);
}
