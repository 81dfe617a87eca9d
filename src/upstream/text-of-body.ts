// The text of an answer, in the charset that it says (RFC 9110 §8.3.2); UTF-8 if it says none.

import { isUtf8 } from "node:buffer";
import { UpstreamFailure } from "./failure.js";
import type { HttpAnswer } from "./http/exchange.js";

/** Throws UpstreamFailure `malformed` for an unknown charset, and for bytes that the charset does not have. */
export function textOfBody({ body, charset }: Pick<HttpAnswer, "body" | "charset">): string {
  // Making a TextDecoder takes longer than reading an answer.
  if ((charset === "" || charset === "utf-8") && isUtf8(body)) return withoutMark(body.toString("utf8"));
  try {
    return new TextDecoder(charset === "" ? "utf-8" : charset, { fatal: true }).decode(body);
  } catch (error) {
    throw new UpstreamFailure("malformed", "its answer is not text in the charset that it says", { cause: error });
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
