// What somebody else's function may take, and no longer.

import type { Clock } from "../../xmpp/index.js";

/** Runs a function; rejects, without ending it, when it is not done after `ms` milliseconds. */
export async function within<T>(clock: Clock, ms: number, run: () => T | Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`not done within ${ms} ms`)));
  });
  try {
    return await Promise.race([(async () => run())(), late]);
  } finally {
    cancel();
  }
}
