// The text of an answer, in the charset that it says (RFC 9110 §8.3.2); UTF-8 if it says none.

import { UpstreamFailure } from "./failure.js";
import type { HttpAnswer } from "./http/exchange.js";

/** Throws UpstreamFailure `malformed` for an unknown charset, and for bytes that the charset does not have. */
export function textOfBody({ body, charset }: Pick<HttpAnswer, "body" | "charset">): string {
  try {
    return new TextDecoder(charset === "" ? "utf-8" : charset, { fatal: true }).decode(body);
  } catch (error) {
    throw new UpstreamFailure("malformed", "its answer is not text in the charset that it says", { cause: error });
  }
}
