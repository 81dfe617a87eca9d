// Saved connections: how `call` works from any folder after a gateway was started once.

import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../message-of.js";
import { UsageError } from "./exit.js";

/** One saved connection. */
export interface Profile {
  /** `xmpp://host:port`; absent: looked up in DNS. */
  readonly service?: string | undefined;
  readonly jid: string;
  readonly password: string;
  /** The accounts file of the gateway that wrote this profile; absent in one that a person wrote. */
  readonly accounts?: string | undefined;
}

/** The profile that is used when none is named. */
export const DEFAULT_PROFILE = "default";

/** The folder of saved connections: JABBER_RPC_HOME, else jabber-rpc in the user's configuration folder. */
function configFolder(env: NodeJS.ProcessEnv): string {
  return env["JABBER_RPC_HOME"] ?? join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "jabber-rpc");
}

/** Reads a profile; undefined when there is none of that name. Throws {@link UsageError} for one that cannot be used. */
export function readProfile(name: string, env: NodeJS.ProcessEnv): Profile | undefined {
  const path = profilePath(name, env);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new UsageError(`profile ${name} cannot be read: ${messageOf(error)}`);
  }
  const profile = parseJson(text, path);
  if (isProfile(profile)) return profile;
  throw new UsageError(`${path}: expected {"service", "jid", "password"} as texts`);
}

/** Writes a profile that only its owner can read, in one step. */
export function writeProfile(name: string, profile: Profile, env: NodeJS.ProcessEnv): string {
  const path = profilePath(name, env);
  mkdirSync(configFolder(env), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
  return path;
}

function profilePath(name: string, env: NodeJS.ProcessEnv): string {
  if (/^[\w.-]+$/.test(name) && !name.startsWith(".")) return join(configFolder(env), `${name}.json`);
  throw new UsageError(`${JSON.stringify(name)} is no profile name: letters, digits, _ - and . expected`);
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== "object" || value === null || !("jid" in value) || !("password" in value)) return false;
  return Object.values(value).every((member) => typeof member === "string");
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
}
