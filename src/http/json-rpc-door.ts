// JSON-RPC 2.0 over HTTP: POST /jsonrpc, single calls, notifications and batches. Values: docs/values.md, "JSON".

import {
  type Arguments,
  type Dispatcher,
  type FaultOutcome,
  faultCodes,
  faultOfRefusal,
  type MethodTable,
  type Outcome,
  type Requester,
  type RpcLimits,
  type ValueOutcome,
} from "../rpc/index.js";
import { isPlainObject, type JsonValue, jsonOf, type Shape, unnamed, ValueError } from "../values/index.js";
import type { Codec } from "../xmlrpc-codec/index.js";
import { type Describing, openRpcDocument } from "./descriptions.js";
import { type ClosedDoor, type DoorAnswer, jsonAnswer } from "./door.js";
import { namedArguments, positionalArguments } from "./json-arguments.js";

/** What the door stands on. */
export interface JsonRpcOptions extends Describing {
  readonly table: MethodTable;
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly limits: Pick<RpcLimits, "multicallSlots">;
}

type Id = string | number | null;

/** One request object that can be run; without `id` it is a notification. */
interface JsonCall {
  readonly id: Id | undefined;
  readonly method: string;
  readonly args: Arguments;
}

/** Service discovery of OpenRPC, answered beside the methods of the table. */
const DISCOVER = "rpc.discover";
const NO_CONTENT: DoorAnswer = { status: 204, type: "application/json", text: "" };

/** Local methods for JSON-RPC clients. */
export function createJsonRpcDoor(options: JsonRpcOptions): ClosedDoor {
  const { codec, dispatcher, limits } = options;
  const { maxSentBytes } = codec.options.limits;

  const fail = (id: Id, { code, string }: Omit<FaultOutcome, "kind">): string =>
    JSON.stringify({ jsonrpc: "2.0", error: { code, message: string }, id });

  const refuse = (code: number, text: string, id: Id = null): string =>
    fail(id, { code, string: `${text} [call ${dispatcher.newCallId()}]` });

  const write = (id: Id, outcome: Outcome): string => {
    switch (outcome.kind) {
      case "value":
        return writeValue(id, outcome);
      case "fault":
        return fail(id, outcome);
      case "refused":
        return fail(id, faultOfRefusal(outcome));
    }
  };

  const writeValue = (id: Id, { value, returns, call }: ValueOutcome): string => {
    try {
      const text = JSON.stringify({ jsonrpc: "2.0", result: resultOf(value, returns), id });
      if (text.length * 3 <= maxSentBytes || Buffer.byteLength(text) <= maxSentBytes) return text;
      const string = `the result is over the limit of ${maxSentBytes} bytes (maxSentBytes) [call ${call.id}]`;
      return fail(id, { code: faultCodes.transportError.code, string });
    } catch (error) {
      if (!ValueError.is(error)) throw error;
      const problem = error.within("result").message;
      call.log.error("call.result-unsendable", { problem });
      return fail(id, { code: faultCodes.internalError.code, string: `${problem} [call ${call.id}]` });
    }
  };

  const run = (request: unknown, requester: Requester): string | undefined | Promise<string | undefined> => {
    const call = readCall(request, options);
    if (typeof call === "string") return refuse(faultCodes.invalidCall.code, call, idOf(request));
    const { id, method, args } = call;
    if (method === DISCOVER) {
      const result = openRpcDocument(requester, options);
      return id === undefined ? undefined : JSON.stringify({ jsonrpc: "2.0", result, id });
    }
    const outcome = dispatcher.dispatch({ method, args, requester, via: "http" });
    if (outcome instanceof Promise) return outcome.then((later) => (id === undefined ? undefined : write(id, later)));
    return id === undefined ? undefined : write(id, outcome);
  };

  const runBatch = async (batch: readonly unknown[], requester: Requester): Promise<DoorAnswer> => {
    if (batch.length === 0) return jsonAnswer(refuse(faultCodes.invalidCall.code, "the batch is empty"));
    if (batch.length > limits.multicallSlots) {
      const text = `multicallSlots: at most ${limits.multicallSlots} calls in a batch, got ${batch.length}`;
      return jsonAnswer(refuse(faultCodes.transportError.code, text));
    }
    const texts = await Promise.all(batch.map(async (request) => run(request, requester)));
    const answers: string[] = [];
    let characters = 0;
    for (const [index, text] of texts.entries()) {
      if (text === undefined) continue;
      characters += text.length;
      const isOver = characters > maxSentBytes;
      const problem = `the batch's results are over the limit of ${maxSentBytes} bytes (maxSentBytes)`;
      answers.push(isOver ? refuse(faultCodes.transportError.code, problem, idOf(batch[index])) : text);
    }
    return answers.length === 0 ? NO_CONTENT : jsonAnswer(`[${answers.join(",")}]`);
  };

  return {
    path: "/jsonrpc",
    method: "POST",
    takes: ["application/json"],
    open: false,
    handle: ({ body, requester }) => {
      const json = readJson(body, codec);
      if ("problem" in json) return jsonAnswer(refuse(json.code, json.problem));
      if (Array.isArray(json.value)) return runBatch(json.value, requester);
      const text = run(json.value, requester);
      return text instanceof Promise ? text.then(answerOf) : answerOf(text);
    },
  };
}

