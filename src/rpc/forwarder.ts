// Calls that go out on behalf of somebody else: how they are made, and who may have them made. Contract: docs/security.md.
import type { Jid } from "../jid.js";
import type { ExactValue } from "../values/index.js";
import { isWide, matchesJid, matchesMethod } from "./access-patterns.js";
import { type AccessRule, compilePattern, compileRules } from "./access-rules.js";
import type { Requester } from "./call.js";
import type { Outcome } from "./outcome.js";

/** Makes outbound calls. The requester library implements it; HTTP and the mailbox use it. */
export interface Forwarder {
  forward(request: ForwardRequest): Promise<Outcome>;
}

/** One outbound call. */
export interface ForwardRequest {
  /** On whose behalf. */
  readonly requester: Requester;
  readonly to: Jid;
  readonly method: string;
  readonly params: readonly ExactValue[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One rule: whom it lets call which methods of whom. Nothing is forwarded without one. */
export interface ForwardRule {
  readonly allow: string;
  readonly to: string;
  readonly methods?: string | readonly string[];
}

/** A compiled list of {@link ForwardRule}. */
export interface ForwardAccess {
  mayForward(requester: Jid, to: Jid, method: string): boolean;
}

/**
 * Compiles the rules.
 *
 * @param isRoomService as for compileAccess: only a rule with a full JID lets an occupant of a room forward
 * @throws AccessRuleError with paths such as `forward[0].to`
 */
export function compileForward(
  rules: readonly ForwardRule[],
  isRoomService: (domain: string) => boolean = () => false,
): ForwardAccess {
  const callers = compileRules(
    rules.map(({ allow, methods }): AccessRule => (methods === undefined ? { allow } : { allow, methods })),
    "forward",
  );
  const targets = rules.map((rule, index) => compilePattern(rule.to, index, `forward[${index}].to`));
  return {
    mayForward: (requester, to, method) =>
      callers.some((rule, index) => {
        const target = targets[index];
        return (
          target !== undefined &&
          matchesJid(rule.who, requester) &&
          !(isWide(rule.who) && isRoomService(requester.domain)) &&
          matchesJid(target, to) &&
          rule.methods.some((pattern) => matchesMethod(pattern, method))
        );
      }),
  };
}
