// Upstreams that speak XML-RPC over HTTP: every wire type is relayed as it is, in both ways.

import { type MethodSpec, methodNameProblem, type Param, RpcFault } from "../../rpc/index.js";
import type { ExactValue, Shape, WireTypeName } from "../../values/index.js";
import { type Codec, createCodec } from "../../xmlrpc-codec/index.js";
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { compileGlob } from "../names.js";
import type { Caller, Offer, Offers } from "../offer.js";
import { relayedFault } from "../relayed-fault.js";
import { type DeclaredMethod, UPSTREAM_DEFAULTS, UpstreamSettingsError, type XmlRpcSettings } from "../settings.js";
import { readResponse, writeCall } from "./exchange-xmlrpc.js";
import { type AskServer, describeMethods, type ForeignMethod, listMethods, wireTypeOf } from "./introspect.js";

/** What the server offers now. */
export async function readXmlRpc(settings: XmlRpcSettings, caller: Caller, codec: Codec): Promise<Offers> {
  const path = pathOf(settings);
  const maxBytes = settings.maxResponseBytes ?? UPSTREAM_DEFAULTS.maxResponseBytes;
  const relay: Relay = (method, params, send) =>
    send(writeCall(codec, path, method, params), (answer) => {
      const response = readResponse(codec, answer, maxBytes);
      if (response.kind === "fault") throw relayedFault(response.code, response.string);
      return response.value;
    });
  if (settings.methods !== undefined) {
    const offers = settings.methods.map((method) => declaredOffer(method, caller, relay));
    return { offers, version: "settings", areNamed: true };
  }
  const ask: AskServer = (method, params) => relay(method, params, (request, read) => caller.ask(request, read));
  const names = await listed(settings, ask);
  const matchers = (settings.include ?? []).map(compileGlob);
  const wanted = names.filter((name) => matchers.some((matches) => matches(name)));
  const described = await describeMethods(ask, wanted);
  const byName = new Map(described.map((method) => [method.name, method]));
  return {
    version: JSON.stringify([names, described]),
    offers: names.map((name) =>
      foreignOffer(byName.get(name) ?? { name, signatures: undefined, help: "" }, caller, relay),
    ),
  };
}

/** A codec for upstreams: what a stanza may not carry, an HTTP request may. */
export function createUpstreamCodec(maxSentBytes: number): Codec {
  return createCodec({ limits: { maxSentBytes } });
}

/** One call by whatever way it is sent. */
type Relay = (
  method: string,
  params: readonly ExactValue[],
  send: (request: HttpRequest, read: (answer: HttpAnswer) => ExactValue) => Promise<ExactValue>,
) => Promise<ExactValue>;

async function listed({ name }: XmlRpcSettings, ask: AskServer): Promise<readonly string[]> {
  try {
    return await listMethods(ask);
  } catch (error) {
    if (!RpcFault.is(error)) throw error;
    throw new UpstreamSettingsError(
      name,
      "methods",
      `the server does not list its methods (${error.message}); name them here`,
    );
  }
}

function foreignOffer(method: ForeignMethod, caller: Caller, relay: Relay): Offer {
  const { signatures = [] } = method;
  const longest = Math.max(0, ...signatures.map((one) => one.length - 1));
  const required = Math.min(...signatures.map((one) => one.length - 1));
  const params = Array.from({ length: longest }, (_, index): Param => {
    const types = signatures.flatMap((one) => one[index + 1] ?? []);
    const shape = exactShape(oneOf(types));
    return { shape: index < required ? shape : { kind: "optional", inner: shape } };
  });
  return offerOf(method.name, caller, relay, {
    params,
    ...(method.signatures === undefined ? { rest: exactShape(undefined) } : {}),
    returns: exactShape(oneOf(signatures.flatMap(([result]) => result ?? []))),
    ...(method.help === "" ? {} : { doc: method.help }),
  });
}

function declaredOffer(method: DeclaredMethod, caller: Caller, relay: Relay): Offer {
  const params = (method.params ?? []).map(({ name, required, schema }): Param => {
    const shape = exactShape(wireTypeOfSchema(schema));
    return { name, shape: required ? shape : { kind: "optional", inner: shape } };
  });
  const doc = [method.summary, method.description].filter(Boolean).join("\n");
  return offerOf(method.name, caller, relay, {
    params,
    ...(method.params === undefined ? { rest: exactShape(undefined) } : {}),
    returns: exactShape(wireTypeOfSchema(method.result?.schema)),
    ...(doc === "" ? {} : { doc }),
  });
}

function offerOf(id: string, caller: Caller, relay: Relay, rest: Omit<MethodSpec, "name" | "handler">): Offer {
  return {
    id,
    build: (name) => {
      if (methodNameProblem(id) !== undefined) throw new Error("has a name that XML-RPC does not allow");
      return Object.freeze({
        name,
        ...rest,
        // The reader of an exact shape gives exact values; one that was left out is undefined.
        handler: (args: unknown[], call) =>
          relay(id, args.filter((arg) => arg !== undefined) as ExactValue[], (request, read) =>
            caller.call(request, call, read),
          ),
      } satisfies MethodSpec);
    },
  };
}

function exactShape(told: WireTypeName | undefined): Shape {
  return Object.freeze(told === undefined ? { kind: "exact" } : { kind: "exact", told });
}

/** The type on which all signatures agree. */
function oneOf(names: readonly string[]): WireTypeName | undefined {
  const [first, ...others] = names.map(wireTypeOf);
  return others.every((other) => other === first) ? first : undefined;
}

/** What people are told of a declared parameter. */
function wireTypeOfSchema(schema: unknown): WireTypeName | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const { type, format, contentEncoding }: { type?: unknown; format?: unknown; contentEncoding?: unknown } = schema;
  switch (type) {
    case "integer":
      return format === "int64" ? "i8" : "int";
    case "number":
      return "double";
    case "boolean":
    case "array":
      return type;
    case "object":
      return "struct";
    case "string":
      if (format === "date-time") return "dateTime.iso8601";
      return contentEncoding === "base64" ? "base64" : "string";
    default:
      return undefined;
  }
}

function pathOf({ url }: XmlRpcSettings): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
