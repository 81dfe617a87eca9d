// Who may call what: a call is allowed if some allow rule matches and no deny rule does; the order never matters.
import type { Jid } from "../jid.js";
import { isWide, matchesJid, matchesMethod } from "./access-patterns.js";
import { type AccessRule, type CompiledRule, compileRoomService, compileRules } from "./access-rules.js";
import { type AccessWarning, warningsOf } from "./access-warnings.js";
import { RESERVED_PREFIX } from "./method-name.js";

/** What the list says to one question, and which rule decided. */
export interface Decision {
  readonly allowed: boolean;
  /** The deciding rule's place in the list; undefined when no rule matched. */
  readonly rule: number | undefined;
  /** For people: `access[0] deny "*@example.org" methods "shop.refund"`. */
  readonly reason: string;
}

/** A compiled access list. */
export interface Access {
  /** May this requester call this method? */
  mayCall(requester: Jid, method: string): Decision;
  /** May this requester call anything at all? XEP-0009 §5: who may not is answered forbidden, whatever the request holds. */
  mayCallAny(requester: Jid): Decision;
  /** May this requester see what concerns all of them? A rule with `admin` says so, unless another denies him everything. */
  isAdmin(requester: Jid): boolean;
  /** Rules that can never decide a call, to be shown at start. */
  readonly warnings: readonly AccessWarning[];
  /** Whether it matters what the requester's domain is: some wide rule admits him unless he is an occupant of a room. */
  dependsOnRooms(requester: Jid): boolean;
  /** Forgets what was decided: to be called when {@link AccessOptions.isRoomService} would answer otherwise than before. */
  forget(): void;
}

/** Options of {@link compileAccess}. */
export interface AccessOptions {
  /** Domains of room services: there `from` is `room@service/nick`, and anyone can take a nick. */
  readonly roomServices?: Iterable<string>;
  /** Room services that are only known later, by disco. Asked once per requester, then remembered until `forget()`. */
  readonly isRoomService?: (domain: string) => boolean;
}

const MAX_REQUESTERS_REMEMBERED = 2048;
const MAX_METHODS_REMEMBERED = 256;
/** Callers choose the names they ask for, so a long one is decided anew each time. */
const MAX_NAME_REMEMBERED = 128;
const NO_RULE: Decision = Object.freeze({ allowed: false, rule: undefined, reason: "no rule allows it" });

/**
 * Compiles an access list.
 *
 * @throws AccessRuleError for the first rule that cannot be read
 */
export function compileAccess(rules: readonly AccessRule[], options: AccessOptions = {}): Access {
  const compiled = compileRules(rules, "access");
  const roomServices = new Set([...(options.roomServices ?? [])].map(compileRoomService));
  const isRoomService = (domain: string): boolean =>
    roomServices.has(domain) || options.isRoomService?.(domain) === true;
  const wideAllows = compiled.filter((rule) => rule.effect === "allow" && isWide(rule.who));
  const remembered = new Map<string, RequesterAccess>();
  const accessOf = (requester: Jid): RequesterAccess => {
    let access = remembered.get(requester.full);
    if (access === undefined) {
      access = new RequesterAccess(rulesFor(requester, compiled, isRoomService(requester.domain)));
      // All at once is enough: what is forgotten costs one pass over the rules.
      if (remembered.size >= MAX_REQUESTERS_REMEMBERED) remembered.clear();
      remembered.set(requester.full, access);
    }
    return access;
  };
  return {
    mayCall: (requester, method) => accessOf(requester).mayCall(method),
    mayCallAny: (requester) => accessOf(requester).mayCallAny,
    isAdmin: (requester) => accessOf(requester).isAdmin,
    dependsOnRooms: (requester) =>
      !roomServices.has(requester.domain) && wideAllows.some((rule) => matchesJid(rule.who, requester)),
    warnings: warningsOf(compiled, isRoomService),
    forget: () => remembered.clear(),
  };
}

/** The rules that speak of a requester. A wide allow rule never speaks of an occupant of a room; a wide deny rule does. */
function rulesFor(requester: Jid, rules: readonly CompiledRule[], isOccupant: boolean): readonly CompiledRule[] {
  return rules.filter(
    (rule) => matchesJid(rule.who, requester) && !(isOccupant && rule.effect === "allow" && isWide(rule.who)),
  );
}

/** What the list says of one requester. Decisions are remembered, so a call that was decided before costs two look-ups. */
class RequesterAccess {
  readonly mayCallAny: Decision;
  readonly isAdmin: boolean;
  readonly #rules: readonly CompiledRule[];
  readonly #decisions = new Map<string, Decision>();

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
    const deniesAll = rules.find((rule) => rule.effect === "deny" && rule.methods.some((one) => one.kind === "all"));
    const allows = rules.find((rule) => rule.effect === "allow");
    this.mayCallAny = decision(deniesAll ?? allows);
    this.isAdmin = deniesAll === undefined && rules.some((rule) => rule.admin);
  }

  mayCall(method: string): Decision {
    let decided = this.#decisions.get(method);
    if (decided === undefined) {
      decided = this.#decide(method);
      if (method.length > MAX_NAME_REMEMBERED) return decided;
      if (this.#decisions.size >= MAX_METHODS_REMEMBERED) this.#decisions.clear();
      // A copy: text cut out of a stanza keeps the whole stanza in memory.
      this.#decisions.set(Buffer.from(method).toString(), decided);
    }
    return decided;
  }

  #decide(method: string): Decision {
    const isOpen = method.startsWith(RESERVED_PREFIX);
    const speaksOf = (rule: CompiledRule): boolean => rule.methods.some((pattern) => matchesMethod(pattern, method));
    const denies = this.#rules.find((rule) => rule.effect === "deny" && speaksOf(rule));
    // system.* is open to whoever may call anything: it shows no more than what they may call.
    const allows = this.#rules.find((rule) => rule.effect === "allow" && (isOpen || speaksOf(rule)));
    return decision(denies ?? allows);
  }
}

function decision(rule: CompiledRule | undefined): Decision {
  if (rule === undefined) return NO_RULE;
  return Object.freeze({
    allowed: rule.effect === "allow",
    rule: rule.index,
    reason: `access[${rule.index}] ${rule.text}`,
  });
}
