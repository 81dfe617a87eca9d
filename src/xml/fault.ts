// What goes wrong inside one token, before the place of that token in the stream is known. Never leaves this folder.

import type { XmlCondition } from "./xml-error.js";

/** A broken rule at `index` of the text that is being scanned; the scanner makes an XmlError of it. */
export class Fault extends Error {
  readonly condition: XmlCondition;
  readonly index: number;

  constructor(condition: XmlCondition, message: string, index: number) {
    super(message);
    this.condition = condition;
    this.index = index;
  }
}

/** A limit that was passed; `limit` is the text for people, as in `272 levels`. */
export class LimitFault extends Error {
  readonly limit: string;
  readonly index: number;

  constructor(limit: string, index: number) {
    super(`more than ${limit}`);
    this.limit = limit;
    this.index = index;
  }
}

/** Not well-formed at `index`. */
export function malformed(message: string, index: number): Fault {
  return new Fault("not-well-formed", message, index);
}

/** A character that XML does not know, at `index` of `text`. */
export function illegalCharacter(text: string, index: number): Fault {
  const codePoint = text.codePointAt(index) ?? 0;
  return malformed(`illegal character U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`, index);
}
