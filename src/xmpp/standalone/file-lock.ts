// A lock between processes that change one file: a file beside it that only one of them can make.

import { type FileHandle, open, rm, stat } from "node:fs/promises";

/** A change takes milliseconds: an older lock was left behind by a process that was killed. */
const STALE_MS = 5_000;
const RETRY_MS = 20;

/** Runs a change of `path` while no other process that asks here runs one. */
export async function withFileLock<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const handle = await take(lock);
  try {
    return await change();
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(lock, "wx", 0o600);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const made = await stat(lock).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > STALE_MS) await rm(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
