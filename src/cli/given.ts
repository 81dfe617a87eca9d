// Words of the command line that must not be empty, such as a variable of a script that was not set.

import { UsageError } from "./exit.js";

/** Throws {@link UsageError} for an empty text. @param name what it is called on the command line */
export function checkGiven(name: string, text: string | undefined): void {
  if (text?.trim() === "") throw new UsageError(`${name}: a text expected, got an empty one`);
}
