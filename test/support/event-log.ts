// A log whose events a test can wait for.
import { EventEmitter, on } from "node:events";
import type { LogFields, Logger } from "../../src/index.js";

export interface LoggedEvent {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

export interface EventLog extends Logger {
  readonly events: readonly LoggedEvent[];
  /** The first event of that name with those fields after the first `from` events, which is there or is to come. */
  until(event: string, fields?: LogFields, from?: number): Promise<LoggedEvent>;
}

export function createEventLog(): EventLog {
  const events: LoggedEvent[] = [];
  const arrivals = new EventEmitter();
  arrivals.setMaxListeners(100);
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      events.push({ level, event, fields });
      arrivals.emit("event");
    };
  const find = (event: string, fields: LogFields, from: number) =>
    events
      .slice(from)
      .find(
        (one) => one.event === event && Object.entries(fields).every(([name, value]) => one.fields[name] === value),
      );
  return {
    events,
    until: async (event, fields = {}, from = 0) => {
      const there = find(event, fields, from);
      if (there !== undefined) return there;
      for await (const _ of on(arrivals, "event")) {
        const found = find(event, fields, from);
        if (found !== undefined) return found;
      }
      throw new Error("no more events");
    },
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}
