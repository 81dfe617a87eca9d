// Wire to natural JavaScript. Contract: docs/values.md.

import type { ExactValue } from "./exact-value.js";
import { setOwn } from "./own-property.js";

/**
 * The natural JavaScript of an exact value: int, i1, i2 and double are numbers, i8 is always a bigint, dateTime a Date,
 * base64 a Uint8Array, nil null, a struct a plain object with own properties.
 *
 * Dates and bytes are handed over, not copied.
 */
export function naturalOf(exact: ExactValue): unknown {
  if (exact.type === "array") return exact.value.map(naturalOf);
  if (exact.type !== "struct") return exact.value;
  const natural: Record<string, unknown> = {};
  for (const name of Object.keys(exact.value)) {
    const member = exact.value[name];
    if (member !== undefined) setOwn(natural, name, naturalOf(member));
  }
  return natural;
}
