// system.multicall: calls one after the other, each with its own permission, checks, deadline and result or fault.
import {
  type CallContext,
  type Dispatcher,
  exactArguments,
  faultCodes,
  faultOfRefusal,
  type Outcome,
  serverFault,
  type ValueOutcome,
} from "../rpc/index.js";
import { type ExactValue, exactOf, ValueError } from "../values/index.js";

/** What the slots run with. */
export interface MulticallOptions {
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly maxSlots: number;
  readonly voidResult: ExactValue;
}

interface SlotCall {
  readonly methodName: string;
  readonly params: readonly ExactValue[];
}

const NAME = "system.multicall";

/**
 * Runs the slots in order: each becomes a list of one result, or a struct of faultCode and faultString.
 *
 * @throws RpcFault -32300 for more slots than allowed
 */
export async function multicall(
  slots: readonly ExactValue[],
  call: CallContext,
  options: MulticallOptions,
): Promise<readonly ExactValue[]> {
  const { maxSlots } = options;
  if (slots.length > maxSlots)
    throw serverFault("transportError", `multicallSlots: at most ${maxSlots} calls, got ${slots.length}`);
  const results: ExactValue[] = [];
  for (const slot of slots) {
    // Nobody waits for the rest: the call has been answered already.
    if (call.signal.aborted) break;
    results.push(await runSlot(slot, call, options));
  }
  return results;
}

async function runSlot(slot: ExactValue, call: CallContext, options: MulticallOptions): Promise<ExactValue> {
  const read = readSlot(slot);
  if (typeof read === "string") return fault(faultCodes.invalidCall.code, `${read} [call ${call.id}]`);
  if (read.methodName === NAME)
    return fault(faultCodes.invalidCall.code, `${NAME} in a slot of ${NAME} [call ${call.id}]`);
  const outcome = await options.dispatcher.dispatch({
    method: read.methodName,
    args: exactArguments(read.params),
    requester: call.requester,
    via: call.via,
    within: call,
  });
  return resultOf(outcome, options.voidResult);
}

/** The call of a slot, or why it is none. */
function readSlot(slot: ExactValue): SlotCall | string {
  if (slot.type !== "struct") return `struct {methodName, params} expected, got ${slot.type}`;
  const methodName = memberOf(slot.value, "methodName");
  const params = memberOf(slot.value, "params");
  if (methodName?.type !== "string") return `methodName: string expected, got ${methodName?.type ?? "nothing"}`;
  if (params?.type !== "array") return `params: array expected, got ${params?.type ?? "nothing"}`;
  return { methodName: methodName.value, params: params.value };
}

function memberOf(members: Readonly<Record<string, ExactValue>>, name: string): ExactValue | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function resultOf(outcome: Outcome, voidResult: ExactValue): ExactValue {
  switch (outcome.kind) {
    case "value":
      return valueSlot(outcome, voidResult);
    case "fault":
      return fault(outcome.code, outcome.string);
    case "refused": {
      const { code, string } = faultOfRefusal(outcome);
      return fault(code, string);
    }
  }
}

/** Written by its own method's shape here, so that a result that cannot be sent costs only its own slot. */
function valueSlot({ value, returns, call }: ValueOutcome, voidResult: ExactValue): ExactValue {
  try {
    const isVoid = value === undefined && returns === undefined;
    return { type: "array", value: [isVoid ? voidResult : exactOf(value, returns)] };
  } catch (error) {
    call.log.error("call.unsendable", {
      cause: ValueError.is(error) ? error.message : `a ${typeof value} that cannot be read`,
    });
    return fault(faultCodes.internalError.code, `internal error [call ${call.id}]`);
  }
}

function fault(code: number, text: string): ExactValue {
  return {
    type: "struct",
    value: { faultCode: { type: "int", value: code }, faultString: { type: "string", value: text } },
  };
}
