// Secrets stand in a file or in the environment, never in the settings themselves.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../message-of.js";

/** Where a secret is read from: a file relative to the settings file, or an environment variable. */
export type SecretSource = { readonly file: string } | { readonly env: string };

/**
 * Reads a secret. One line end at the end of a file does not belong to it.
 *
 * @throws Error that names the file or variable, never the secret
 */
export function readSecret(source: SecretSource, folder: string, env: NodeJS.ProcessEnv): string {
  if ("env" in source) {
    const value = env[source.env];
    if (value === undefined || value === "") throw new Error(`the environment variable ${source.env} is not set`);
    return value;
  }
  const path = resolve(folder, source.file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`the secret file ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "") throw new Error(`the secret file ${path} is empty`);
  return secret;
}
