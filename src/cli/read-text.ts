// Files that a command line names.

import { readFileSync } from "node:fs";
import { messageOf } from "../message-of.js";
import { UsageError } from "./exit.js";

/** The text of a file. Throws {@link UsageError} that starts with `what`: "the password file cannot be read: …". */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${what} cannot be read: ${messageOf(error)}`);
  }
}
