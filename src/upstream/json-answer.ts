// Answers in JSON, as the type of a result reads them.

import { type JsonType, parseJson, resultFromJson } from "../json-schema/index.js";
import { ValueError } from "../values/index.js";
import { UpstreamFailure } from "./failure.js";
import type { HttpAnswer } from "./http/exchange.js";
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

/** A result; undefined for null where that is allowed. Throws UpstreamFailure with the path of what is not described. */
export function resultOfJson(type: JsonType, json: unknown): unknown {
  try {
    return resultFromJson(type, json);
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    throw new UpstreamFailure("undescribed", `its answer is not what its description says: ${error.message}`);
  }
}
