// Calls of one system.multicall sent together: a JSON-RPC batch (JSON-RPC 2.0 §6).

import type { Json } from "../../json-schema/index.js";
import { type CallContext, callAround } from "../../rpc/index.js";
import { isPlainObject } from "../../values/index.js";
import type { HttpAnswer } from "../http/exchange.js";
import type { Caller } from "../offer.js";
import { isSuccess, type JsonRpcClient, jsonRpcJson, noResponse, resultOfResponse } from "./exchange-jsonrpc.js";

/** One call to be sent. */
export interface OutgoingCall {
  readonly method: string;
  readonly params: Json;
  readonly call: CallContext;
  /** Makes the result of its JSON. */
  readonly read: (json: unknown) => unknown;
}

/** What {@link JsonRpcBatches} stands on. */
export interface JsonRpcBatchesOptions {
  readonly client: JsonRpcClient;
  readonly caller: Caller;
  /** The upstream's name, for the log. */
  readonly name: string;
  /** Calls in one batch at most; 1: none is batched. */
  readonly maxBatch: number;
}

interface WaitingCall extends OutgoingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a batch was answered: each response by its id, twice answered ones as undefined. */
type Responses = ReadonlyMap<unknown, unknown>;

/** A server that knows no batches, or none so large, says one of these; nothing of the batch has run then. */
const REFUSING_CODES: ReadonlySet<unknown> = new Set([-32700, -32600, -32601]);
const REFUSING_STATUSES: ReadonlySet<number> = new Set([400, 405, 413, 415, 422, 501]);

/** Sends calls: those that start in one step on behalf of one call as a batch, all others by themselves. */
export class JsonRpcBatches {
  readonly #options: JsonRpcBatchesOptions;
  /** What is to be sent, by the call on whose behalf; all are of one requester. */
  readonly #open = new Map<CallContext, WaitingCall[]>();
  #isAnswered = false;
  #isRefused = false;

  constructor(options: JsonRpcBatchesOptions) {
    this.#options = options;
  }

  /** This, as long as calls are batched; undefined once the server has refused a batch. */
  get current(): this | undefined {
    return this.#options.maxBatch > 1 && !this.#isRefused ? this : undefined;
  }

  /** Sends a call. Rejects with an RpcFault for an error, a failure, or a result that cannot be read. */
  send(outgoing: OutgoingCall): Promise<unknown> {
    const around = this.current === undefined ? undefined : callAround(outgoing.call);
    if (around === undefined) return this.#sendAlone(outgoing);
    return new Promise((resolve, reject) => {
      const waiting = { ...outgoing, resolve, reject };
      const open = this.#open.get(around);
      if (open !== undefined) open.push(waiting);
      else {
        this.#open.set(around, [waiting]);
        queueMicrotask(() => this.#flush(around));
      }
    });
  }

  #flush(around: CallContext): void {
    const { maxBatch } = this.#options;
    const open = this.#open.get(around) ?? [];
    this.#open.delete(around);
    for (let start = 0; start < open.length; start += maxBatch)
      void this.#sendTogether(open.slice(start, start + maxBatch));
  }

  /** Never rejects: each call has its own end. */
  async #sendTogether(waiting: readonly WaitingCall[]): Promise<void> {
    if (waiting.length < 2) return this.#sendInOrder(waiting);
    const { client, caller, name } = this.#options;
    const requests = waiting.map(({ method, params }) => client.request(method, params));
    const calls = waiting.map(({ call }) => call);
    try {
      const responses = await caller.callTogether(client.post(requests.map(({ json }) => json)), calls, (answer) =>
        this.#readResponses(answer),
      );
      if (responses === undefined) {
        calls[0]?.log.warn("upstream.remark", {
          upstream: name,
          remark: "it takes no batches; calls are sent one by one",
        });
        return this.#sendInOrder(waiting);
      }
      for (const [index, one] of waiting.entries()) this.#end(one, responses, requests[index]?.id ?? 0);
    } catch (error) {
      for (const { call, reject } of waiting) reject(caller.problemOf(error, call));
    }
  }

  #end({ call, read, resolve, reject }: WaitingCall, responses: Responses, id: number): void {
    try {
      resolve(read(resultOfResponse(responses.get(id), id)));
    } catch (error) {
      reject(this.#options.caller.problemOf(error, call));
    }
  }

  async #sendInOrder(waiting: readonly WaitingCall[]): Promise<void> {
    for (const one of waiting) await this.#sendAlone(one).then(one.resolve, one.reject);
  }

  async #sendAlone({ method, params, call, read }: OutgoingCall): Promise<unknown> {
    const { client, caller } = this.#options;
    return client.call(method, params, (request, readAnswer) => caller.call(request, call, readAnswer), read);
  }

  /** Undefined for a server that takes no batches. Throws for any other answer that holds no responses. */
  #readResponses(answer: HttpAnswer): Responses | undefined {
    const json = jsonRpcJson(answer);
    if (Array.isArray(json) && json.length > 0) {
      this.#isAnswered = true;
      return byId(json);
    }
    if (isRefusal(answer, json)) {
      this.#isRefused = true;
      return undefined;
    }
    // Such a server may have run some of them, so they are not sent again; but the next ones may fare better alone.
    if (!this.#isAnswered && (isSuccess(answer) || answer.status === 500)) this.#isRefused = true;
    throw noResponse(answer, json);
  }
}

function isRefusal(answer: HttpAnswer, json: unknown): boolean {
  const error = isPlainObject(json) ? json["error"] : undefined;
  return isPlainObject(error) ? REFUSING_CODES.has(error["code"]) : REFUSING_STATUSES.has(answer.status);
}

function byId(responses: readonly unknown[]): Responses {
  const found = new Map<unknown, unknown>();
  for (const response of responses) {
    if (!isPlainObject(response)) continue;
    const { id } = response;
    // Two answers to one call: neither can be trusted.
    found.set(id, found.has(id) ? undefined : response);
  }
  return found;
}
