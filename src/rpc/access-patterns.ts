// The patterns of access rules: who, and which methods. Compared on prepared addresses, whole, never as regular expressions.
import { type Jid, JidError, parseJid } from "../jid.js";

/** Whom a rule speaks of. */
export type JidPattern =
  | { readonly kind: "anyone" }
  /** `*@domain`: every account of a domain. */
  | { readonly kind: "accounts"; readonly domain: string }
  /** `local@domain`: one account, at any resource. */
  | { readonly kind: "account"; readonly bare: string }
  /** `domain`, `domain/resource` or `local@domain/resource`: this address only. */
  | { readonly kind: "address"; readonly full: string };

/** Which methods a rule speaks of: all, those under a prefix that ends in a dot, or one. */
export type MethodPattern =
  | { readonly kind: "all" }
  | { readonly kind: "under"; readonly prefix: string }
  | { readonly kind: "one"; readonly name: string };

/** A pattern that cannot be read; the message says what was expected. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

const JID_FORMS = "`domain`, `*@domain`, `local@domain` or `local@domain/resource`";
const METHOD_FORMS = "a method's name, `prefix.*` or `*`";

/** Reads a pattern of addresses. Throws {@link PatternError}. */
export function parseJidPattern(text: unknown): JidPattern {
  if (typeof text !== "string" || text === "") throw new PatternError(`${JID_FORMS} expected`);
  if (text === "*") throw new PatternError("`*` matches nobody; for everybody write `anyone: true`");
  if (text.startsWith("*@")) {
    const domain = parsedJid(text, text.slice(2));
    if (domain.local !== "" || domain.resource !== "" || domain.full.includes("*"))
      throw new PatternError(
        `"${text}": \`*\` stands only for the whole local part, as in \`*@domain\`; ${JID_FORMS} expected`,
      );
    return { kind: "accounts", domain: domain.domain };
  }
  if (text.includes("*"))
    throw new PatternError(
      `"${text}": \`*\` stands only for the whole local part, as in \`*@domain\`; ${JID_FORMS} expected`,
    );
  const jid = parsedJid(text, text);
  if (jid.local !== "" && jid.resource === "") return { kind: "account", bare: jid.bare };
  return { kind: "address", full: jid.full };
}

function parsedJid(pattern: string, text: string): Jid {
  try {
    const jid = parseJid(text);
    if (jid.domain === "") throw new PatternError(`"${pattern}" has no domain; ${JID_FORMS} expected`);
    return jid;
  } catch (error) {
    if (error instanceof JidError) throw new PatternError(`"${pattern}": ${error.message}; ${JID_FORMS} expected`);
    throw error;
  }
}

/** True if the address is one the pattern speaks of. */
export function matchesJid(pattern: JidPattern, jid: Jid): boolean {
  switch (pattern.kind) {
    case "anyone":
      return true;
    case "accounts":
      return jid.local !== "" && jid.domain === pattern.domain;
    case "account":
      return jid.bare === pattern.bare;
    case "address":
      return jid.full === pattern.full;
  }
}

/** True for a pattern that more than one address matches. */
export function isWide(pattern: JidPattern): boolean {
  return pattern.kind !== "address";
}

/** True if every address of `inner` matches `outer`. */
export function coversJid(outer: JidPattern, inner: JidPattern): boolean {
  switch (inner.kind) {
    case "anyone":
      return outer.kind === "anyone";
    case "accounts":
      return outer.kind === "anyone" || (outer.kind === "accounts" && outer.domain === inner.domain);
    case "account":
      return matchesJid(outer, parseJid(inner.bare)) && outer.kind !== "address";
    case "address":
      return matchesJid(outer, parseJid(inner.full));
  }
}

/** The domain that all addresses of a pattern share, if they do. */
export function domainOf(pattern: JidPattern): string | undefined {
  switch (pattern.kind) {
    case "anyone":
      return undefined;
    case "accounts":
      return pattern.domain;
    case "account":
      return parseJid(pattern.bare).domain;
    case "address":
      return parseJid(pattern.full).domain;
  }
}

/** Reads a pattern of methods. Throws {@link PatternError}. */
export function parseMethodPattern(text: unknown): MethodPattern {
  if (typeof text !== "string" || text === "") throw new PatternError(`${METHOD_FORMS} expected`);
  if (text === "*") return { kind: "all" };
  const prefix = text.endsWith(".*") ? text.slice(0, -1) : undefined;
  const name = prefix ?? text;
  if (!/^[A-Za-z0-9_.:/]+$/.test(name) || name === ".") throw new PatternError(`"${text}": ${METHOD_FORMS} expected`);
  return prefix === undefined ? { kind: "one", name } : { kind: "under", prefix };
}

/** True if the method is one the pattern speaks of. */
export function matchesMethod(pattern: MethodPattern, method: string): boolean {
  switch (pattern.kind) {
    case "all":
      return true;
    case "under":
      return method.length > pattern.prefix.length && method.startsWith(pattern.prefix);
    case "one":
      return method === pattern.name;
  }
}

/** True if every method of `inner` matches `outer`. */
export function coversMethod(outer: MethodPattern, inner: MethodPattern): boolean {
  switch (inner.kind) {
    case "all":
      return outer.kind === "all";
    case "under":
      return outer.kind === "all" || (outer.kind === "under" && inner.prefix.startsWith(outer.prefix));
    case "one":
      return matchesMethod(outer, inner.name);
  }
}
