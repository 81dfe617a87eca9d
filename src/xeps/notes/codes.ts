// Codes of questions: a digit and a letter that nobody confuses, as `7K`.

import { randomInt } from "node:crypto";

const DIGITS = "23456789";
/** Without those that look like digits, or like each other. */
const LETTERS = "ACDEFHJKLMNPRTUVWXY";
const TRIES = 20;

/** A code that is not taken; a longer one where the short ones are getting scarce. */
export function newCode(isTaken: (code: string) => boolean): string {
  for (let length = 1; ; length += 1) {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      let code = pick(DIGITS);
      for (let index = 0; index < length; index += 1) code += pick(LETTERS);
      if (!isTaken(code)) return code;
    }
  }
}

function pick(alphabet: string): string {
  return alphabet.charAt(randomInt(alphabet.length));
}
