// One operation as a method: required path parameters by position, everything else in one last struct.

import { type JsonObject, type References, SchemaCompiler, textAt } from "../../json-schema/index.js";
import { type MethodSpec, type Param, serverFault } from "../../rpc/index.js";
import { isPlainObject, type Shape, setOwn, ValueError } from "../../values/index.js";
import type { HttpRequest } from "../http/exchange.js";
import type { Caller } from "../offer.js";
import { readAnswers } from "./answer.js";
import { type Body, readBody } from "./body.js";
import type { Operation } from "./document.js";
import { type Parameter, readParameter } from "./parameters.js";

/** What the operations of one document share. */
export interface OperationContext {
  readonly references: References;
  /** Path below which the operations are, without a slash at its end. */
  readonly basePath: string;
  /** Headers, in small letters, that the gateway writes itself. */
  readonly ownHeaders: ReadonlySet<string>;
  readonly caller: Caller;
}

/** The name of the last struct, and of a body that is a member of it as a whole. */
const OPTIONS = "options";
const BODY = "body";

/** The method of an operation. Throws Error for one that cannot be called from here. */
export function methodOf(name: string, operation: Operation, context: OperationContext): MethodSpec {
  const { references, caller } = context;
  const requests = new SchemaCompiler(references, "request");
  const parameters = operation.parameters.flatMap(
    (node) => readParameter(node, references, requests, context.ownHeaders) ?? [],
  );
  const path = compilePath(operation.path, parameters, context.basePath);
  const options = compileOptions(
    parameters.filter(({ place }) => place !== "path"),
    readBody(operation.node, references, requests),
  );
  const answers = readAnswers(operation.node, references, new SchemaCompiler(references, "response"));
  const doc = docOf(operation.node);
  const optionsParam: Param[] = options.shape === undefined ? [] : [{ name: OPTIONS, shape: options.shape }];
  return Object.freeze({
    name,
    params: [...path.parameters.map((one) => ({ name: one.name, shape: one.type.shape })), ...optionsParam],
    ...(answers.returns === undefined ? {} : { returns: answers.returns }),
    ...(doc === "" ? {} : { doc }),
    handler: (args: unknown[], call) => {
      const request = refusing(() => {
        const { query, headers, ...rest } = options.write(args[path.parameters.length]);
        const target = path.write(args) + (query === "" ? "" : `?${query}`);
        return { method: operation.method, path: target, headers: { accept: answers.accept, ...headers }, ...rest };
      });
      return caller.call(request, call, answers.read);
    },
  } satisfies MethodSpec);
}

/** What a path template needs: its parameters in the order of the template. */
interface PathWriter {
  readonly parameters: readonly Parameter[];
  readonly write: (args: readonly unknown[]) => string;
}

function compilePath(template: string, parameters: readonly Parameter[], basePath: string): PathWriter {
  const pieces = template.split(/\{([^{}]*)\}/);
  const names = pieces.filter((_, index) => index % 2 === 1);
  const inOrder = names.map((name) => {
    const parameter = parameters.find((one) => one.place === "path" && one.name === name);
    if (parameter === undefined) throw new Error(`says nothing of {${name}} in its path ${template}`);
    return parameter;
  });
  return {
    parameters: inOrder,
    write: (args) =>
      basePath +
      pieces
        .map((piece, index) => {
          if (index % 2 === 0) return piece;
          const position = (index - 1) / 2;
          return inPath(inOrder[position], args[position], position);
        })
        .join(""),
  };
}

/** A value in a path is one segment of it: what would be none, or would lead elsewhere, is refused. */
function inPath(parameter: Parameter | undefined, value: unknown, position: number): string {
  const text = parameter?.write(value)[0]?.[1] ?? "";
  if (text === "" || text === "." || text === "..")
    throw new ValueError("a text that can stand in a path expected").within(`params[${position}] (${parameter?.name})`);
  return text;
}

