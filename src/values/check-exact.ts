// An exact value from outside: whether it is what its type says.

import {
  checkArray,
  checkBoolean,
  checkBytes,
  checkDate,
  checkDouble,
  checkI1,
  checkI2,
  checkInt,
  checkLong,
  checkNil,
  checkString,
} from "./checks.js";
import { parseDateTime } from "./date-text.js";
import { describeValue } from "./describe-value.js";
import type { Enclosing } from "./enclosing.js";
import type { ExactValue, WireTypeName } from "./exact-value.js";
import { isPlainObject } from "./own-property.js";
import { ValueError } from "./value-error.js";

type Scalar = Exclude<WireTypeName, "array" | "struct">;

const CHECKS = {
  int: checkInt,
  i1: checkI1,
  i2: checkI2,
  i8: checkLong,
  double: checkDouble,
  boolean: checkBoolean,
  string: checkString,
  "dateTime.iso8601": checkDate,
  base64: checkBytes,
  nil: checkNil,
} satisfies Record<Scalar, (value: unknown) => unknown>;

/**
 * Checks that `candidate` is an exact value down to its leaves, and gives it back unchanged.
 *
 * @throws ValueError with path where a type is unknown or a value is not of its type
 */
export function checkExact(candidate: unknown, enclosing: Enclosing): ExactValue {
  if (!isExactLike(candidate)) throw new ValueError(`exact value expected, got ${describeValue(candidate)}`);
  if (candidate.type === "array") checkItems(checkArray(candidate.value), enclosing);
  else if (candidate.type === "struct") checkMembers(candidate.value, enclosing);
  else checkScalar(candidate.type, candidate);
  // Every part has just been looked at.
  return candidate as ExactValue;
}

interface ExactLike {
  readonly type: string;
  readonly value: unknown;
  readonly text?: unknown;
}

function isExactLike(candidate: unknown): candidate is ExactLike {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    "value" in candidate &&
    "type" in candidate &&
    typeof candidate.type === "string"
  );
}

function checkScalar(type: string, { value, text }: ExactLike): void {
  if (!isScalar(type))
    throw new ValueError(`exact value expected, got the unknown type ${JSON.stringify(type.slice(0, 40))}`);
  // An i8 is a bigint here, also where a number would do: what is read is what was written.
  if (type === "i8" && typeof value !== "bigint") throw new ValueError(`i8 expected, got ${describeValue(value)}`);
  CHECKS[type](value);
  if (type === "dateTime.iso8601" && text !== undefined) parseDateTime(checkString(text));
}

function isScalar(type: string): type is Scalar {
  return Object.hasOwn(CHECKS, type);
}

function checkItems(items: readonly unknown[], enclosing: Enclosing): void {
  enclosing.enter(items);
  let index = 0;
  try {
    for (; index < items.length; index++) checkExact(items[index], enclosing);
  } catch (error) {
    throw ValueError.is(error) ? error.within(index) : error;
  }
  enclosing.leave();
}

function checkMembers(members: unknown, enclosing: Enclosing): void {
  if (!isPlainObject(members)) throw new ValueError(`struct expected, got ${describeValue(members)}`);
  enclosing.enter(members);
  for (const name of Object.keys(members)) {
    try {
      checkExact(members[name], enclosing);
    } catch (error) {
      throw ValueError.is(error) ? error.within(name) : error;
    }
  }
  enclosing.leave();
}
