// Files that a command writes where its command line says.

import { writeFileSync } from "node:fs";
import { messageOf } from "../message-of.js";
import { UsageError } from "./exit.js";

/** Writes a file. Throws {@link UsageError} that starts with `what`: "the pid file cannot be written: …". */
export function writeText(path: string, text: string, what: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`${what} cannot be written: ${messageOf(error)}`);
  }
}
