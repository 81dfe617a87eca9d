// Addresses: parse, prepare, print and compare (RFC 7622, PRECIS profiles of RFC 8265). A Jid is a frozen value.

import { domainToASCII, domainToUnicode } from "node:url";
import { hasBrand } from "./brand.js";

/** A prepared address. Absent parts are empty strings, so two equal addresses have equal `full`. */
export interface Jid {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  /** `local@domain`, or `domain`. */
  readonly bare: string;
  /** `bare/resource`, or `bare`. */
  readonly full: string;
}

const JID_ERROR = Symbol.for("jabber-rpc.JidError");

/** Text that is no address; the message says which part and why. */
export class JidError extends Error {
  override readonly name = "JidError";
  readonly [JID_ERROR] = true;

  static is(error: unknown): error is JidError {
    return hasBrand(error, JID_ERROR);
  }
}

/** RFC 7622 §3.2-§3.4: no part is longer. */
const MAX_PART_BYTES = 1023;

/**
 * Reads an address and prepares its parts: localpart by UsernameCaseMapped (lower case, NFC), domainpart by IDNA
 * (lower case, Unicode form), resourcepart by OpaqueString (case kept, NFC).
 *
 * @throws {JidError} when a part is empty, too long or holds what its profile forbids
 */
export function parseJid(text: string): Jid {
  // The first slash ends the bare address: what follows may hold "@" and "/" (RFC 7622 §3.1).
  const slash = text.indexOf("/");
  const bareText = slash < 0 ? text : text.slice(0, slash);
  const at = bareText.indexOf("@");
  const local = at < 0 ? "" : prepareLocal(bareText.slice(0, at), text);
  const domain = prepareDomain(bareText.slice(at + 1), text);
  const resource = slash < 0 ? "" : prepareResource(text.slice(slash + 1), text);
  return makeJid(local, domain, resource);
}

/** {@link parseJid} that answers undefined instead of throwing: for addresses that others wrote. */
export function tryParseJid(text: string | undefined): Jid | undefined {
  if (text === undefined) return undefined;
  try {
    return parseJid(text);
  } catch {
    return undefined;
  }
}

const MAX_REMEMBERED = 1_024;

/** Makes a {@link tryParseJid} that remembers: for the addresses of those who write again and again. */
export function createJidReader(): (text: string) => Jid | undefined {
  const known = new Map<string, Jid>();
  return (text) => {
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const jid = tryParseJid(text);
    if (jid === undefined) return undefined;
    // All at once is enough: what is forgotten costs one more preparation.
    if (known.size === MAX_REMEMBERED) known.clear();
    known.set(text, jid);
    return jid;
  };
}

/** The same address without its resource. */
export function bareJid(jid: Jid): Jid {
  return jid.resource === "" ? jid : makeJid(jid.local, jid.domain, "");
}

/** The address of one resource of `jid`. Throws {@link JidError} when the resource is not a legal one. */
export function withResource(jid: Jid, resource: string): Jid {
  return makeJid(jid.local, jid.domain, prepareResource(resource, `${jid.bare}/${resource}`));
}

function makeJid(local: string, domain: string, resource: string): Jid {
  const bare = local === "" ? domain : `${local}@${domain}`;
  return Object.freeze({ local, domain, resource, bare, full: resource === "" ? bare : `${bare}/${resource}` });
}

/** Characters a localpart may not hold beside those that PRECIS forbids (RFC 7622 §3.3.1). */
const LOCAL_EXCLUDED = /["&'/:<>@]/u;
/** PRECIS IdentifierClass keeps letters, digits, marks and printable ASCII (RFC 8264 §4.2). */
const IDENTIFIER = /^[\p{L}\p{Nd}\p{Mn}\p{Mc}\u{21}-\u{7e}\u{b7}\u{375}\u{5f3}\u{5f4}\u{30fb}]*$/u;
/** PRECIS FreeformClass forbids controls, unassigned and private characters, lone surrogates and noncharacters (RFC 8264 §4.3). */
const FREEFORM_FORBIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const PLAIN_LOCAL = /^[a-z0-9._+-]+$/;
/** Plain ASCII names without an IDNA label: they are their own prepared form. */
const PLAIN_DOMAIN = /^(?!.*xn--)[a-z0-9](?:[a-z0-9-]*)(?:\.[a-z0-9][a-z0-9-]*)*$/;
const PLAIN_RESOURCE = /^[A-Za-z0-9._+:=@/-]+$/;

function prepareLocal(part: string, whole: string): string {
  if (part === "") throw problem(whole, "localpart is empty (nothing stands before the @)");
  if (PLAIN_LOCAL.test(part)) return checkLength(part, "localpart", whole);
  // UsernameCaseMapped: width mapping, then case mapping, then NFC (RFC 8265 §3.3.1).
  const prepared = mapWidth(part).toLowerCase().normalize("NFC");
  if (LOCAL_EXCLUDED.test(prepared) || !IDENTIFIER.test(prepared) || hasCompatibilityForm(prepared)) {
    throw problem(whole, `localpart ${JSON.stringify(part)} has a character that is not allowed in it`);
  }
  return checkLength(prepared, "localpart", whole);
}

function prepareDomain(part: string, whole: string): string {
  if (part === "") throw problem(whole, "domainpart is empty");
  const withoutDot = part.endsWith(".") ? part.slice(0, -1) : part;
  if (PLAIN_DOMAIN.test(withoutDot)) return checkLength(withoutDot, "domainpart", whole);
  if (/^\[[0-9A-Fa-f:.]+\]$/.test(withoutDot)) return withoutDot.toLowerCase();
  // domainToASCII refuses what IDNA refuses by answering ""; it maps case and width itself.
  const ascii = /[\s/?#@:\\%[\]]/u.test(withoutDot) ? "" : domainToASCII(withoutDot);
  const prepared = ascii === "" ? "" : domainToUnicode(ascii);
  if (prepared === "") throw problem(whole, `domainpart ${JSON.stringify(part)} is no domain name`);
  return checkLength(prepared, "domainpart", whole);
}

function prepareResource(part: string, whole: string): string {
  if (part === "") throw problem(whole, "resourcepart is empty (nothing stands after the /)");
  if (PLAIN_RESOURCE.test(part)) return checkLength(part, "resourcepart", whole);
  // OpaqueString: other spaces become U+0020, then NFC; case is kept (RFC 8265 §4.2.1).
  const prepared = part.replace(/\p{Zs}/gu, " ").normalize("NFC");
  if (FREEFORM_FORBIDDEN.test(prepared)) {
    throw problem(whole, "resourcepart has a control or other character that is not allowed in it");
  }
  return checkLength(prepared, "resourcepart", whole);
}

function mapWidth(text: string): string {
  return text.replace(/[\uff01-\uffef\u3000]/gu, (character) => character.normalize("NFKC"));
}

function hasCompatibilityForm(text: string): boolean {
  return text.normalize("NFKC") !== text;
}

function checkLength(part: string, name: string, whole: string): string {
  if (part.length > MAX_PART_BYTES / 3 && Buffer.byteLength(part) > MAX_PART_BYTES) {
    throw problem(whole, `${name} is longer than ${MAX_PART_BYTES} bytes`);
  }
  return part;
}

function problem(whole: string, text: string): JidError {
  const shown = whole.length > 80 ? `${whole.slice(0, 80)}…` : whole;
  return new JidError(`${JSON.stringify(shown)} is not an address: ${text}`);
}
