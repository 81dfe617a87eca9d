// One XML-RPC call over HTTP (XML-RPC, "Payload format", "Response format"): exact values in, exact values out.

import type { ExactValue, Shape } from "../../values/index.js";
import { parseDocument, type XmlElement } from "../../xml/index.js";
import type { Codec, MethodResponse } from "../../xmlrpc-codec/index.js";
import { answerProblem } from "../answer-problem.js";
import { UpstreamFailure } from "../failure.js";
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { textOfBody } from "../text-of-body.js";

const EXACT: Shape = Object.freeze({ kind: "exact" });
const UTF_8: ReadonlySet<string> = new Set(["", "utf-8", "utf8"]);
const DECLARATION = /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*(["'])([A-Za-z][\w.-]*)\1[^>]*>/;

/** The request of a call. Throws CodecError for a name or values that cannot be sent. */
export function writeCall(codec: Codec, path: string, method: string, params: readonly ExactValue[]): HttpRequest {
  const shapes = params.map(() => EXACT);
  return {
    method: "POST",
    path,
    headers: { "content-type": "text/xml", accept: "text/xml, application/xml" },
    body: `<?xml version="1.0"?>${codec.encodeMethodCall(method, params, shapes)}`,
  };
}

/** What an answer says. Throws UpstreamFailure or RpcFault for one that is no XML-RPC response. */
export function readResponse(codec: Codec, answer: HttpAnswer, maxBytes: number): MethodResponse {
  if (answer.status !== 200) throw answerProblem(answer);
  if (!/^(?:text|application)\/(?:[\w.-]+\+)?xml$/.test(answer.contentType)) {
    const got = answer.contentType === "" ? "no content type" : answer.contentType.slice(0, 60);
    throw new UpstreamFailure("wrong-content", `XML expected, got ${got}`);
  }
  try {
    return codec.decodeMethodResponse(parseAnswer(answer, maxBytes));
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
    throw new UpstreamFailure("malformed", "its answer is not XML-RPC", { cause: error });
  }
}

/** UTF-8 is read as it is; what HTTP or the declaration says to be something else is decoded first (RFC 7303 §3). */
function parseAnswer(answer: HttpAnswer, maxBytes: number): XmlElement {
  const declared = DECLARATION.exec(answer.body.toString("latin1", 0, 200))?.[2]?.toLowerCase() ?? "";
  const charset = answer.charset === "" ? declared : answer.charset;
  if (UTF_8.has(charset) && UTF_8.has(declared)) return parseDocument(answer.body, { maxStanzaBytes: maxBytes });
  const text = textOfBody({ body: answer.body, charset });
  // The declaration speaks of bytes that are decoded now.
  return parseDocument(text.replace(DECLARATION, ""), { maxStanzaBytes: maxBytes * 3 });
}
