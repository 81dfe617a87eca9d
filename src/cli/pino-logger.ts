// The log of the command line: JSON lines by pino, or key=value on a terminal.

import { type DestinationStream, type Level, pino } from "pino";
import type { LogFields, Logger } from "../observe/index.js";
import { printable } from "./printable.js";

/** How the log is written. */
export interface PinoLoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
  /** Takes each finished line, with its line end. */
  write(line: string): void;
}

/** Makes a logger on pino. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  const write = options.format === "json" ? options.write : (line: string) => options.write(toText(line));
  const destination: DestinationStream = { write };
  const log = pino(
    {
      level: options.level,
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const at = (level: Level) => (event: string, fields?: LogFields) => log[level](fields ?? {}, event);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** `12:00:00.000 info  call.done method=examples.getStateName ms=2` */
function toText(line: string): string {
  const { level, time, event, ...fields }: Record<string, unknown> = JSON.parse(line);
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${quoteIfNeeded(String(value))}`);
  return `${[String(time).slice(11, 23), String(level).padEnd(5), String(event), ...pairs].join(" ")}\n`;
}

function quoteIfNeeded(text: string): string {
  return /^[^\s"=\p{Cc}\p{Cf}]+$/u.test(text) ? text : printable(JSON.stringify(text));
}
