// Reads a settings file once: text, then shape, then the answers to every default. What is wrong is said for every key.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { messageOf } from "../message-of.js";
import { printKey, SettingsError, type SettingsProblem } from "../settings-error.js";
import { type Settings, settingsSchema } from "./settings-schema.js";
import { parseSettingsText, type SettingsSource } from "./settings-source.js";

/** Settings with where they came from. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly source: SettingsSource;
  /** Paths in the settings are relative to this folder. */
  readonly folder: string;
}

/** Reads and checks a settings file. Throws {@link SettingsError}. */
export function readSettings(file: string): ReadSettings {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const problem = `cannot be read: ${messageOf(error)}`;
    throw new SettingsError(file, [{ line: undefined, key: "", problem }]);
  }
  return checkSettings(parseSettingsText(file, text));
}

/** Checks parsed settings. Throws {@link SettingsError} with every problem at once. */
export function checkSettings(source: SettingsSource): ReadSettings {
  const checked = settingsSchema.safeParse(source.content);
  if (!checked.success) {
    const problems = checked.error.issues.flatMap((issue) => problemsOf(issue, source));
    throw new SettingsError(
      source.file,
      problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    );
  }
  return { settings: checked.data, source, folder: dirname(resolve(source.file)) };
}

function problemsOf(issue: z.core.$ZodIssue, source: SettingsSource): SettingsProblem[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const keyPath = [...path, key];
      return { line: source.lineOf(keyPath), key: printKey(keyPath), problem: `unknown key${didYouMean(key, path)}` };
    });
  }
  const value = path.reduce<unknown>((inner, step) => member(inner, step), source.content);
  const shown = value === undefined ? "missing" : `${show(value, path)} is not accepted`;
  return [{ line: source.lineOf(path), key: printKey(path), problem: `${shown}: ${expectationOf(issue.message)}` }];
}

/** What the schema library says by itself, in the words of all other errors; what a schema says is left as it is. */
function expectationOf(message: string): string {
  return message
    .replace(/^Invalid input: expected (.+), received .*$/s, "$1 expected")
    .replace(/^Invalid option: expected (.+)$/s, "$1 expected")
    .replace(/^Too (?:small|big): expected (\S+) to have >=?(.+)$/s, "$1 of at least $2 expected")
    .replace(/^Too (?:small|big): expected (\S+) to have <=?(.+)$/s, "$1 of at most $2 expected")
    .replace(/^Too (?:small|big): expected (\S+) to be (.+)$/s, "$1 $2 expected");
}

function member(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, step)?.value;
}

/** A value as an error may show it. What stands where a secret belongs is likely one, so it is never shown. */
function show(value: unknown, path: readonly (string | number)[]): string {
  if (path.some((step) => /password|secret|token|headers|^key$/i.test(String(step)))) return "what stands here";
  const text = JSON.stringify(value);
  // Addresses with a name and a password before the host, or with a password among their parameters.
  if (/:\/\/[^/]*@|password/i.test(text)) return "what stands here";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The keys that the schema knows at a place, for the text of an unknown one. */
function didYouMean(key: string, path: readonly (string | number)[]): string {
  if (path.length > 0) return "";
  const known = Object.keys(settingsSchema.shape);
  const near = known.find(
    (name) => name.toLowerCase() === key.toLowerCase() || name.startsWith(key) || key.startsWith(name),
  );
  return near === undefined ? `; expected one of ${known.join(", ")}` : `; did you mean ${near}?`;
}
