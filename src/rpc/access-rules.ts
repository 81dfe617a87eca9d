// The access list as it is written, and as it is checked and compiled. Contract: docs/security.md.
import { tryParseJid } from "../jid.js";
import {
  type JidPattern,
  type MethodPattern,
  PatternError,
  parseJidPattern,
  parseMethodPattern,
} from "./access-patterns.js";

/**
 * One rule: whom it allows or denies, and which methods (default all: `*`). `admin` lets whom it allows see the numbers of
 * all requesters, where others see their own.
 */
export type AccessRule =
  | { readonly allow: string; readonly methods?: string | readonly string[]; readonly admin?: boolean }
  | { readonly deny: string; readonly methods?: string | readonly string[] }
  | { readonly anyone: true; readonly methods?: string | readonly string[] };

/** A rule as it is compared. */
export interface CompiledRule {
  readonly index: number;
  readonly effect: "allow" | "deny";
  readonly who: JidPattern;
  readonly methods: readonly MethodPattern[];
  readonly admin: boolean;
  /** As it was written: `deny "*@example.org" methods "shop.refund"`. */
  readonly text: string;
}

const ACCESS_RULE_ERROR = Symbol.for("jabber-rpc.AccessRuleError");

/** A rule that cannot be read: which, where in it, and what was expected. */
export class AccessRuleError extends Error {
  override readonly name = "AccessRuleError";
  readonly [ACCESS_RULE_ERROR] = true;
  /** The rule's place in the list, from 0. */
  readonly index: number;
  /** Where the trouble is: `access[1].methods`. */
  readonly path: string;

  constructor(index: number, path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.index = index;
    this.path = path;
  }
}

const ONE_OF = "one of `allow: JID`, `deny: JID` and `anyone: true` expected";

/**
 * Checks and compiles the rules of one list.
 *
 * @param list what paths start with, such as `access`
 * @throws AccessRuleError for the first rule that cannot be read
 */
export function compileRules(rules: readonly AccessRule[], list: string): readonly CompiledRule[] {
  return rules.map((rule, index) => compileRule(rule, index, `${list}[${index}]`));
}

/** Reads one pattern of addresses. Throws AccessRuleError that names `path`. */
export function compilePattern(pattern: unknown, index: number, path: string): JidPattern {
  return inside(index, path, () => parseJidPattern(pattern));
}

/** Reads one entry of the list of room services, as addresses will show its domain. Throws AccessRuleError that names it. */
export function compileRoomService(service: string, index: number): string {
  const jid = tryParseJid(service);
  if (jid !== undefined && jid.full === jid.domain && !service.includes("*")) return jid.domain;
  throw new AccessRuleError(index, `roomServices[${index}]`, `${JSON.stringify(service)}: a domain expected`);
}

function compileRule(rule: unknown, index: number, path: string): CompiledRule {
  const fail = (where: string, problem: string): AccessRuleError => new AccessRuleError(index, where, problem);
  if (typeof rule !== "object" || rule === null) throw fail(path, ONE_OF);
  // Rules may come from JavaScript; whatever they are, their members are read one by one.
  const members = rule as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(members))
    if (!["allow", "deny", "anyone", "methods", "admin"].includes(key))
      throw fail(`${path}.${key}`, `unknown; ${ONE_OF}, and methods`);
  const subjects = (["allow", "deny", "anyone"] as const).filter((key) => members[key] !== undefined);
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) throw fail(path, ONE_OF);
  const who = members[subject];
  if (subject === "anyone" && who !== true) throw fail(`${path}.anyone`, "true expected");
  if (members.admin !== undefined && (typeof members.admin !== "boolean" || subject !== "allow"))
    throw fail(`${path}.admin`, "true or false expected, beside `allow`");
  const methods = methodTexts(members.methods);
  if (methods.length === 0) throw fail(`${path}.methods`, "an empty list matches no method");
  const pattern: JidPattern =
    subject === "anyone" ? { kind: "anyone" } : compilePattern(who, index, `${path}.${subject}`);
  return Object.freeze({
    index,
    effect: subject === "deny" ? "deny" : "allow",
    who: pattern,
    methods: methods.map((text) => inside(index, `${path}.methods`, () => parseMethodPattern(text))),
    admin: members.admin === true,
    text: `${subject} ${subject === "anyone" ? "true" : `"${String(who)}"`} methods ${methods.map((text) => `"${String(text)}"`).join(", ")}`,
  } as const);
}

function methodTexts(methods: unknown): readonly unknown[] {
  if (methods === undefined) return ["*"];
  return Array.isArray(methods) ? methods : [methods];
}

function inside<T>(index: number, path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PatternError) throw new AccessRuleError(index, path, error.message);
    throw error;
  }
}
