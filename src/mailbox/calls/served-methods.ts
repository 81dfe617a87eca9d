// Methods that the application serves through the table calls, declared as OpenRPC method objects.

import {
  type JsonObject,
  type MethodProblem,
  methodProblems,
  parseJson,
  References,
  readOpenRpcMethod,
  resultFromJson,
  textAt,
  writeJson,
} from "../../json-schema/index.js";
import { isApplicationCode, type MethodSpec, RpcFault, serverFault } from "../../rpc/index.js";
import { ValueError } from "../../values/index.js";
import type { CallDesk } from "./call-desk.js";
import type { FinishedCall } from "./call-store.js";

const DEADLINE = "x-deadline-ms";
/** What the row's deadline leaves of the call's, so that the last answer of the application still goes out. */
const ANSWER_RESERVE_MS = 250;

/** Everything that is wrong in method objects; each path begins with the index of its method. */
export function servedMethodProblems(methods: readonly unknown[]): MethodProblem[] {
  const references = new References({ methods });
  return methods.flatMap((entry, index) => {
    const problems = methodProblems(entry, references);
    if (problems.length === 0 && !isDeadline(references.object(entry)?.[DEADLINE]))
      problems.push({ path: [DEADLINE], problem: "a positive whole number of milliseconds expected" });
    return problems.map(({ path, problem }) => ({ path: [index, ...path], problem }));
  });
}

/**
 * Makes methods of method objects. `x-deadline-ms` in one is its deadline.
 *
 * @param desk asked when a method is called
 * @param now the database's clock
 * @throws TypeError for what is no usable method object
 */
export function servedMethods(
  methods: readonly unknown[],
  desk: () => Pick<CallDesk, "call">,
  now: () => number,
): MethodSpec[] {
  const [wrong] = servedMethodProblems(methods);
  if (wrong !== undefined) throw new TypeError(`methods${printPath(wrong.path)}: ${wrong.problem}`);
  const references = new References({ methods });
  return methods.map((entry): MethodSpec => {
    const method = references.object(entry) ?? {};
    return servedMethod(textAt(method, "name") ?? "", method, references, desk, now);
  });
}

function servedMethod(
  name: string,
  method: JsonObject,
  references: References,
  desk: () => Pick<CallDesk, "call">,
  now: () => number,
): MethodSpec {
  const { spec, result, paramsToJson } = readOpenRpcMethod(method, references);
  const deadlineMs = method[DEADLINE];
  return Object.freeze({
    ...spec,
    name,
    ...(typeof deadlineMs === "number" ? { deadlineMs } : {}),
    handler: async (args, call) => {
      const params = writeJson(paramsToJson(args));
      const { remainingMs } = call;
      const deadlineAt = now() + Math.floor(remainingMs - Math.min(ANSWER_RESERVE_MS, remainingMs / 10));
      const row = await desk().call(
        { method: name, params, requester: call.requester.jid.full, deadlineAt },
        call.signal,
      );
      return answerOf(
        row,
        (json) => resultFromJson(result, json),
        (problem) => call.log.warn("calls.bad-result", { row: row.id, problem }),
      );
    },
  } satisfies MethodSpec);
}

/** The result of a row; throws its fault. What the application did wrong is an error of ours to the caller, and stands in the log. */
function answerOf(row: FinishedCall, read: (json: unknown) => unknown, report: (problem: string) => void): unknown {
  const where = `row ${row.id} of calls`;
  if (row.status === "expired") throw serverFault("deadlinePassed", "the application did not answer in time");
  if (row.status === "faulted") {
    const { fault_code: code, fault_string: text } = row;
    if (isApplicationCode(code)) throw new RpcFault(code, text ?? "");
    throw new Error(`${where}: fault_code ${code} is not an application's; the fault was: ${text}`);
  }
  try {
    return read(parseJson(row.result ?? ""));
  } catch (error) {
    const problem = ValueError.is(error) ? error.message : "result: not JSON";
    report(problem);
    throw serverFault("internalError", `${where}: ${problem}`);
  }
}

function isDeadline(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value > 0);
}

function printPath(path: MethodProblem["path"]): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}
