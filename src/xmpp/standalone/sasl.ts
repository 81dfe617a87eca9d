// The server's side of SASL (RFC 6120 §6; RFC 5802; RFC 4616; RFC 4505). Messages in, messages out: who carries them is not known here.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { tryParseJid } from "../../jid.js";
import {
  digest,
  hmac,
  isScram,
  prepareCredential,
  SCRAM_HASHES,
  type ScramMechanismName,
  xorBytes,
} from "../scram/keys.js";
import { type AccountStore, fakeVerifier, fitsVerifier, type Verifier, type VerifierStore } from "./accounts.js";

/** Mechanisms we may offer, best first. */
export type SaslMechanismName = ScramMechanismName | "PLAIN" | "ANONYMOUS";

/** RFC 6120 §6.5: what is said of a failure. */
export type SaslCondition =
  | "aborted"
  | "encryption-required"
  | "incorrect-encoding"
  | "invalid-authzid"
  | "invalid-mechanism"
  | "malformed-request"
  | "not-authorized"
  | "temporary-auth-failure";

/** What follows a message of the client. */
export type SaslStep =
  | { readonly step: "challenge"; readonly message: string }
  | { readonly step: "success"; readonly name: string; readonly message: string | undefined }
  | { readonly step: "failure"; readonly condition: SaslCondition };

/** One authentication that runs. It takes messages one after the other, and never rejects but when the store does. */
export interface SaslExchange {
  /** Takes the client's message, or undefined when `<auth/>` brought none. */
  take(message: string | undefined): Promise<SaslStep>;
}

/** What an exchange needs to know. */
export interface SaslContext {
  readonly accounts: AccountStore;
  readonly domain: string;
  /** The server's part of a SCRAM nonce. */
  readonly nonce: () => string;
}

/** Begins an exchange. The mechanism must be one that was offered. */
export function beginSasl(mechanism: SaslMechanismName, context: SaslContext): SaslExchange {
  if (mechanism === "ANONYMOUS") return anonymousExchange();
  if (mechanism === "PLAIN") return plainExchange(context);
  const { accounts } = context;
  if (accounts.kind !== "verifiers") throw new Error("SCRAM was offered without verifiers");
  return new ScramServer(mechanism, accounts, context);
}

/** Printable, without a comma (RFC 5802 §5.1). */
export function createServerNonce(): string {
  return randomBytes(18).toString("base64");
}

const EMPTY_CHALLENGE: SaslStep = { step: "challenge", message: "" };

function failure(condition: SaslCondition): SaslStep {
  return { step: "failure", condition };
}

function anonymousExchange(): SaslExchange {
  return {
    // The client's message is trace information, which proves nothing (RFC 4505 §2).
    take: async () => ({ step: "success", name: `anonymous-${randomBytes(8).toString("hex")}`, message: undefined }),
  };
}

function plainExchange(context: SaslContext): SaslExchange {
  return {
    take: async (message) => {
      if (message === undefined) return EMPTY_CHALLENGE;
      const [authzid, authcid, password, ...more] = message.split("\0");
      if (authzid === undefined || !authcid || !password || more.length > 0) return failure("malformed-request");
      const name = accountName(authcid, context.domain);
      if (!isOwnAuthzid(authzid, name, context.domain)) return failure("invalid-authzid");
      const prepared = prepareOrUndefined(password, "password");
      if (prepared === undefined) return failure("not-authorized");
      const isRight = await checkPassword(context.accounts, name ?? `\0${authcid}`, prepared);
      return isRight && name !== undefined ? { step: "success", name, message: undefined } : failure("not-authorized");
    },
  };
}

async function checkPassword(accounts: AccountStore, name: string, password: string): Promise<boolean> {
  if (accounts.kind === "passwords") return !name.startsWith("\0") && accounts.checkPassword(name, password);
  const verifiers = await accounts.verifiers(name);
  const mechanism =
    verifiers !== undefined && verifiers["SCRAM-SHA-256"] === undefined ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
  return fitsVerifier(mechanism, verifiers?.[mechanism] ?? fakeVerifier(accounts, mechanism, name), password);
}

/** RFC 5802 §5, without channel binding: client-first, server-first, client-final, server-final. */
class ScramServer implements SaslExchange {
  readonly #mechanism: ScramMechanismName;
  readonly #store: VerifierStore;
  readonly #context: SaslContext;
  #begun: ScramBegun | undefined;

  constructor(mechanism: ScramMechanismName, store: VerifierStore, context: SaslContext) {
    this.#mechanism = mechanism;
    this.#store = store;
    this.#context = context;
  }

