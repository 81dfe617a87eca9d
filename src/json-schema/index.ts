// JSON as JSON Schema describes it: shapes, conversions both ways, and methods that OpenRPC describes.

export { type MethodProblem, methodProblems } from "./check-method.js";
export { type Direction, SchemaCompiler } from "./compile-schema.js";
export { ANY_JSON, type JsonType, resultFromJson, resultShape } from "./json-type.js";
export { type OpenRpcMethod, readOpenRpcMethod } from "./openrpc-method.js";
export { parseJson } from "./parse-json.js";
export { type JsonObject, listAt, objectAt, References, textAt } from "./references.js";
export { BYTES, STRING } from "./scalar-types.js";
export { type Json, writeJson } from "./write-json.js";
