// Who may log in to the stand-alone endpoint: the interface behind which accounts are kept, and verifiers of passwords (RFC 5803).

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveScramKeys, KEY_BYTES, prepareCredential, SCRAM_HASHES, type ScramMechanismName } from "../scram/keys.js";

/** What is kept instead of a password, for one hash function (RFC 5802 §3). */
export interface Verifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** The verifiers of one account, by mechanism. */
export type Verifiers = { readonly [Mechanism in ScramMechanismName]?: Verifier };

/** Accounts whose verifiers are known here: SCRAM, and PLAIN under TLS. */
export interface VerifierStore {
  readonly kind: "verifiers";
  /** Decides what an unknown user's exchange looks like. It must survive a restart, or a new salt gives the user away. */
  readonly saltSecret: Uint8Array;
  /** The iteration count that most accounts have; unknown users show it too. */
  readonly iterations: number;
  /** The verifiers of a prepared localpart; undefined when there is no such account. */
  verifiers(name: string): Promise<Verifiers | undefined>;
  /** Calls when an account was removed or its password changed; the returned function ends that. */
  onChanged(listener: (name: string) => void): () => void;
  /** Stops watching. */
  close(): void;
}

/** One entry of a contact list (RFC 6121 §2.1.2). */
export interface Contact {
  /** A bare address. */
  readonly jid: string;
  readonly name?: string;
}

/** Accounts that somebody else checks: PLAIN only. */
export interface PasswordStore {
  readonly kind: "passwords";
  /** Rejects when the answer is not known now (`temporary-auth-failure`). */
  checkPassword(name: string, password: string): Promise<boolean>;
  /** Further contacts of an account that has logged in: beside the gateway, on its contact list. */
  contacts?(name: string): readonly Contact[];
  onChanged(listener: (name: string) => void): () => void;
  close(): void;
}

/** Where accounts are kept. */
export type AccountStore = VerifierStore | PasswordStore;

/** The iteration count of new verifiers. */
export const DEFAULT_ITERATIONS = 10_000;
const SALT_BYTES = 16;

/** Makes the verifiers of a new password. Throws `ScramError` when SASLprep prohibits it. */
export async function createVerifiers(password: string, iterations: number = DEFAULT_ITERATIONS): Promise<Verifiers> {
  const prepared = prepareCredential(password, "password");
  const make = async (mechanism: ScramMechanismName): Promise<Verifier> => {
    const salt = randomBytes(SALT_BYTES);
    const { storedKey, serverKey } = await deriveScramKeys(SCRAM_HASHES[mechanism], prepared, salt, iterations);
    return { iterations, salt, storedKey, serverKey };
  };
  const [sha1, sha256] = await Promise.all([make("SCRAM-SHA-1"), make("SCRAM-SHA-256")]);
  return { "SCRAM-SHA-1": sha1, "SCRAM-SHA-256": sha256 };
}

/** RFC 5803 §3: `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`. */
export function writeVerifier(mechanism: ScramMechanismName, verifier: Verifier): string {
  const [salt, stored, server] = [verifier.salt, verifier.storedKey, verifier.serverKey].map(base64);
  return `${mechanism}$${verifier.iterations}:${salt}$${stored}:${server}`;
}

/** Reads what {@link writeVerifier} wrote. Throws with a text that says what is wrong and quotes nothing. */
export function readVerifier(mechanism: ScramMechanismName, text: string): Verifier {
  const match = /^([A-Z0-9-]+)\$([1-9][0-9]{0,6}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(text);
  const [, scheme, iterations = "", salt = "", stored = "", server = ""] = match ?? [];
  if (scheme !== mechanism) throw new Error(`expected ${mechanism}$iterations:salt$StoredKey:ServerKey (RFC 5803)`);
  const verifier = {
    iterations: Number(iterations),
    salt: Buffer.from(salt, "base64"),
    storedKey: Buffer.from(stored, "base64"),
    serverKey: Buffer.from(server, "base64"),
  };
  const bytes = KEY_BYTES[SCRAM_HASHES[mechanism]];
  if (verifier.storedKey.length !== bytes || verifier.serverKey.length !== bytes) {
    throw new Error(`the keys of ${mechanism} have ${bytes} bytes`);
  }
  return verifier;
}

/** What an unknown user's exchange is made of: the same for the same name, and no password fits it. */
export function fakeVerifier(store: VerifierStore, mechanism: ScramMechanismName, name: string): Verifier {
  const bytes = KEY_BYTES[SCRAM_HASHES[mechanism]];
  const salt = createHmac("sha256", store.saltSecret).update(`${mechanism}:${name}`).digest().subarray(0, SALT_BYTES);
  return { iterations: store.iterations, salt, storedKey: randomBytes(bytes), serverKey: randomBytes(bytes) };
}

/** Whether a password fits a verifier; takes the same time either way. */
export async function fitsVerifier(
  mechanism: ScramMechanismName,
  verifier: Verifier,
  password: string,
): Promise<boolean> {
  const { salt, iterations } = verifier;
  const { storedKey } = await deriveScramKeys(SCRAM_HASHES[mechanism], password, salt, iterations);
  return timingSafeEqual(storedKey, verifier.storedKey);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