  async take(message: string | undefined): Promise<SaslStep> {
    if (this.#begun !== undefined) return this.#final(this.#begun, message ?? "");
    // RFC 6120 §6.4.2: SCRAM is client-first, so an absent initial response is asked for.
    return message === undefined ? EMPTY_CHALLENGE : this.#first(message);
  }

  async #first(message: string): Promise<SaslStep> {
    // "p=" would be channel binding, which is not offered; a leading m= is a mandatory extension: both fail here.
    const match = /^((?:n|y),(?:a=([^,]*))?,)(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/su.exec(message);
    const [, gs2Header = "", authzid, clientFirstBare = "", escapedName = "", clientNonce = ""] = match ?? [];
    const username = unescapeName(escapedName);
    const authorise = unescapeName(authzid ?? "");
    if (match === null || !username || authorise === undefined) return failure("malformed-request");
    const { domain, nonce } = this.#context;
    const name = accountName(username, domain);
    if (!isOwnAuthzid(authorise, name, domain)) return failure("invalid-authzid");
    const known = name === undefined ? undefined : (await this.#store.verifiers(name))?.[this.#mechanism];
    const verifier = known ?? fakeVerifier(this.#store, this.#mechanism, name ?? username);
    const fullNonce = clientNonce + nonce();
    const salt = Buffer.from(verifier.salt).toString("base64");
    const serverFirst = `r=${fullNonce},s=${salt},i=${verifier.iterations}`;
    this.#begun = {
      name: known === undefined ? undefined : name,
      verifier,
      gs2Header,
      clientFirstBare,
      serverFirst,
      fullNonce,
    };
    return { step: "challenge", message: serverFirst };
  }

  async #final(begun: ScramBegun, message: string): Promise<SaslStep> {
    const match = /^(c=([A-Za-z0-9+/]+={0,2}),r=([^,]+)(?:,.*)?),p=([A-Za-z0-9+/]+={0,2})$/su.exec(message);
    const [, withoutProof = "", binding = "", nonce = "", proofText = ""] = match ?? [];
    if (match === null) return failure("malformed-request");
    const hash = SCRAM_HASHES[this.#mechanism];
    const { storedKey, serverKey } = begun.verifier;
    const authMessage = `${begun.clientFirstBare},${begun.serverFirst},${withoutProof}`;
    const proof = Buffer.from(proofText, "base64");
    const isRight =
      binding === Buffer.from(begun.gs2Header).toString("base64") &&
      nonce === begun.fullNonce &&
      proof.length === storedKey.length &&
      timingSafeEqual(digest(hash, xorBytes(proof, hmac(hash, storedKey, authMessage))), storedKey);
    if (!isRight || begun.name === undefined) return failure("not-authorized");
    // The account may have been removed, or have got another password, while the client took its time.
    const now = (await this.#store.verifiers(begun.name))?.[this.#mechanism];
    if (now === undefined || !timingSafeEqual(now.storedKey, storedKey)) return failure("not-authorized");
    const signature = hmac(hash, serverKey, authMessage).toString("base64");
    return { step: "success", name: begun.name, message: `v=${signature}` };
  }
}

/** What server-first was made of; without a name the account does not exist, which shows only at the end. */
interface ScramBegun {
  readonly name: string | undefined;
  readonly verifier: Verifier;
  readonly gs2Header: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly fullNonce: string;
}

/** Undefined when an `=` stands for nothing (RFC 5802 §5.1). */
function unescapeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** The account that a user name means: its prepared localpart. Undefined when it cannot be one. */
export function accountName(username: string, domain: string): string | undefined {
  const prepared = prepareOrUndefined(username, "user name");
  if (prepared === undefined || /[@/]/.test(prepared)) return undefined;
  return tryParseJid(`${prepared}@${domain}`)?.local;
}

/** RFC 6120 §6.3.8: empty, or the bare JID of the account itself. */
function isOwnAuthzid(authzid: string, name: string | undefined, domain: string): boolean {
  if (authzid === "") return true;
  const jid = tryParseJid(authzid);
  return jid !== undefined && jid.resource === "" && name !== undefined && jid.bare === `${name}@${domain}`;
}

function prepareOrUndefined(text: string, what: "user name" | "password"): string | undefined {
  try {
    return prepareCredential(text, what);
  } catch {
    return undefined;
  }
}

/** The text of a base64 message; undefined when it is not base64 of UTF-8 (RFC 6120 §6.5.5). A lone `=` is an empty message. */
export function decodeSaslMessage(text: string): string | undefined {
  if (text === "=") return "";
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  const decoded = bytes.toString("utf8");
  return Buffer.from(decoded, "utf8").equals(bytes) ? decoded : undefined;
}

export function isSaslMechanism(name: string): name is SaslMechanismName {
  return isScram(name) || name === "PLAIN" || name === "ANONYMOUS";
}
