// Under what an item is remembered: its id, or its id and what it holds.

import { createHash } from "node:crypto";
import type { FollowOptions, PublishedItem } from "../../rpc/index.js";

/** What is remembered of an item that was handed over. */
export const SEEN = "seen";

/** The key of an item. Ids may be long, so they are hashed. */
export function itemKey({ id, payload }: PublishedItem, { updates }: FollowOptions): string {
  const hash = createHash("sha256").update(id);
  if (updates === true && payload !== undefined) hash.update("\0").update(JSON.stringify(payload));
  return hash.digest("base64url");
}
