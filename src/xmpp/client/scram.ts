// The client's side of SCRAM without channel binding (RFC 5802; RFC 7677). Text in, text out: who carries it is not known here.

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { saslprep } from "@mongodb-js/saslprep";

const deriveKey = promisify(pbkdf2);

/** The hash functions we offer, by the name of their SASL mechanism. */
export const SCRAM_HASHES = { "SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1" } as const;

/** A SASL mechanism of the SCRAM family. */
export type ScramMechanismName = keyof typeof SCRAM_HASHES;

/** "n,,": no channel binding, no other authorisation identity. */
const GS2_HEADER = "n,,";
const KEY_BYTES = { sha1: 20, sha256: 32 } as const;
/** A server that asks for more would keep a thread of ours busy for minutes. */
const MAX_ITERATIONS = 1_000_000;
/** RFC 5802 §5.1 recommends at least this many; fewer make an eavesdropper's dictionary attack cheap. */
export const DEFAULT_MIN_ITERATIONS = 4_096;

/** The exchange cannot go on; the message is safe to show, it never holds a secret. */
export class ScramError extends Error {
  override readonly name = "ScramError";
}

/** What a {@link ScramExchange} starts from. */
export interface ScramOptions {
  readonly mechanism: ScramMechanismName;
  readonly username: string;
  readonly password: string;
  /** Lower bound for the server's iteration count; default 4096. */
  readonly minIterations?: number;
  /** The client's nonce; only the test vectors give one. */
  readonly nonce?: string;
}

/** Prepares a user name or password (RFC 4013). Throws {@link ScramError} for prohibited characters. */
export function prepareCredential(text: string, what: "user name" | "password"): string {
  try {
    // Unassigned code points are allowed in queries (RFC 3454 §7): the stored side decided what it accepts.
    const prepared = saslprep(text, { allowUnassigned: true });
    if (prepared !== "") return prepared;
  } catch {
    // The library's message quotes nothing useful, and must not quote the password.
  }
  throw new ScramError(`the ${what} is empty or holds characters that SASLprep prohibits (RFC 4013)`);
}

/** One exchange: clientFirst, then clientFinal, then checkServerFinal, each once and in this order. */
export class ScramExchange {
  readonly #hash: "sha1" | "sha256";
  readonly #password: string;
  readonly #minIterations: number;
  readonly #nonce: string;
  readonly #clientFirstBare: string;
  #step: "first" | "final" | "check" | "done" = "first";
  #serverSignature: Buffer | undefined;

  /** Throws {@link ScramError} when the credentials cannot be prepared. */
  constructor(options: ScramOptions) {
    this.#hash = SCRAM_HASHES[options.mechanism];
    this.#password = prepareCredential(options.password, "password");
    this.#minIterations = options.minIterations ?? DEFAULT_MIN_ITERATIONS;
    this.#nonce = options.nonce ?? randomBytes(24).toString("base64");
    const name = prepareCredential(options.username, "user name").replaceAll("=", "=3D").replaceAll(",", "=2C");
    this.#clientFirstBare = `n=${name},r=${this.#nonce}`;
  }

  /** True once the server has proved that it knows the password's verifier. */
  get isServerVerified(): boolean {
    return this.#step === "done";
  }

  clientFirst(): string {
    this.#advance("first", "final");
    return GS2_HEADER + this.#clientFirstBare;
  }

  /** Answers server-first. Rejects with {@link ScramError} when the server's message is not what RFC 5802 §5 asks. */
  async clientFinal(serverFirst: string): Promise<string> {
    this.#advance("final", "check");
    const { nonce, salt, iterations } = this.#readServerFirst(serverFirst);
    const saltedPassword = await deriveKey(this.#password, salt, iterations, KEY_BYTES[this.#hash], this.#hash);
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString("base64")},r=${nonce}`;
    const authMessage = `${this.#clientFirstBare},${serverFirst},${withoutProof}`;

    const clientKey = this.#hmac(saltedPassword, "Client Key");
    const storedKey = createHash(this.#hash).update(clientKey).digest();
    const clientSignature = this.#hmac(storedKey, authMessage);
    const proof = Buffer.alloc(clientKey.length);
    for (const [index, byte] of clientKey.entries()) proof[index] = byte ^ (clientSignature[index] ?? 0);

    this.#serverSignature = this.#hmac(this.#hmac(saltedPassword, "Server Key"), authMessage);
    return `${withoutProof},p=${proof.toString("base64")}`;
  }

  /** Throws {@link ScramError} unless server-final holds the signature that only a server with our verifier can make. */
  checkServerFinal(serverFinal: string): void {
    this.#advance("check", "done");
    const signature = /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(serverFinal)?.[1];
    const given = Buffer.from(signature ?? "", "base64");
    const expected = this.#serverSignature;
    if (expected === undefined || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      this.#step = "check";
      throw new ScramError(
        "the server could not prove that it knows the password (its SCRAM signature is missing or wrong)",
      );
    }
  }

  #readServerFirst(message: string): { nonce: string; salt: Buffer; iterations: number } {
    // A leading m= would be a mandatory extension: RFC 5802 §5.1 asks to fail then, and so does the pattern.
    const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,9})(?:,|$)/.exec(message);
    const [, nonce = "", salt = "", count = ""] = match ?? [];
    if (match === null) throw new ScramError("the server's first SCRAM message is malformed");
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw new ScramError("the server's SCRAM nonce does not extend ours");
    }
    const iterations = Number(count);
    if (iterations < this.#minIterations || iterations > MAX_ITERATIONS) {
      throw new ScramError(
        `the server asks for ${iterations} SCRAM iterations, expected ${this.#minIterations} to ${MAX_ITERATIONS}`,
      );
    }
    return { nonce, salt: Buffer.from(salt, "base64"), iterations };
  }

  #advance(from: "first" | "final" | "check", to: "final" | "check" | "done"): void {
    if (this.#step !== from) throw new ScramError("the server's SCRAM messages came in a wrong order");
    this.#step = to;
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest();
  }
}
