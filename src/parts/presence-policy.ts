// Who may see the gateway's presence: an allow list, then everybody, nobody, or whom an administrator lets.

import type { Jid } from "../jid.js";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import type { Notes } from "../ports/index.js";
import { compileAccess } from "../rpc/index.js";
import type { SubscriptionPolicy } from "../xeps/index.js";

/** Who may subscribe to the gateway's presence (RFC 6121 §3.1). */
export interface SubscriptionOptions {
  /** What happens to requests that `allow` does not speak of. `ask` needs `admin`. */
  readonly subscriptions: "allow" | "ask" | "refuse";
  /** Whose requests are always allowed, in the forms of access rules (docs/security.md). */
  readonly allow?: readonly string[];
  /** Who is asked: a person, by the address of his account. */
  readonly admin?: string;
}

/** An administrator has a day; the request stays open then, and may be made again. */
const ADMIN_DEADLINE_MS = 86_400_000;
/** So many requests wait for the administrator at a time; further ones stay open. */
const MAX_PENDING = 20;
/** Of those whom the administrator let or refused, so many are remembered. */
const MAX_DECIDED = 10_000;

/**
 * Makes the policy.
 *
 * @throws AccessRuleError for a pattern of `allow` that cannot be read; TypeError for `ask` without `admin`
 */
export function createSubscriptionPolicy(
  { subscriptions, allow = [], admin }: SubscriptionOptions,
  notes: Notes,
  log: Logger,
): SubscriptionPolicy {
  if (subscriptions === "ask" && admin === undefined)
    throw new TypeError("presence.admin: subscriptions: ask needs the address of who is asked");
  const listed = compileAccess(allow.map((pattern) => ({ allow: pattern })));
  const decided = new Map<string, boolean>();
  const pending = new Map<string, Promise<boolean | undefined>>();

  const askAdmin = async (from: Jid, asked: string): Promise<boolean | undefined> => {
    try {
      const text = `${from.bare} wants to see whether this gateway is there.`;
      const answer = await notes.ask(asked, { text, choices: ["allow", "refuse"] }, { deadlineMs: ADMIN_DEADLINE_MS });
      if (answer.status !== "answered") return undefined;
      const [oldest] = decided.keys();
      if (decided.size >= MAX_DECIDED && oldest !== undefined) decided.delete(oldest);
      decided.set(from.bare, answer.value === "allow");
      return answer.value === "allow";
    } catch (error) {
      log.error("presence.admin-not-asked", { watcher: from.bare, cause: messageOf(error) });
      return undefined;
    } finally {
      pending.delete(from.bare);
    }
  };

  return (from, kind) => {
    if (listed.mayCallAny(from).allowed) return true;
    if (subscriptions !== "ask" || admin === undefined) return subscriptions === "allow";
    const known = decided.get(from.bare);
    if (known !== undefined || kind === "probe") return known;
    // The administrator's own client may ask as well.
    let answer = pending.get(from.bare);
    if (answer === undefined && pending.size < MAX_PENDING) {
      answer = askAdmin(from, admin);
      pending.set(from.bare, answer);
    }
    return answer;
  };
}
