// What the caller may call, as an OpenRPC and an OpenAPI document (OpenRPC 1.3.2; OpenAPI 3.1.0).

import { type Access, describeMethod, type MethodDescription, type MethodTable, type Requester } from "../rpc/index.js";
import { type ClosedDoor, jsonAnswer } from "./door.js";

/** What descriptions are made from. */
export interface Describing {
  readonly table: Pick<MethodTable, "list">;
  readonly access: Pick<Access, "mayCall">;
  readonly software: { readonly name: string; readonly version: string };
}

/** `/openrpc.json` and `/openapi.json`, each of what the caller may call. */
export function createDescriptionDoors(describing: Describing): readonly ClosedDoor[] {
  const door = (path: string, write: (requester: Requester, describing: Describing) => object): ClosedDoor => ({
    path,
    method: "GET",
    open: false,
    handle: ({ requester }) => jsonAnswer(JSON.stringify(write(requester, describing))),
  });
  return [door("/openrpc.json", openRpcDocument), door("/openapi.json", openApiDocument)];
}

/** The methods that somebody may call, described. */
function methodsFor({ jid }: Requester, { table, access }: Describing): readonly MethodDescription[] {
  return table
    .list()
    .filter(({ name }) => access.mayCall(jid, name).allowed)
    .map(describeMethod);
}

/** An OpenRPC document: what `rpc.discover` answers. */
export function openRpcDocument(requester: Requester, describing: Describing): object {
  const { name: title, version } = describing.software;
  return {
    openrpc: "1.3.2",
    info: { title, version },
    servers: [{ name: "JSON-RPC", url: "/jsonrpc" }],
    // Here parameters are taken by name too.
    methods: methodsFor(requester, describing).map((method) => ({ ...method, paramStructure: "either" })),
  };
}

/** An OpenAPI document of the JSON-RPC door: one request body for each method. */
function openApiDocument(requester: Requester, describing: Describing): object {
  const { name: title, version } = describing.software;
  const methods = methodsFor(requester, describing);
  const reference = (method: MethodDescription, kind: string) => ({
    $ref: `#/components/schemas/${componentOf(method)}.${kind}`,
  });
  const oneOf = (kind: string) => methods.map((method) => reference(method, kind));
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  return {
    openapi: "3.1.0",
    info: { title, version, description: "Methods called by JSON-RPC 2.0; /openrpc.json says the same shorter." },
    security: [{ basic: [] }, { bearer: [] }],
    paths: {
      "/jsonrpc": {
        post: {
          operationId: "call",
          requestBody: { required: true, ...json({ oneOf: oneOf("call") }) },
          responses: {
            200: {
              description: "The result, or the fault.",
              ...json({ anyOf: [...oneOf("result"), { $ref: "#/components/schemas/fault" }] }),
            },
          },
        },
      },
    },
    components: {
      securitySchemes: { basic: { type: "http", scheme: "basic" }, bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        fault: envelope({ error: FAULT }),
        ...Object.fromEntries(
          methods.flatMap((method) => [
            [`${componentOf(method)}.call`, callSchema(method)],
            [`${componentOf(method)}.result`, envelope({ result: method.result.schema })],
          ]),
        ),
      },
    },
  };
}

const FAULT = {
  type: "object",
  properties: { code: { type: "integer" }, message: { type: "string" } },
  required: ["code", "message"],
} as const;
const ID = { type: ["string", "number", "null"] } as const;
const VERSION = { const: "2.0" } as const;

function envelope(content: Readonly<Record<string, object>>): object {
  return {
    type: "object",
    properties: { jsonrpc: VERSION, id: ID, ...content },
    required: ["jsonrpc", "id", ...Object.keys(content)],
  };
}

function callSchema(method: MethodDescription): object {
  const { name, summary, description = summary, params } = method;
  const required = params.filter((param) => param.required).map((param) => param.name);
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: {
      jsonrpc: VERSION,
      id: ID,
      method: { const: name },
      params: {
        type: "object",
        properties: Object.fromEntries(params.map((param) => [param.name, param.schema])),
        required,
        additionalProperties: method["x-variadic"] === true,
      },
    },
    required: ["jsonrpc", "method", ...(required.length > 0 ? ["params"] : [])],
  };
}

/** Names of components have no colon and no slash; no method's name has a dash, so two never meet. */
function componentOf({ name }: MethodDescription): string {
  return name.replaceAll(":", "-colon-").replaceAll("/", "-slash-");
}
