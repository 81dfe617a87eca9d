// What the project needs of a log; the CLI gives it pino, tests and library users may give anything of this form.

/** Facts of one event. Never a parameter's value or a secret below `debug`. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One method a level; `event` is a dotted name such as `call.done`. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A log that forgets everything: the default of the library. */
export const silentLogger: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});
