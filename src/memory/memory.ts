// What was seen already, so that nothing is done twice: short texts by name and key. The mailbox keeps it in its database.

/** Remembers texts under keys, apart for every name. */
export interface Memory {
  /** What is remembered under those keys; those that are not are absent. */
  find(name: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Remembers, or replaces. It is kept when the promise resolves. */
  put(name: string, key: string, value: string): Promise<void>;
  /**
   * Forgets the oldest of a name beyond `keep`.
   *
   * @param needed keys that count as new, whatever their age
   */
  prune(name: string, keep: number, needed: readonly string[]): Promise<void>;
}

/** A memory that ends with the process. */
export function createProcessMemory(): Memory {
  const names = new Map<string, Map<string, string>>();
  const entriesOf = (name: string): Map<string, string> => {
    const entries = names.get(name) ?? new Map<string, string>();
    names.set(name, entries);
    return entries;
  };
  const renew = (entries: Map<string, string>, key: string, value: string): void => {
    // A map keeps the order in which its keys were set first.
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    find: async (name, keys) => {
      const found = new Map<string, string>();
      for (const key of keys) {
        const value = names.get(name)?.get(key);
        if (value !== undefined) found.set(key, value);
      }
      return found;
    },
    put: async (name, key, value) => renew(entriesOf(name), key, value),
    prune: async (name, keep, needed) => {
      const entries = entriesOf(name);
      if (entries.size <= keep) return;
      for (const key of needed) {
        const value = entries.get(key);
        if (value !== undefined) renew(entries, key, value);
      }
      for (const key of entries.keys()) {
        if (entries.size <= keep) return;
        entries.delete(key);
      }
    },
  };
}
