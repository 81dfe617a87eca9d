// Presences of contacts arrive by themselves shortly after logging in; nothing says which one is the last.

import type { Requester } from "../requester.js";

/** This long presences are waited for, and so long nothing must have changed before they count as complete. */
const MAX_WAIT_MS = 1500;
const QUIET_MS = 300;
const LOOK_MS = 50;

/** Waits until presences of these accounts were seen and no more of them come, for a second and a half at most. */
export async function presencesSettled(requester: Requester, accounts: readonly string[]): Promise<void> {
  let seen = 0;
  let quietMs = 0;
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS && (seen === 0 || quietMs < QUIET_MS); waitedMs += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = accounts.reduce((count, account) => count + requester.availableResources(account).length, 0);
    quietMs = now === seen ? quietMs + LOOK_MS : 0;
    seen = now;
  }
}
