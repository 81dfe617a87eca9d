// The first start of a stand-alone gateway: one account, and a saved connection with which `call` works from any folder.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AccountFile } from "../xmpp/index.js";
import { DEFAULT_PROFILE, type Profile, readProfile, writeProfile } from "./profile.js";

/** The account that is made, and the name of the saved connection when the default one is somebody else's. */
const FIRST_NAME = "me";
const OTHER_PROFILE = "local";
const PASSWORD_BYTES = 18;

/** A gateway whose accounts may need a first one. */
export interface FirstStart {
  readonly accounts: AccountFile;
  readonly accountsPath: string;
  readonly domain: string;
}

/** Makes an account where there is no file of accounts yet. Gives its password; undefined when there is a file, if empty. */
export async function makeFirstAccount({ accounts, accountsPath }: FirstStart): Promise<string | undefined> {
  if (existsSync(accountsPath)) return undefined;
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  await accounts.set(FIRST_NAME, password);
  return password;
}

/** What the saved connection of a start is called, and whether it was written now. */
export interface SavedConnection {
  /** The flag that names it; empty for the default one. */
  readonly flag: string;
  readonly path: string;
  readonly jid: string;
}

/**
 * Saves how to reach the gateway: anew after a first account was made, and with another port where an earlier start of
 * the same accounts file saved it. A connection that a person saved is left alone.
 */
export function saveConnection(
  { accountsPath, domain }: FirstStart,
  password: string | undefined,
  service: string,
  env: NodeJS.ProcessEnv,
): SavedConnection | undefined {
  const owner = resolve(accountsPath);
  for (const name of [DEFAULT_PROFILE, OTHER_PROFILE]) {
    const saved = tryRead(name, env);
    if (saved !== undefined && saved.accounts === undefined) continue;
    const known = saved?.accounts === owner ? saved.password : undefined;
    const profilePassword = password ?? known;
    if (profilePassword === undefined) continue;
    const jid = `${FIRST_NAME}@${domain}`;
    const path = writeProfile(name, { service, jid, password: profilePassword, accounts: owner }, env);
    return { flag: name === DEFAULT_PROFILE ? "" : ` --profile ${name}`, path, jid };
  }
  return undefined;
}

/** A profile that cannot be read is somebody's, so it is not overwritten. */
function tryRead(name: string, env: NodeJS.ProcessEnv): Profile | undefined {
  try {
    return readProfile(name, env);
  } catch {
    return { jid: "", password: "" };
  }
}
