// What the tests of values share.

import { ValueError } from "../../src/values/index.js";

/** The message of the ValueError that a step throws. */
export function refusal(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (ValueError.is(error)) return error.message;
    throw error;
  }
  return "nothing was refused";
}
