// HTTP statuses that are no success, as faults. docs/upstreams.md has the table.

import { RpcFault } from "../rpc/index.js";
import { isPlainObject } from "../values/index.js";
import { shortened, UpstreamFailure } from "./failure.js";
import type { HttpAnswer } from "./http/exchange.js";
import { textOfBody } from "./text-of-body.js";

/**
 * The error for an answer whose status is no success. A status from 400 to 499 is the caller's own fault, with that code
 * and the upstream's own words, shortened; of anything else nothing but the status is told.
 */
export function answerProblem(answer: HttpAnswer): RpcFault | UpstreamFailure {
  const { status } = answer;
  if (status >= 400 && status <= 499) {
    const words = shortened(wordsOf(answer));
    return new RpcFault(status, words === "" ? `HTTP ${status}` : words);
  }
  return status >= 500
    ? new UpstreamFailure("server-error", `it answered HTTP ${status}`)
    : new UpstreamFailure("odd-status", `it answered HTTP ${status}`);
}

/** Of JSON the members that people are meant to read (RFC 9457 first); plain text as it is; never markup. */
function wordsOf(answer: HttpAnswer): string {
  try {
    if (answer.contentType === "text/plain") return textOfBody(answer);
    if (answer.contentType.endsWith("json")) return wordsOfJson(JSON.parse(textOfBody(answer)));
  } catch {
    // An error that cannot be read is told by its status.
  }
  return "";
}

function wordsOfJson(json: unknown): string {
  if (typeof json === "string") return json;
  if (!isPlainObject(json)) return "";
  for (const name of ["detail", "message", "error", "error_description", "title", "errors"]) {
    const words = wordsOfMember(json[name]);
    if (words !== "") return words;
  }
  return "";
}

function wordsOfMember(value: unknown): string {
  if (typeof value === "string") return value;
  // FastAPI: one object for each wrong value.
  if (Array.isArray(value)) return value.map(wordsOfItem).filter(Boolean).join("; ");
  return isPlainObject(value) && typeof value["message"] === "string" ? value["message"] : "";
}

function wordsOfItem(item: unknown): string {
  if (typeof item === "string") return item;
  if (!isPlainObject(item)) return "";
  const text = item["msg"] ?? item["message"] ?? item["detail"];
  if (typeof text !== "string") return "";
  return Array.isArray(item["loc"]) ? `${item["loc"].join(".")}: ${text}` : text;
}
