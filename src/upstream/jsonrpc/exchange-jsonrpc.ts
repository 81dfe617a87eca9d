// One JSON-RPC call over HTTP (JSON-RPC 2.0 §4, §5).

import { type Json, writeJson } from "../../json-schema/index.js";
import { RpcFault } from "../../rpc/index.js";
import { isPlainObject } from "../../values/index.js";
import { answerProblem } from "../answer-problem.js";
import { shortened, UpstreamFailure } from "../failure.js";
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { jsonOfAnswer } from "../json-answer.js";
import { relayedFault } from "../relayed-fault.js";

/** Sends one request, and gives what is read of its answer. */
export type Send<T> = (request: HttpRequest, read: (answer: HttpAnswer) => T) => Promise<T>;

/** Calls of one server; each has an id of its own. */
export class JsonRpcClient {
  readonly #path: string;
  #lastId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Calls a method.
   *
   * @param read makes the result of its JSON
   * @throws RpcFault for an error that the server answers; UpstreamFailure for what is no answer to this call
   */
  call<T>(method: string, params: Json | undefined, send: Send<T>, read: (json: unknown) => T): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const request: HttpRequest = {
      method: "POST",
      path: this.#path,
      headers: { "content-type": "application/json", accept: "application/json" },
      body: writeJson({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }), id }),
    };
    return send(request, (answer) => read(readAnswer(answer, id)));
  }
}

function readAnswer(answer: HttpAnswer, id: number): unknown {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  const isJson = /^application\/(?:[\w.-]+\+)?json/.test(answer.contentType);
  // Some servers answer errors with a status of their own; the error object says more than the status.
  const response = isJson ? readable(answer, isSuccess) : undefined;
  const error = isPlainObject(response) ? response["error"] : undefined;
  if (isPlainObject(error)) throw faultOf(error);
  if (!isSuccess) throw answerProblem(answer);
  if (!isJson) {
    const got = answer.contentType === "" ? "no content type" : answer.contentType.slice(0, 60);
    throw new UpstreamFailure("wrong-content", `JSON expected, got ${got}`);
  }
  const isOurs = isPlainObject(response) && response["jsonrpc"] === "2.0" && response["id"] === id;
  if (!isOurs || !("result" in response))
    throw new UpstreamFailure("malformed", "its answer is no JSON-RPC response to this call");
  return response["result"];
}

function readable(answer: HttpAnswer, isSuccess: boolean): unknown {
  try {
    return jsonOfAnswer(answer);
  } catch (error) {
    if (isSuccess) throw error;
    return undefined;
  }
}

/** JSON-RPC 2.0 §5.1: these mean here what they mean there; -32000 to -32099 are each server's own. */
const SHARED_CODES: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32603]);

function faultOf({ code, message }: Readonly<Record<string, unknown>>): RpcFault | UpstreamFailure {
  if (typeof code !== "number" || (code | 0) !== code || typeof message !== "string")
    return new UpstreamFailure("malformed", "its answer is no JSON-RPC response to this call");
  return relayedFault(code, shortened(message), (one) => SHARED_CODES.has(one));
}
