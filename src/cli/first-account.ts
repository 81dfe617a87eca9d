// The first start of a stand-alone gateway: one account, and a saved connection with which `call` works from any folder.

import { createHash, randomBytes } from "node:crypto";
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

/** What the saved connection of a start is called. */
export interface SavedConnection {
  /** The flag that names it; empty for the default one. */
  readonly flag: string;
  readonly path: string;
  readonly jid: string;
  /** Whether the account was made now, because there was no file of accounts; an empty one counts as a file. */
  readonly isNew: boolean;
}

/**
 * Saves how to reach the gateway, and makes the account that logs in so where there are no accounts yet. A later start of
 * the same accounts file saves the new port; undefined when nobody saved its password. A connection that a person saved
 * is left alone. Throws when it cannot be saved; then no account was made.
 */
export async function saveConnection(
  { accounts, accountsPath, domain }: FirstStart,
  service: string,
  env: NodeJS.ProcessEnv,
): Promise<SavedConnection | undefined> {
  const owner = resolve(accountsPath);
  const ownProfile = `gateway-${createHash("sha256").update(owner).digest("hex").slice(0, 8)}`;
  const isNew = !existsSync(accountsPath);
  const names = [DEFAULT_PROFILE, OTHER_PROFILE, ownProfile];
  const password = isNew
    ? randomBytes(PASSWORD_BYTES).toString("base64url")
    : names.map((name) => tryRead(name, env)).find((saved) => saved?.accounts === owner)?.password;
  if (password === undefined) return undefined;
  const profile: Profile = { service, jid: `${FIRST_NAME}@${domain}`, password, accounts: owner };
  // The others go to whichever gateway started last, so each gateway keeps one of its own.
  let path = writeProfile(ownProfile, profile, env);
  const free = [DEFAULT_PROFILE, OTHER_PROFILE].find((name) => !isPersons(tryRead(name, env)));
  if (free !== undefined) path = writeProfile(free, profile, env);
  if (isNew) await accounts.set(FIRST_NAME, password);
  return { flag: free === DEFAULT_PROFILE ? "" : ` --profile ${free ?? ownProfile}`, path, jid: profile.jid, isNew };
}

function isPersons(saved: Profile | undefined): boolean {
  return saved !== undefined && saved.accounts === undefined;
}

/** A profile that cannot be read is somebody's, so it is not overwritten. */
function tryRead(name: string, env: NodeJS.ProcessEnv): Profile | undefined {
  try {
    return readProfile(name, env);
  } catch {
    return { jid: "", password: "" };
  }
}
