// The file behind a path: which one it is, since SQLite goes on with one that was deleted; and why it cannot be opened.

import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";

/** Device and inode of the file; undefined when there is none, and for `:memory:`. */
export function fileIdentity(path: string): string | undefined {
  if (path === ":memory:") return undefined;
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/**
 * What keeps a file from being opened; undefined when nothing is seen.
 *
 * @param isMade the file is made when it is missing
 */
export function fileProblem(path: string, isMade: boolean): string | undefined {
  if (path === ":memory:") return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === false) return "it is no file; an SQLite database expected";
  const folder = dirname(path);
  if (found === undefined) {
    if (!isMade)
      return "there is no such file; a database that a gateway, or jabber-rpc mailbox migrate, has made expected";
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return `there is no folder ${folder}`;
  }
  try {
    accessSync(found === undefined ? folder : path, isMade ? constants.R_OK | constants.W_OK : constants.R_OK);
    return undefined;
  } catch {
    return `this process may not ${isMade ? "read and write" : "read"} ${found === undefined ? folder : "it"}`;
  }
}
