// How many commands somebody gives in a minute: a program that answers our answers ends here.

/** Counts by name; the oldest names are forgotten first. */
export interface Pace {
  /** Counts one more. `last` for the first that is over the limit, which is worth a line in the log. */
  count(name: string): "fine" | "last" | "over";
}

const MINUTE_MS = 60_000;
/** More names are not remembered. */
const MAX_NAMES = 10_000;

/** Begins with nobody. */
export function createPace(perMinute: number, now: () => number): Pace {
  const counts = new Map<string, { since: number; count: number }>();
  return {
    count: (name) => {
      const at = now();
      let entry = counts.get(name);
      if (entry === undefined || at - entry.since >= MINUTE_MS) {
        counts.delete(name);
        const [oldest] = counts.keys();
        if (counts.size >= MAX_NAMES && oldest !== undefined) counts.delete(oldest);
        entry = { since: at, count: 0 };
        counts.set(name, entry);
      }
      entry.count += 1;
      return entry.count <= perMinute ? "fine" : entry.count === perMinute + 1 ? "last" : "over";
    },
  };
}
