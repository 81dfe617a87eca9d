// `limits:`: one key for each row of the tables that the folders own.

import { z } from "zod";
import type { LimitRow } from "../../limit-table.js";
import { LIMIT_TABLE } from "../../limits.js";

/** The longest time that a timer can hold, and more than anything else that is limited. */
const MAX_LIMIT = 0x7fffffff;

/** A whole number that a limit may be. */
function limitNumber({ min = 1 }: LimitRow) {
  const error = `expected a whole number from ${min} to ${MAX_LIMIT}`;
  return z.int({ error }).min(min, { error }).max(MAX_LIMIT, { error });
}

/** All limits. */
export const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(LIMIT_TABLE).map(([key, row]) => [
      key,
      limitNumber(row).default(row.default).describe(`${row.doc} Unit: ${row.unit}.`),
    ]),
  ),
);
