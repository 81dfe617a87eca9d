// Every XML-RPC type: one row each. A new type is a row here; the compiler then names what is left to do.

import type { ExactValue, WireTypeName } from "../../values/index.js";
import { BASE64 } from "./base64.js";
import { BOOLEAN, NIL } from "./boolean-nil.js";
import { ARRAY, STRUCT } from "./containers.js";
import { DATE_TIME } from "./date-time.js";
import { DOUBLE } from "./double.js";
import { I1, I2, I8, INT } from "./integers.js";
import { STRING } from "./text.js";
import { type EncodeScope, type ExactOf, encodeElement, type WireType } from "./wire-type.js";

/** How each type is read and written. */
export const WIRE_TYPES = {
  int: INT,
  i1: I1,
  i2: I2,
  i8: I8,
  double: DOUBLE,
  boolean: BOOLEAN,
  string: STRING,
  "dateTime.iso8601": DATE_TIME,
  base64: BASE64,
  nil: NIL,
  array: ARRAY,
  struct: STRUCT,
} satisfies { [Type in WireTypeName]: WireType<ExactOf<Type>> };

/** The decoding side of a row. */
export type WireTypeReader = Pick<WireType, "decode">;

/** The types by the element that means them, in one reading. */
export function typesByElement(lenient: boolean, extensions: boolean): ReadonlyMap<string, WireTypeReader> {
  const rows: readonly Omit<WireType, "encode">[] = Object.values(WIRE_TYPES);
  const byElement = new Map<string, WireTypeReader>();
  for (const row of rows) {
    if (row.extension === true && !extensions) continue;
    for (const element of row.elements) byElement.set(element, row);
    if (lenient) for (const element of row.lenientElements ?? []) byElement.set(element, row);
  }
  return byElement;
}

/**
 * Writes the element of an exact value, which has been checked.
 *
 * @throws ValueError for text that XML cannot carry, and for an extension where they are off
 */
export function encodeByType(exact: ExactValue, scope: EncodeScope): string {
  switch (exact.type) {
    case "int":
      return encodeElement(INT, exact.value, scope);
    case "i1":
      return encodeElement(I1, exact.value, scope);
    case "i2":
      return encodeElement(I2, exact.value, scope);
    case "i8":
      return encodeElement(I8, exact.value, scope);
    case "double":
      return encodeElement(DOUBLE, exact.value, scope);
    case "boolean":
      return encodeElement(BOOLEAN, exact.value, scope);
    case "string":
      return encodeElement(STRING, exact.value, scope);
    case "dateTime.iso8601":
      // A relay hands on the text that it got. It has been checked.
      return exact.text === undefined
        ? encodeElement(DATE_TIME, exact.value, scope)
        : DATE_TIME.open + exact.text + DATE_TIME.close;
    case "base64":
      return encodeElement(BASE64, exact.value, scope);
    case "nil":
      return encodeElement(NIL, exact.value, scope);
    case "array":
      return encodeElement(ARRAY, exact.value, scope);
    case "struct":
      return encodeElement(STRUCT, exact.value, scope);
  }
}
