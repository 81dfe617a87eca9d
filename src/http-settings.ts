// From a settings file to the HTTP doors and the forwarding rules: secrets are read here, each error with its line.

import { type ReadSettings, readSecret, type SecretSource } from "./config/index.js";
import { CredentialError, createCredentials, type HttpOptions } from "./http/index.js";
import { messageOf } from "./message-of.js";
import { AccessRuleError, compileForward, type ForwardRule } from "./rpc/index.js";
import { printKey, SettingsError } from "./settings-error.js";

/**
 * The HTTP doors of the settings; undefined without.
 *
 * @param secrets "skip" checks all but the secrets, which a machine that only checks need not have
 * @throws SettingsError
 */
export function readHttpSettings(read: ReadSettings, secrets: "read" | "skip" = "read"): HttpOptions | undefined {
  const { http } = read.settings;
  if (http === undefined) return undefined;
  const secret = (source: SecretSource, path: readonly (string | number)[]): string => {
    if (secrets === "skip") return "not read";
    try {
      return readSecret(source, read.folder, process.env);
    } catch (error) {
      throw problemAt(read, path, messageOf(error));
    }
  };
  const options: HttpOptions = {
    ...http,
    users: http.users.map(({ name, password, jid }, index) => ({
      name,
      password: secret(password, ["users", index, "password"]),
      jid,
    })),
    tokens: http.tokens.map(({ token, jid }, index) => ({ token: secret(token, ["tokens", index, "token"]), jid })),
  };
  try {
    createCredentials(options);
  } catch (error) {
    if (error instanceof CredentialError) throw problemAt(read, error.path, error.message);
    throw error;
  }
  return options;
}

/** The forwarding rules, each usable. Throws {@link SettingsError}. */
export function readForwardSettings({ settings, source }: ReadSettings): readonly ForwardRule[] {
  try {
    compileForward(settings.forward);
  } catch (error) {
    if (!(error instanceof AccessRuleError)) throw error;
    const problem = error.message.slice(`${error.path}: `.length);
    throw new SettingsError(source.file, [{ line: source.lineOf(["forward", error.index]), key: error.path, problem }]);
  }
  return settings.forward;
}

function problemAt({ source }: ReadSettings, path: readonly (string | number)[], problem: string): SettingsError {
  const whole = ["http", ...path];
  return new SettingsError(source.file, [{ line: source.lineOf(whole), key: printKey(whole), problem }]);
}
