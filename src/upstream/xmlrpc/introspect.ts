// What an XML-RPC server says of its methods: system.listMethods, system.methodSignature, system.methodHelp.
// Protocol reference, "Introspection: exact signatures and shapes".

import type { ExactValue, WireTypeName } from "../../values/index.js";

/** How a server is asked; rejects where it answers a fault. */
export type AskServer = (method: string, params: readonly ExactValue[]) => Promise<ExactValue>;

/** One method of a server. */
export interface ForeignMethod {
  readonly name: string;
  /** Result, then parameters, of each signature; undefined if the server does not say. */
  readonly signatures: readonly (readonly string[])[] | undefined;
  readonly help: string;
}

/** So many questions are asked at a time. */
const MAX_ASKED = 8;

/** The names of a server's methods, without its own `system.` ones. */
export async function listMethods(ask: AskServer): Promise<readonly string[]> {
  const names = textsOf(await ask("system.listMethods", []));
  if (names === undefined) throw new Error("system.listMethods does not answer a list of names");
  return [...new Set(names)].filter((name) => !name.startsWith("system.")).sort();
}

/** What the server says of each of these; what it does not say is left open. */
export async function describeMethods(ask: AskServer, names: readonly string[]): Promise<readonly ForeignMethod[]> {
  const described: ForeignMethod[] = [];
  for (let start = 0; start < names.length; start += MAX_ASKED) {
    const some = names.slice(start, start + MAX_ASKED);
    described.push(...(await Promise.all(some.map((name) => describeMethod(ask, name)))));
  }
  return described;
}

async function describeMethod(ask: AskServer, name: string): Promise<ForeignMethod> {
  const param: ExactValue = { type: "string", value: name };
  const [signature, help] = await Promise.allSettled([
    ask("system.methodSignature", [param]),
    ask("system.methodHelp", [param]),
  ]);
  return {
    name,
    signatures: signature.status === "fulfilled" ? signaturesOf(signature.value) : undefined,
    help: help.status === "fulfilled" && help.value.type === "string" ? help.value.value.trim() : "",
  };
}

function signaturesOf(value: ExactValue): ForeignMethod["signatures"] {
  if (value.type !== "array" || value.value.length === 0) return undefined;
  const signatures = value.value.map(textsOf);
  const known = signatures.filter((one): one is readonly string[] => one !== undefined && one.length > 0);
  return known.length === signatures.length ? known : undefined;
}

function textsOf(value: ExactValue): readonly string[] | undefined {
  if (value.type !== "array") return undefined;
  const texts = value.value.flatMap((item) => (item.type === "string" ? [item.value] : []));
  return texts.length === value.value.length ? texts : undefined;
}

const WIRE_NAMES: Readonly<Record<string, WireTypeName>> = Object.freeze({
  int: "int",
  i4: "int",
  i1: "i1",
  i2: "i2",
  i8: "i8",
  "ex:i8": "i8",
  double: "double",
  boolean: "boolean",
  string: "string",
  "dateTime.iso8601": "dateTime.iso8601",
  base64: "base64",
  struct: "struct",
  array: "array",
  nil: "nil",
});

/** The wire type that a signature names; undefined for `undef`, `any` and everything else. */
export function wireTypeOf(name: string | undefined): WireTypeName | undefined {
  return name !== undefined && Object.hasOwn(WIRE_NAMES, name) ? WIRE_NAMES[name] : undefined;
}
