// A log that a test can look into, and wait for.

import type { LogFields, Logger } from "../../src/index.js";

export interface RecordingLog extends Logger {
  /** Every line of a level above debug: `event key=value …`. */
  readonly lines: string[];
  /** The first line that matches, once there is one. */
  until(pattern: RegExp): Promise<string>;
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];
  const write = (event: string, fields: LogFields = {}): void => {
    const line = [event, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(" ");
    lines.push(line);
    for (const one of waiting.filter(({ pattern }) => pattern.test(line))) {
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(line);
    }
  };
  return {
    lines,
    debug: () => undefined,
    info: write,
    warn: write,
    error: write,
    until: (pattern) => {
      const line = lines.find((known) => pattern.test(known));
      if (line !== undefined) return Promise.resolve(line);
      return new Promise((resolve) => waiting.push({ pattern, resolve }));
    },
  };
}
