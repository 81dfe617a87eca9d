// Accounts that a web application keeps in its database: verifiers of RFC 5803, looked up for each login.

import { DEFAULT_ITERATIONS, readVerifier, type Verifier, type VerifierStore, type Verifiers } from "./accounts.js";

/** The verifiers of one account as they are stored, `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`; one of them is enough. */
export interface StoredVerifiers {
  readonly scramSha1?: string | null;
  readonly scramSha256?: string | null;
}

/** Where accounts are looked up. */
export interface QueryAccountsOptions {
  /** Resolves with what is stored for a prepared localpart; undefined when there is no such account. */
  lookup(name: string): Promise<StoredVerifiers | undefined>;
  /** Makes unknown users look like known ones; it must stay the same over restarts. */
  readonly saltSecret: Uint8Array;
  /** The iteration count that unknown users show: that of the stored verifiers. Default 10 000. */
  readonly iterations?: number;
  /** Ends what `lookup` stands on. */
  close(): void;
}

/** Makes a store over a lookup. Nobody tells it of changes, so sessions of a removed account last until they end. */
export function createQueryAccounts(options: QueryAccountsOptions): VerifierStore {
  return {
    kind: "verifiers",
    saltSecret: options.saltSecret,
    iterations: options.iterations ?? DEFAULT_ITERATIONS,
    verifiers: async (name): Promise<Verifiers | undefined> => {
      const stored = await options.lookup(name);
      if (stored === undefined) return undefined;
      const sha1 = read("SCRAM-SHA-1", stored.scramSha1);
      const sha256 = read("SCRAM-SHA-256", stored.scramSha256);
      return { ...(sha1 && { "SCRAM-SHA-1": sha1 }), ...(sha256 && { "SCRAM-SHA-256": sha256 }) };
    },
    onChanged: () => () => undefined,
    close: () => options.close(),
  };
}

function read(mechanism: "SCRAM-SHA-1" | "SCRAM-SHA-256", text: string | null | undefined): Verifier | undefined {
  return text === undefined || text === null ? undefined : readVerifier(mechanism, text);
}
