// From a settings file to the mailbox: its address may be a secret, and its methods must be usable; each error with its line.

import { resolve } from "node:path";
import { type ReadSettings, readSecret } from "../config/index.js";
import { parseJid } from "../jid.js";
import { DatabaseProblem, servedMethodProblems, servedMethods } from "../mailbox/index.js";
import { messageOf } from "../message-of.js";
import { createMethodTable } from "../rpc/index.js";
import { printKey, SettingsError } from "../settings-error.js";
import type { MailboxOptions } from "./mailbox.js";

/**
 * The mailbox of the settings; undefined without.
 *
 * @param secrets "skip" checks all but the secret, which a machine that only checks need not have
 * @throws SettingsError
 */
export function readMailboxSettings(read: ReadSettings, secrets: "read" | "skip" = "read"): MailboxOptions | undefined {
  const { mailbox } = read.settings;
  if (mailbox === undefined) return undefined;
  const { url, keepDays, requester, methods } = mailbox;
  checkMethods(read, methods);
  return {
    url: at(read, ["url"], () => databaseUrlOf(read, url, secrets)),
    keepDays,
    methods,
    ...(requester === undefined ? {} : { requester: at(read, ["requester"], () => parseJid(requester).full) }),
  };
}

/** An error of the database of the settings, with its line; any other error as it is. */
export function withMailboxPlace({ source }: ReadSettings, error: unknown): unknown {
  if (!DatabaseProblem.is(error)) return error;
  const place = ["mailbox", "url"];
  return new SettingsError(source.file, [{ line: source.lineOf(place), key: printKey(place), problem: error.message }]);
}

function databaseUrlOf(
  { folder }: ReadSettings,
  url: string | Parameters<typeof readSecret>[0],
  secrets: string,
): string {
  if (typeof url !== "string" && secrets === "skip") return "not read";
  const text = typeof url === "string" ? url : readSecret(url, folder, process.env);
  const file = /^sqlite:(.*)$/.exec(text)?.[1];
  return file === undefined || file === ":memory:" ? text : `sqlite:${resolve(folder, file)}`;
}

function checkMethods(read: ReadSettings, methods: readonly unknown[]): void {
  const { source } = read;
  const problems = servedMethodProblems(methods).map(({ path, problem }) => {
    const whole = ["mailbox", "methods", ...path];
    return { line: source.lineOf(whole), key: printKey(whole), problem };
  });
  if (problems.length > 0) throw new SettingsError(source.file, problems);
  const table = createMethodTable();
  const unused = (): never => {
    throw new Error("a method that is only checked is not called");
  };
  for (const [index, method] of methods.entries()) {
    at(read, ["methods", index], () => table.add(servedMethods([method], unused, unused)));
  }
}

function at<T>({ source }: ReadSettings, path: readonly (string | number)[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    const whole = ["mailbox", ...path];
    throw new SettingsError(source.file, [
      { line: source.lineOf(whole), key: printKey(whole), problem: messageOf(error) },
    ]);
  }
}
