// Answers in JSON, as the type of a result reads them.

import { type Shape, ValueError } from "../values/index.js";
import { UpstreamFailure } from "./failure.js";
import type { HttpAnswer } from "./http/exchange.js";
import type { JsonType } from "./json/json-type.js";
import { parseJson } from "./json/parse-json.js";
import { textOfBody } from "./text-of-body.js";

/** The JSON of an answer. Throws UpstreamFailure. */
export function jsonOfAnswer(answer: HttpAnswer): unknown {
  const text = textOfBody(answer);
  try {
    return parseJson(text);
  } catch (error) {
    throw new UpstreamFailure("malformed", "its answer is not JSON", { cause: error });
  }
}

/** The shape of a result. One that may be missing or null is void then, which only an optional shape can be. */
export function resultShape(type: JsonType, mayBeEmpty: boolean): Shape {
  return mayBeEmpty || type.isNullable ? { kind: "optional", inner: type.shape } : type.shape;
}

/** A result; undefined for null where that is allowed. Throws UpstreamFailure with the path of what is not described. */
export function resultOfJson(type: JsonType, json: unknown): unknown {
  if (json === null && (type.isNullable || type.shape.kind === "any")) return undefined;
  try {
    return type.fromJson(json);
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    const { message } = error.within("result");
    throw new UpstreamFailure("undescribed", `its answer is not what its description says: ${message}`);
  }
}
