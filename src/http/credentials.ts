// Who a request is from: Basic (RFC 7617) and bearer (RFC 6750) credentials, each standing for one address.

import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Jid, parseJid } from "../jid.js";
import { messageOf } from "../message-of.js";
import type { Requester } from "../rpc/index.js";

/** A user and a password that stand for an address. */
export interface HttpUser {
  readonly name: string;
  readonly password: string;
  readonly jid: string;
}

/** A bearer token that stands for an address. */
export interface HttpToken {
  readonly token: string;
  readonly jid: string;
}

/** Who may log in. */
export interface CredentialOptions {
  readonly users?: readonly HttpUser[];
  readonly tokens?: readonly HttpToken[];
  /** The domains whose addresses may be stood for. */
  readonly domains?: readonly string[];
}

/** What an `Authorization` header says, unchecked; `name` is undefined for a token. */
export interface Claim {
  readonly name: string | undefined;
  readonly secret: string;
}

/** Credentials that can be checked. */
export interface Credentials {
  /** False: nobody can log in. */
  readonly any: boolean;
  /** Whom a claim is right for; undefined for nobody. */
  check(claim: Claim): Requester | undefined;
}

/** Which entry is unusable, and why: `users[1].jid: …`. */
export class CredentialError extends Error {
  override readonly name = "CredentialError";
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], problem: string) {
    super(problem);
    this.path = path;
  }
}

interface Entry {
  readonly digest: Buffer;
  readonly requester: Requester;
}

/**
 * Prepares credentials for checking. Secrets are kept as digests under a key of this process only.
 *
 * @throws CredentialError for an address that is none or not of the domains, a doubled name, an empty secret
 */
export function createCredentials(options: CredentialOptions): Credentials {
  const { users = [], tokens = [] } = options;
  const domains = new Set((options.domains ?? []).map((domain) => parseDomain(domain)));
  const key = randomBytes(32).toString("base64");
  const digestOf = (secret: string): Buffer => hash("sha256", key + secret, "buffer");
  const byName = new Map<string, Entry>();
  for (const [index, { name, password, jid }] of users.entries()) {
    if (name === "" || name.includes(":"))
      throw new CredentialError(["users", index, "name"], "a name without : expected");
    if (byName.has(name)) throw new CredentialError(["users", index, "name"], `there is a user ${name} already`);
    if (password === "") throw new CredentialError(["users", index, "password"], "the password is empty");
    byName.set(name, { digest: digestOf(password), requester: requesterOf(jid, domains, ["users", index, "jid"]) });
  }
  const byToken = tokens.map(({ token, jid }, index): Entry => {
    if (token === "") throw new CredentialError(["tokens", index, "token"], "the token is empty");
    return { digest: digestOf(token), requester: requesterOf(jid, domains, ["tokens", index, "jid"]) };
  });
  const nobody: Buffer = randomBytes(32);

  const userOf = (name: string, password: string): Requester | undefined => {
    const user = byName.get(name);
    // An unknown name costs the same comparison as a known one.
    return timingSafeEqual(digestOf(password), user?.digest ?? nobody) ? user?.requester : undefined;
  };

  const holderOf = (token: string): Requester | undefined => {
    const digest = digestOf(token);
    let holder: Requester | undefined;
    for (const entry of byToken) if (timingSafeEqual(digest, entry.digest)) holder = entry.requester;
    return holder;
  };

  return {
    any: byName.size > 0 || byToken.length > 0,
    check: ({ name, secret }) => (name === undefined ? holderOf(secret) : userOf(name, secret)),
  };
}

/** Reads an `Authorization` header; undefined for what is neither Basic nor bearer credentials. */
export function readAuthorization(header: string): Claim | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1];
  if (encoded !== undefined) {
    const text = Buffer.from(encoded, "base64").toString("utf8");
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
  }
  const token = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header)?.[1];
  return token === undefined ? undefined : { name: undefined, secret: token };
}

function parseDomain(text: string): string {
  try {
    const { full, domain } = parseJid(text);
    if (full === domain) return domain;
  } catch {
    // Told below, as for an address with more than a domain.
  }
  throw new CredentialError(["domains"], `${JSON.stringify(text)} is no domain`);
}

function requesterOf(text: string, domains: ReadonlySet<string>, path: readonly (string | number)[]): Requester {
  let jid: Jid;
  try {
    jid = parseJid(text);
  } catch (error) {
    throw new CredentialError(path, messageOf(error));
  }
  if (domains.has(jid.domain)) return Object.freeze({ jid });
  const listed = [...domains].join(", ");
  throw new CredentialError(
    path,
    `${jid.full} is not of the domains of the HTTP doors (${listed || "none are listed"})`,
  );
}
