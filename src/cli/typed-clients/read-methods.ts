// What a responder says about its methods: by system.describe where it has that, else by signature and help.

import { messageOf } from "../../message-of.js";
import type { Requester } from "../../requester.js";
import { RpcFault } from "../../rpc/index.js";
import { StanzaError } from "../../xmpp/index.js";
import { isObject, typeOfSchema, typeOfWireName, type ValueType } from "./value-type.js";

/** One parameter. */
export interface TypedParam {
  readonly name: string;
  readonly type: ValueType;
  readonly required: boolean;
}

/** One method. */
export interface TypedMethod {
  readonly name: string;
  readonly doc: string;
  readonly params: readonly TypedParam[];
  /** Any number of further parameters is taken, or nothing is known of them. */
  readonly variadic: boolean;
  readonly result: ValueType;
}

/** The methods, and what was left out because nobody could call it. */
export interface ReadMethods {
  readonly methods: readonly TypedMethod[];
  readonly leftOut: readonly string[];
}

/** As much of a requester as introspection takes. */
export type Introspecting = Pick<Requester, "listMethods" | "call" | "describe">;

/** XML-RPC, "Payload format": other names cannot be called. */
const METHOD_NAME = /^[A-Za-z0-9_.:/]{1,200}$/;
const MAX_METHODS = 5_000;
const MAX_PARAMS = 256;
const MAX_DOC_CHARACTERS = 10_000;
const AT_ONCE = 16;

/** Asks `jid` for its methods; with a prefix, for those under it. What is under `system.` is left to the requester's own. */
export async function readMethods(requester: Introspecting, jid: string, prefix?: string): Promise<ReadMethods> {
  const listed = [...new Set(await requester.listMethods(jid))].sort();
  const wanted = listed.filter((name) =>
    prefix === undefined ? !name.startsWith("system.") : name.startsWith(`${prefix}.`),
  );
  const callable = wanted.filter((name) => METHOD_NAME.test(name)).slice(0, MAX_METHODS);
  const methods: TypedMethod[] = [];
  for (let start = 0; start < callable.length; start += AT_ONCE) {
    const some = callable.slice(start, start + AT_ONCE);
    methods.push(...(await Promise.all(some.map((name) => readMethod(requester, jid, name)))));
  }
  return { methods, leftOut: wanted.filter((name) => !callable.includes(name)) };
}

async function readMethod(requester: Introspecting, jid: string, name: string): Promise<TypedMethod> {
  const described = await orUndefined(requester.call(jid, "system.describe", [name]));
  if (isObject(described) && Array.isArray(described["params"])) return fromDescription(name, described);
  const signed = await orUndefined(requester.describe(jid, name));
  return fromSignatures(name, signed?.signatures ?? [], signed?.help ?? "");
}

/** Not every responder has every method of introspection; no answer at all is another matter. */
async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (RpcFault.is(error) || StanzaError.is(error)) return undefined;
    throw new Error(messageOf(error), { cause: error });
  }
}

function fromDescription(name: string, described: Readonly<Record<string, unknown>>): TypedMethod {
  const { params, result, summary, description } = described;
  const doc = typeof description === "string" ? description : summary;
  const listed = (Array.isArray(params) ? params : []).slice(0, MAX_PARAMS).filter(isObject);
  // What stands behind an optional parameter can be left out too.
  const required = listed.findIndex((param) => param["required"] !== true);
  return {
    name,
    doc: docOf(doc),
    params: listed.map((param, index) => ({
      name: typeof param["name"] === "string" ? param["name"] : `param${index + 1}`,
      type: typeOfSchema(param["schema"]),
      required: required < 0 || index < required,
    })),
    variadic: described["x-variadic"] === true,
    result: typeOfSchema(isObject(result) ? result["schema"] : undefined),
  };
}

/** The longest signature holds all parameters; those that a shorter one lacks can be left out. */
function fromSignatures(name: string, signatures: readonly (readonly string[])[], help: string): TypedMethod {
  const usable = signatures.filter((signature) => signature.length > 0 && signature.length <= MAX_PARAMS);
  const longest = usable.reduce<readonly string[]>((best, one) => (one.length > best.length ? one : best), []);
  const shortest = Math.min(...usable.map((signature) => signature.length), longest.length) - 1;
  const [result = "undef", ...types] = longest;
  const typeAt = (index: number, type: string): ValueType =>
    usable.every((signature) => signature.length <= index + 1 || signature[index + 1] === type)
      ? typeOfWireName(type)
      : { kind: "any" };
  return {
    name,
    doc: docOf(help),
    params: types.map((type, index) => ({
      name: `param${index + 1}`,
      type: typeAt(index, type),
      required: index < shortest,
    })),
    variadic: usable.length === 0,
    result: usable.every((signature) => signature[0] === result) ? typeOfWireName(result) : { kind: "any" },
  };
}

function docOf(text: unknown): string {
  return typeof text === "string" ? text.slice(0, MAX_DOC_CHARACTERS).trim() : "";
}
