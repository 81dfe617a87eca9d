// Rules that can never decide a call: most often a mistake, so they are shown at start.
import {
  coversJid,
  coversMethod,
  domainOf,
  isWide,
  type JidPattern,
  matchesMethod,
  parseMethodPattern,
} from "./access-patterns.js";
import type { CompiledRule } from "./access-rules.js";

/** One rule that does nothing. */
export interface AccessWarning {
  readonly rule: number;
  /** For people: `access[2] can never match: denied by access[0]`. */
  readonly text: string;
}

/** The rules of a list that can never decide a call. */
export function warningsOf(
  rules: readonly CompiledRule[],
  isRoomService: (domain: string) => boolean,
): readonly AccessWarning[] {
  return rules.flatMap((rule) => {
    const why = whyNever(rule, rules, isRoomService);
    return why === undefined ? [] : [{ rule: rule.index, text: `access[${rule.index}] can never match: ${why}` }];
  });
}

/** How many of these methods a pattern of a rule speaks of. Throws PatternError for what is no pattern. */
export function countMatches(pattern: string, names: readonly string[]): number {
  const parsed = parseMethodPattern(pattern);
  return names.filter((name) => matchesMethod(parsed, name)).length;
}

function whyNever(
  rule: CompiledRule,
  rules: readonly CompiledRule[],
  isRoomService: (domain: string) => boolean,
): string | undefined {
  if (rule.effect === "allow") {
    const domain = domainOf(rule.who);
    if (domain !== undefined && isWide(rule.who) && isRoomService(domain))
      return `${domain} is a room service; occupants are allowed one by one, as room@${domain}/nick`;
    const denier = rules.find((other) => other.effect === "deny" && covers(other, rule));
    return denier === undefined ? undefined : `denied by access[${denier.index}]`;
  }
  const touches = rules.some((other) => other.effect === "allow" && mayMeet(other.who, rule.who));
  return touches ? undefined : "no rule allows whom it denies";
}

function covers(outer: CompiledRule, inner: CompiledRule): boolean {
  return (
    coversJid(outer.who, inner.who) &&
    inner.methods.every((method) => outer.methods.some((pattern) => coversMethod(pattern, method)))
  );
}

/** True if some address may match both. */
function mayMeet(one: JidPattern, other: JidPattern): boolean {
  return coversJid(one, other) || coversJid(other, one);
}