function answerOf(text: string | undefined): DoorAnswer {
  return text === undefined ? NO_CONTENT : jsonAnswer(text);
}

/** A method without result answers null. */
function resultOf(value: unknown, returns: Shape | undefined): JsonValue {
  const kind = returns === undefined ? "any" : unnamed(returns).kind;
  if (value === undefined && (kind === "any" || kind === "nil" || kind === "optional")) return null;
  return jsonOf(value, returns);
}

type ReadJson = { readonly value: unknown } | { readonly code: number; readonly problem: string };

/** UTF-8 and JSON, with no more values than a stanza may have. */
function readJson(body: Uint8Array, codec: Codec): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    const { code } = isJson ? faultCodes.parseError : faultCodes.invalidCharacter;
    return { code, problem: isJson ? "the body is not JSON" : "the body is not UTF-8" };
  }
  const { maxValues } = codec.options.limits;
  if (!hasMoreValues(value, maxValues)) return { value };
  return { code: faultCodes.transportError.code, problem: `more than ${maxValues} values (maxValues)` };
}

function hasMoreValues(root: unknown, most: number): boolean {
  const waiting = [root];
  let count = 0;
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    count++;
    if (count > most) return true;
    if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) waiting.push(inner);
  }
  return false;
}

/** The call of a request object, or why it is none (JSON-RPC 2.0 §4). */
function readCall(request: unknown, { table, codec }: JsonRpcOptions): JsonCall | string {
  if (!isPlainObject(request)) return "a request object expected";
  const { jsonrpc, method, params = [], id } = request;
  if (jsonrpc !== "2.0") return 'jsonrpc: "2.0" expected';
  if (typeof method !== "string") return "method: string expected";
  if (Object.hasOwn(request, "id") && !isId(id)) return "id: string, number or null expected";
  const { zone } = codec.options.dates;
  const { maxParams } = codec.options.limits;
  const callId = isId(id) ? id : undefined;
  if (Array.isArray(params)) {
    if (params.length > maxParams) return `params: more than ${maxParams}`;
    return { id: callId, method, args: positionalArguments(params, zone) };
  }
  if (isPlainObject(params)) return { id: callId, method, args: namedArguments(params, method, table, zone) };
  return "params: array or object expected";
}

function isId(id: unknown): id is Id {
  return id === null || typeof id === "string" || (typeof id === "number" && Number.isFinite(id));
}

/** The id of whatever was sent; null when it has none that can be used (JSON-RPC 2.0 §5). */
function idOf(request: unknown): Id {
  if (!isPlainObject(request)) return null;
  const { id } = request;
  return isId(id) ? id : null;
}
