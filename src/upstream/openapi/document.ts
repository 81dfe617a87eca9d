// An OpenAPI document: read from its file or address, checked, and its operations listed (OpenAPI 3.0.4, 3.1.1).

import { parse as parseYaml } from "yaml";
import { type JsonObject, listAt, objectAt, References, textAt } from "../../json-schema/index.js";
import { messageOf } from "../../message-of.js";
import { isPlainObject } from "../../values/index.js";

/** A document that can be used. */
export interface OpenApiDocument {
  readonly root: JsonObject;
  readonly references: References;
  /** Path of the first server, below which the operations are; undefined if the document has none. */
  readonly server: string | undefined;
  /** What the check of the whole document found; operations may work all the same. */
  readonly problem: string | undefined;
}

/** One operation as it stands in the document. */
export interface Operation {
  readonly id: string;
  /** In capitals. */
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** `/pets/{petId}` */
  readonly path: string;
  readonly node: JsonObject;
  /** Parameters of the path and of the operation; those of the operation win. */
  readonly parameters: readonly JsonObject[];
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"] as const;

/**
 * Reads a document from its text, JSON or YAML.
 *
 * @throws Error for what is no OpenAPI 3.0 or 3.1 document
 */
export async function readDocument(text: string): Promise<OpenApiDocument> {
  const root = parseText(text);
  const version = textAt(root, "openapi") ?? textAt(root, "swagger") ?? "";
  if (!/^3\.[01]\.\d+/.test(version))
    throw new Error(`OpenAPI 3.0 or 3.1 expected, got ${version === "" ? "no version" : `version ${version}`}`);
  if (!isPlainObject(root["paths"])) throw new Error("the document has no paths");
  const references = new References(root);
  return { root, references, server: serverOf(root), problem: await problemOf(root) };
}

/** Every operation of a document, in its order. */
export function operationsOf({ root, references }: OpenApiDocument): readonly Operation[] {
  const paths = objectAt(references, root, "paths") ?? {};
  return Object.keys(paths).flatMap((path) => {
    const item = objectAt(references, paths, path);
    return METHODS.flatMap((method): Operation[] => {
      const node = objectAt(references, item, method);
      if (node === undefined) return [];
      const id = textAt(node, "operationId") ?? `${method}${path}`;
      const parameters = joinParameters(references, listAt(item, "parameters"), listAt(node, "parameters"));
      // The keys of METHODS in capitals are those of Operation.
      return [{ id, method: method.toUpperCase() as Operation["method"], path, node, parameters }];
    });
  });
}

function parseText(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = /^\s*\{/.test(text) ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new Error(`the document is neither JSON nor YAML: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
  if (isPlainObject(parsed)) return parsed;
  throw new Error("the document is no object");
}

async function problemOf(root: JsonObject): Promise<string | undefined> {
  const { validate } = await import("@scalar/openapi-parser");
  try {
    // It resolves references in place; ours must stay as they are. Only the error that it throws is told quietly.
    await validate(structuredClone(root), { throwOnError: true });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The first server's address with its variables at their defaults. */
function serverOf(root: JsonObject): string | undefined {
  const [server] = listAt(root, "servers");
  if (!isPlainObject(server)) return undefined;
  const variables = isPlainObject(server["variables"]) ? server["variables"] : {};
  return textAt(server, "url")?.replace(/\{([^}]*)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return (isPlainObject(variable) ? textAt(variable, "default") : undefined) ?? whole;
  });
}

function joinParameters(
  references: References,
  ofPath: readonly unknown[],
  ofOperation: readonly unknown[],
): readonly JsonObject[] {
  const byKey = new Map<string, JsonObject>();
  for (const parameter of [...ofPath, ...ofOperation]) {
    const node = references.object(parameter);
    if (node !== undefined) byKey.set(`${textAt(node, "in")} ${textAt(node, "name")}`, node);
  }
  return [...byKey.values()];
}
