// The arithmetic that both sides of SCRAM share (RFC 5802 §3; RFC 7677), and the preparation of credentials (RFC 4013).

import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const deriveKey = promisify(pbkdf2);
const load = createRequire(import.meta.url);

/** The hash functions we offer, by the name of their SASL mechanism. */
export const SCRAM_HASHES = { "SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1" } as const;

/** A SASL mechanism of the SCRAM family. */
export type ScramMechanismName = keyof typeof SCRAM_HASHES;

/** A hash function of SCRAM, as node:crypto names it. */
export type ScramHash = (typeof SCRAM_HASHES)[ScramMechanismName];

/** How long every key and proof of a hash is. */
export const KEY_BYTES: Readonly<Record<ScramHash, number>> = Object.freeze({ sha1: 20, sha256: 32 });

/** RFC 5802 §5.1 recommends at least this many; fewer make an eavesdropper's dictionary attack cheap. */
export const DEFAULT_MIN_ITERATIONS = 4_096;

/** The exchange cannot go on; the message is safe to show, it never holds a secret. */
export class ScramError extends Error {
  override readonly name = "ScramError";
}

/** True for a SCRAM mechanism: the password never crosses the wire, so it may run in clear on loopback. */
export function isScram(name: string): name is ScramMechanismName {
  return Object.hasOwn(SCRAM_HASHES, name);
}

/** Prepares a user name or password (RFC 4013). Throws {@link ScramError} for prohibited characters. */
export function prepareCredential(text: string, what: "user name" | "password"): string {
  // RFC 4013 §2 maps, normalises and prohibits nothing of these; the tables for all others take their time to load.
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  try {
    // What the package's own declarations say that it exports.
    const { saslprep } = load("@mongodb-js/saslprep") as typeof import("@mongodb-js/saslprep");
    // Unassigned code points are allowed in queries (RFC 3454 §7): the stored side decided what it accepts.
    const prepared = saslprep(text, { allowUnassigned: true });
    if (prepared !== "") return prepared;
  } catch {
    // The library's message quotes nothing useful, and must not quote the password.
  }
  throw new ScramError(`the ${what} is empty or holds characters that SASLprep prohibits (RFC 4013)`);
}

/** What a password becomes under one salt (RFC 5802 §3). */
export interface ScramKeys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Derives the keys of a prepared password; the costly part runs outside this thread. */
export async function deriveScramKeys(
  hash: ScramHash,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramKeys> {
  const salted = await deriveKey(password, salt, iterations, KEY_BYTES[hash], hash);
  const clientKey = hmac(hash, salted, "Client Key");
  return { clientKey, storedKey: digest(hash, clientKey), serverKey: hmac(hash, salted, "Server Key") };
}

export function hmac(hash: ScramHash, key: Uint8Array, text: string): Buffer {
  return createHmac(hash, key).update(text).digest();
}

export function digest(hash: ScramHash, bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest();
}

/** Byte by byte exclusive or; both have the same length. */
export function xorBytes(left: Uint8Array, right: Uint8Array): Buffer {
  const result = Buffer.from(left);
  for (const [index, byte] of right.entries()) result[index] = (result[index] ?? 0) ^ byte;
  return result;
}
