// system.multicall: calls in order, each with its own permission, checks, deadline and result or fault.
import {
  type CallContext,
  type Dispatcher,
  exactArguments,
  faultCodes,
  faultOfRefusal,
  type MethodTable,
  type Outcome,
  serverFault,
  type ValueOutcome,
} from "../rpc/index.js";
import { type ExactValue, exactOf, ValueError } from "../values/index.js";

/** What the slots run with. */
export interface MulticallOptions {
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly table: Pick<MethodTable, "find">;
  readonly maxSlots: number;
  readonly voidResult: ExactValue;
}

interface SlotCall {
  readonly methodName: string;
  readonly params: readonly ExactValue[];
}

const NAME = "system.multicall";

/**
 * Runs the slots in order: each becomes a list of one result, or a struct of faultCode and faultString. Only those that are
 * batched (see MethodSpec.batchedBy) run together.
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
  const calls = slots.map(readSlot);
  const results: ExactValue[] = [];
  // Once the call is aborted, nobody waits for the rest: it has been answered already.
  while (results.length < calls.length && !call.signal.aborted) {
    const together = calls.slice(results.length, endOfBatch(calls, results.length, options));
    results.push(...(await Promise.all(together.map((slot) => runSlot(slot, call, options)))));
  }
  return results;
}

/** Where the slots end that start together with the one at `start`. */
function endOfBatch(calls: readonly (SlotCall | string)[], start: number, { table }: MulticallOptions): number {
  const batchOf = (slot: SlotCall | string | undefined): object | undefined =>
    typeof slot === "object" ? table.find(slot.methodName)?.spec.batchedBy?.() : undefined;
  const batch = batchOf(calls[start]);
  let end = start + 1;
  if (batch !== undefined) while (batchOf(calls[end]) === batch) end += 1;
  return end;
}

async function runSlot(slot: SlotCall | string, call: CallContext, options: MulticallOptions): Promise<ExactValue> {
  if (typeof slot === "string") return fault(faultCodes.invalidCall.code, `${slot} [call ${call.id}]`);
  if (slot.methodName === NAME)
    return fault(faultCodes.invalidCall.code, `${NAME} in a slot of ${NAME} [call ${call.id}]`);
  const outcome = await options.dispatcher.dispatch({
    method: slot.methodName,
    args: exactArguments(slot.params),
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
