// A typed client in TypeScript. Every text of the responder stands in a JSON string or in a comment that it cannot end.

import { printable } from "../printable.js";
import { createIdentifiers } from "./identifiers.js";
import type { TypedMethod, TypedParam } from "./read-methods.js";
import type { ValueType } from "./value-type.js";

/** What a client is written from. */
export interface ClientSource {
  readonly jid: string;
  /** Left off the names of the client's methods. */
  readonly prefix?: string | undefined;
  readonly methods: readonly TypedMethod[];
}

/** Words that cannot be parameters, in any version of the language (ECMA-262 §12.7.2, strict mode; TypeScript's own types). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof undefined var void while with yield any unknown never"
  ).split(" "),
);

/** Writes the module: an interface of all methods, and the function that makes such a client of a requester. */
export function writeTypeScriptClient({ jid, prefix, methods }: ClientSource): string {
  const keys = keysOf(methods, prefix);
  const table = methods.map(({ name, params, variadic }, index) => ({
    key: keys[index] ?? name,
    name,
    // How the parameters are sent. Where nothing is known of them, each goes by its own type.
    ...(variadic ? {} : { shapes: params.map(shapeOfParam) }),
  }));
  return `// A client of ${oneLine(jid)}, made by \`jabber-rpc types\`. Do not edit: make it again.
import type { CallOptions, Requester, Shape } from "jabber-rpc";

/** The methods. Each rejects as \`Requester.call\` does. */
export interface Methods {
${methods.map((method, index) => writeMethod(method, keys[index] ?? method.name)).join("\n")}
}

interface Method {
  readonly key: string;
  readonly name: string;
  readonly shapes?: readonly Shape[];
}

const METHODS = JSON.parse(
  ${literal(JSON.stringify(table))},
) as readonly Method[];

/** The methods at \`jid\`, called by \`requester\`. */
export function createClient(requester: Requester, jid: string = ${literal(jid)}, options: CallOptions = {}): Methods {
  const client: Record<string, (...params: unknown[]) => Promise<unknown>> = Object.create(null);
  for (const { key, name, shapes } of METHODS) {
    client[key] = (...params) => requester.call(jid, name, params, shapes === undefined ? options : { ...options, shapes });
  }
  // What the responder said of its methods is what the interface says.
  return client as unknown as Methods;
}
`;
}

/** Without the prefix. `then` would make a promise of the client for whoever awaits it. */
function keysOf(methods: readonly TypedMethod[], prefix: string | undefined): readonly string[] {
  const taken = new Set<string>();
  return methods.map(({ name }) => {
    const short = prefix === undefined ? name : name.slice(prefix.length + 1);
    let key = short === "then" ? "then_" : short;
    while (taken.has(key)) key = `${key}_`;
    taken.add(key);
    return key;
  });
}

function writeMethod({ doc, params, variadic, result }: TypedMethod, key: string): string {
  const identifier = createIdentifiers(RESERVED);
  const words = params.map(
    ({ name, type, required }) => `${identifier(name)}${required ? "" : "?"}: ${writeType(type, "in")}`,
  );
  if (variadic) words.push(`...${identifier("rest")}: readonly unknown[]`);
  return `${comment(doc)}  ${propertyName(key)}(${words.join(", ")}): Promise<${writeType(result, "out")}>;`;
}

/** `in`: what a caller gives; `out`: what it gets. */
function writeType(type: ValueType, way: "in" | "out"): string {
  switch (type.kind) {
    case "int":
    case "double":
    case "number":
      return "number";
    case "long":
      return way === "in" ? "bigint | number" : "bigint";
    case "boolean":
    case "string":
      return type.kind;
    case "dateTime":
      return "Date";
    case "base64":
      return "Uint8Array";
    case "nil":
      return "null";
    case "any":
      return "unknown";
    case "array":
      return listOf("unknown", way);
    case "struct":
      return "Record<string, unknown>";
    case "enumeration":
      return type.values.map(literal).join(" | ");
    case "list":
      return listOf(writeType(type.items, way), way);
    case "record":
      return `Record<string, ${writeType(type.values, way)}>`;
    case "members":
      return writeMembers(type, way);
    case "nullable":
      return `${writeType(type.inner, way)} | null`;
  }
}

function listOf(items: string, way: "in" | "out"): string {
  const one = /^\w+$/.test(items) ? items : `(${items})`;
  return way === "in" ? `readonly ${one}[]` : `${one}[]`;
}

function writeMembers({ members }: Extract<ValueType, { kind: "members" }>, way: "in" | "out"): string {
  const lines = members.map(({ name, type, required }) => {
    const text = writeType(type, way);
    return `${propertyName(name)}${required ? "" : "?"}: ${text}${required ? "" : " | undefined"}`;
  });
  return lines.length === 0 ? "Record<string, never>" : `{ ${lines.join("; ")} }`;
}

function shapeOfParam({ type, required }: TypedParam): object {
  return required ? shapeOf(type) : { kind: "optional", inner: shapeOf(type) };
}

/** The shape by which a value of that type is written. */
function shapeOf(type: ValueType): object {
  switch (type.kind) {
    case "array":
    case "struct":
      return { kind: "any" };
    case "list":
      return { kind: "array", items: shapeOf(type.items) };
    case "record":
      return { kind: "record", values: shapeOf(type.values) };
    case "members": {
      const members = type.members.map(({ name, type: of, required }) => [
        name,
        required ? shapeOf(of) : { kind: "optional", inner: shapeOf(of) },
      ]);
      return { kind: "struct", members: Object.fromEntries(members) };
    }
    case "nullable":
      return { kind: "nullable", inner: shapeOf(type.inner) };
    case "any":
    case "base64":
    case "boolean":
    case "dateTime":
    case "double":
    case "enumeration":
    case "int":
    case "long":
    case "nil":
    case "number":
    case "string":
      return type;
  }
}

/** A string literal in ASCII, also for a reader that ends lines at U+2028. */
function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `new(…)` would say how the object is constructed, not that it has a method of that name. */
function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "new" && name !== "constructor" ? name : literal(name);
}

function comment(doc: string): string {
  if (doc === "") return "";
  const lines = printable(doc, "lines").replaceAll("*/", "* /").split("\n");
  return `  /**\n${lines.map((line) => `   * ${line}`.trimEnd()).join("\n")}\n   */\n`;
}

function oneLine(text: string): string {
  return printable(text);
}
