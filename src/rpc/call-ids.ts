// The ids that faults and log lines show. Short, because people type them; unique in a process, not secret.
import { randomInt } from "node:crypto";

const FIRST = 0x1000;
const LAST = 0xffff_ffff;

/** Counts from a random four-digit hexadecimal number, so that two runs of a gateway seldom show the same id. */
export function createCallIds(): () => string {
  let next = randomInt(FIRST, 0x8000);
  return () => {
    const id = next.toString(16);
    next = next === LAST ? FIRST : next + 1;
    return id;
  };
}