/** The last struct of a method. */
interface OptionsWriter {
  /** Undefined: there is nothing to give. */
  readonly shape: Shape | undefined;
  readonly write: (options: unknown) => Pick<HttpRequest, "headers" | "body"> & { readonly query: string };
}

function compileOptions(parameters: readonly Parameter[], body: Body | undefined): OptionsWriter {
  const members: Record<string, Shape> = {};
  for (const { name, isRequired, type } of parameters) {
    if (Object.hasOwn(members, name)) throw new Error(`has two parameters that are called ${name}`);
    setOwn(members, name, isRequired ? type.shape : optional(type.shape));
  }
  const inlined = body === undefined ? undefined : inlineMembers(body, members);
  if (inlined !== undefined) for (const [name, shape] of Object.entries(inlined)) setOwn(members, name, shape);
  else if (body !== undefined) {
    if (Object.hasOwn(members, BODY)) throw new Error(`has a parameter that is called ${BODY} beside its body`);
    setOwn(members, BODY, body.isRequired ? body.type.shape : optional(body.type.shape));
  }
  const shapes = Object.values(members);
  const struct: Shape = { kind: "struct", members: Object.freeze(members) };
  return {
    shape: shapes.length === 0 ? undefined : shapes.every(isOptional) ? optional(struct) : struct,
    write: (options) => {
      const given = isPlainObject(options) ? options : {};
      const present = parameters.filter(({ name }) => Object.hasOwn(given, name));
      const pairs = present.filter(({ place }) => place === "query").flatMap((one) => one.write(given[one.name]));
      return {
        query: pairs.map(([name, value]) => `${name}=${value}`).join("&"),
        ...written(body, inlined, given, headersOf(present, given)),
      };
    },
  };
}

function headersOf(present: readonly Parameter[], given: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const parameter of present) {
    if (parameter.place !== "header") continue;
    const [[, text] = ["", ""]] = parameter.write(given[parameter.name]);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
      throw new ValueError("a text that can stand in a header expected").within(`${OPTIONS}.${parameter.name}`);
    headers[parameter.name] = text;
  }
  return headers;
}

function written(
  body: Body | undefined,
  inlined: Readonly<Record<string, Shape>> | undefined,
  given: JsonObject,
  headers: Record<string, string>,
): Pick<HttpRequest, "headers" | "body"> {
  if (body === undefined) return { headers };
  const isGiven =
    inlined === undefined
      ? Object.hasOwn(given, BODY)
      : body.isRequired || Object.keys(inlined).some((name) => Object.hasOwn(given, name));
  if (!isGiven) return { headers };
  const { contentType, body: bytes } = body.write(inlined === undefined ? given[BODY] : given);
  return { headers: { ...headers, "content-type": contentType }, body: bytes };
}

/**
 * The members of a body that stand beside the parameters: of an object with known members, unless one has the name of a
 * parameter, or the body may be left out and could then not be told from an incomplete one.
 */
function inlineMembers(body: Body, taken: JsonObject): Readonly<Record<string, Shape>> | undefined {
  const { shape } = body.type;
  if (shape.kind !== "struct") return undefined;
  const names = Object.keys(shape.members);
  if (names.some((name) => Object.hasOwn(taken, name))) return undefined;
  return body.isRequired || Object.values(shape.members).every(isOptional) ? shape.members : undefined;
}

function optional(inner: Shape): Shape {
  return inner.kind === "optional" ? inner : Object.freeze({ kind: "optional", inner });
}

function isOptional(shape: Shape): boolean {
  return shape.kind === "optional";
}

/** A value that passed its shape and still cannot be sent is the caller's. */
function refusing<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw ValueError.is(error) ? serverFault("invalidParams", error.message) : error;
  }
}

function docOf(node: JsonObject): string {
  const [summary = "", description = ""] = [textAt(node, "summary"), textAt(node, "description")];
  return [summary, description]
    .map((text) => text.trim())
    .filter(Boolean)
    .join("\n");
}
