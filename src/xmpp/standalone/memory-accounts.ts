// Accounts that live in the process: for tests, demonstrations and programs that bring their own.

import { randomBytes } from "node:crypto";
import { createVerifiers, DEFAULT_ITERATIONS, type VerifierStore, type Verifiers } from "./accounts.js";

/** Accounts in memory that can be changed while they are used. */
export interface MemoryAccounts extends VerifierStore {
  /** Adds an account, or gives it another password. The name is a prepared localpart. */
  set(name: string, password: string): Promise<void>;
  remove(name: string): boolean;
}

/** Makes an empty store. */
export function createMemoryAccounts(options: { readonly iterations?: number } = {}): MemoryAccounts {
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const users = new Map<string, Verifiers>();
  const listeners = new Set<(name: string) => void>();
  const changed = (name: string): void => {
    for (const listener of listeners) listener(name);
  };
  return {
    kind: "verifiers",
    iterations,
    saltSecret: randomBytes(32),
    verifiers: async (name) => users.get(name),
    onChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
    set: async (name, password) => {
      const isKnown = users.has(name);
      users.set(name, await createVerifiers(password, iterations));
      if (isKnown) changed(name);
    },
    remove: (name) => {
      const wasKnown = users.delete(name);
      if (wasKnown) changed(name);
      return wasKnown;
    },
  };
}
