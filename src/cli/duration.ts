// Times on the command line: 500ms, 30s, 2m, 1h.

import { InvalidArgumentError, Option } from "commander";

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** The longest delay that a timer can hold. */
const MAX_TIMER_MS = 2_147_483_647;

/** The flag of every command that waits for an answer; in milliseconds. */
export function timeoutOption(): Option {
  return new Option("--timeout <time>", "how long to wait for the answer: 500ms, 30s, 2m")
    .argParser(parseDuration)
    .default(30_000, "30s");
}

/** The flag of `ask`: how long the question is open; in milliseconds. */
export function deadlineOption(): Option {
  return new Option("--deadline <time>", "how long the question is open: 30s, 10m, 2h")
    .argParser(parseDuration)
    .default(600_000, "10m");
}

/** The flag of `notify`: in milliseconds. */
export function expiresOption(): Option {
  return new Option("--expires <time>", "give up what could not be sent within this time: 30s, 10m, 2h")
    .argParser(parseDuration)
    .default(600_000, "10m");
}

/** Reads a time as milliseconds; a bare number is milliseconds. */
function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  // The expression allows no other unit than the keys of UNITS.
  const unit = (match?.[2] ?? "ms") as keyof typeof UNITS;
  const timeMs = Math.round(Number(match?.[1]) * UNITS[unit]);
  if (timeMs >= 1 && timeMs <= MAX_TIMER_MS) return timeMs;
  throw new InvalidArgumentError("a time such as 500ms, 30s or 2m expected");
}
