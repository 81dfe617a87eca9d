// The client's side of SCRAM without channel binding (RFC 5802; RFC 7677). Text in, text out: who carries it is not known here.

import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  DEFAULT_MIN_ITERATIONS,
  deriveScramKeys,
  hmac,
  prepareCredential,
  SCRAM_HASHES,
  ScramError,
  type ScramHash,
  type ScramMechanismName,
  xorBytes,
} from "../scram/keys.js";

/** "n,,": no channel binding, no other authorisation identity. */
const GS2_HEADER = "n,,";
/** A server that asks for more would keep a thread of ours busy for minutes. */
const MAX_ITERATIONS = 1_000_000;

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

/** One exchange: clientFirst, then clientFinal, then checkServerFinal, each once and in this order. */
export class ScramExchange {
  readonly #hash: ScramHash;
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
    const { clientKey, storedKey, serverKey } = await deriveScramKeys(this.#hash, this.#password, salt, iterations);
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString("base64")},r=${nonce}`;
    const authMessage = `${this.#clientFirstBare},${serverFirst},${withoutProof}`;

    const proof = xorBytes(clientKey, hmac(this.#hash, storedKey, authMessage));
    this.#serverSignature = hmac(this.#hash, serverKey, authMessage);
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
}
