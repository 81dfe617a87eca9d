// Which file a path leads to: SQLite goes on with one that was deleted, and what others write into its successor is not seen.

import { statSync } from "node:fs";

/** Device and inode of the file; undefined when there is none, and for `:memory:`. */
export function fileIdentity(path: string): string | undefined {
  if (path === ":memory:") return undefined;
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
