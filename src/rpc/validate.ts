// Checks a call's parameters against its method: how many, then each one's type. Fault -32602 with the path.
import { ValueError } from "../values/index.js";
import type { Arguments } from "./arguments.js";
import type { Param } from "./method-spec.js";
import type { RegisteredMethod } from "./method-table.js";

/**
 * The parameters as the handler receives them: one element for each declared one, undefined for one that was left out.
 *
 * @throws ValueError with path: `params: 1 expected, got 2`, `params[0] (id): int expected, got string`
 */
export function readParams(method: RegisteredMethod, given: Arguments): unknown[] {
  const { params, rest } = method.spec;
  const { count } = given;
  if (count < method.required || (count > params.length && rest === undefined)) throw arityError(method, count);
  const args: unknown[] = [];
  for (let index = 0; index < params.length; index += 1) {
    const param = params[index];
    if (param === undefined || index >= count) {
      args.push(undefined);
      continue;
    }
    try {
      args.push(given.read(index, param.shape, method.readers[index]));
    } catch (error) {
      throw ValueError.is(error) ? error.within(segmentOf(index, param)) : error;
    }
  }
  if (rest !== undefined)
    for (let index = params.length; index < count; index += 1) {
      try {
        args.push(given.read(index, rest, method.restReader));
      } catch (error) {
        throw ValueError.is(error) ? error.within(segmentOf(index)) : error;
      }
    }
  return args;
}

function segmentOf(index: number, param?: Param): string {
  return param?.name === undefined ? `params[${index}]` : `params[${index}] (${param.name})`;
}

function arityError(method: RegisteredMethod, count: number): ValueError {
  const { required } = method;
  const most = method.spec.params.length;
  const expected =
    method.spec.rest !== undefined ? `at least ${required}` : required === most ? `${most}` : `${required} to ${most}`;
  return new ValueError(`${expected} expected, got ${count}`).within("params");
}
