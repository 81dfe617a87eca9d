// One JSON-RPC call over HTTP, and what is read of its answer (JSON-RPC 2.0 §4, §5).

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

/** One request object, with the id that its response must have. */
export interface JsonRpcRequest {
  readonly id: number;
  readonly json: Json;
}

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
    const { id, json } = this.request(method, params);
    return send(this.post(json), (answer) => read(readAnswer(answer, id)));
  }

  /** A request object for {@link post}. */
  request(method: string, params: Json | undefined): JsonRpcRequest {
    this.#lastId += 1;
    const id = this.#lastId;
    return { id, json: { jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }), id } };
  }

  /** The HTTP request that carries a request object, or a batch of them. */
  post(json: Json): HttpRequest {
    return {
      method: "POST",
      path: this.#path,
      headers: { "content-type": "application/json", accept: "application/json" },
      body: writeJson(json),
    };
  }
}

/**
 * The JSON of an answer; undefined if there is none that can be read and the status is no success. Some servers answer errors
 * with a status of their own, and the error object says more than the status.
 *
 * @throws UpstreamFailure for a success that is not JSON
 */
export function jsonRpcJson(answer: HttpAnswer): unknown {
  if (!/^application\/(?:[\w.-]+\+)?json/.test(answer.contentType)) return undefined;
  try {
    return jsonOfAnswer(answer);
  } catch (error) {
    if (isSuccess(answer)) throw error;
    return undefined;
  }
}

/** The error for an answer that holds no response. */
export function noResponse(answer: HttpAnswer, json: unknown): RpcFault | UpstreamFailure {
  const error = isPlainObject(json) ? json["error"] : undefined;
  if (isPlainObject(error)) return faultOf(error);
  if (!isSuccess(answer)) return answerProblem(answer);
  if (json !== undefined) return notOurs();
  const got = answer.contentType === "" ? "no content type" : answer.contentType.slice(0, 60);
  return new UpstreamFailure("wrong-content", `JSON expected, got ${got}`);
}

/** The result in a response. Throws the RpcFault of its error; UpstreamFailure for what is no response to the call of this id. */
export function resultOfResponse(response: unknown, id: number): unknown {
  const isOurs = isPlainObject(response) && response["jsonrpc"] === "2.0" && response["id"] === id;
  if (!isOurs) throw notOurs();
  if (isPlainObject(response["error"])) throw faultOf(response["error"]);
  if (!("result" in response)) throw notOurs();
  return response["result"];
}

/** True for a status that means success. */
export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

function readAnswer(answer: HttpAnswer, id: number): unknown {
  const json = jsonRpcJson(answer);
  // An error is the server's answer, also where it has another id than the call, as after a request that it could not read.
  if (!isSuccess(answer) || json === undefined || (isPlainObject(json) && isPlainObject(json["error"])))
    throw noResponse(answer, json);
  return resultOfResponse(json, id);
}

function notOurs(): UpstreamFailure {
  return new UpstreamFailure("malformed", "its answer is no JSON-RPC response to this call");
}

/** JSON-RPC 2.0 §5.1: these mean here what they mean there; -32000 to -32099 are each server's own. */
const SHARED_CODES: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32603]);

function faultOf({ code, message }: Readonly<Record<string, unknown>>): RpcFault | UpstreamFailure {
  if (typeof code !== "number" || (code | 0) !== code || typeof message !== "string") return notOurs();
  return relayedFault(code, shortened(message), (one) => SHARED_CODES.has(one));
}
