// From a settings file to the mailbox: where its database is, which may be a secret.

import { resolve } from "node:path";
import { type ReadSettings, readSecret } from "../config/index.js";
import { messageOf } from "../message-of.js";
import { SettingsError } from "../settings-error.js";

/** What a gateway's mailbox is made of. */
export interface MailboxOptions {
  /** `sqlite:FILE`, which is made and migrated by itself; or `postgresql://…`, which `jabber-rpc mailbox migrate` prepares. */
  readonly url: string;
}

/** The mailbox of the settings; undefined without. Throws {@link SettingsError}. */
export function readMailboxSettings(read: ReadSettings): MailboxOptions | undefined {
  const { mailbox } = read.settings;
  return mailbox === undefined ? undefined : { url: databaseUrlOf(read, mailbox.url) };
}

function databaseUrlOf({ source, folder }: ReadSettings, url: string | { file: string } | { env: string }): string {
  try {
    return inFolder(folder, typeof url === "string" ? url : readSecret(url, folder, process.env));
  } catch (error) {
    throw new SettingsError(source.file, [
      { line: source.lineOf(["mailbox", "url"]), key: "mailbox.url", problem: messageOf(error) },
    ]);
  }
}

/** A file stands relative to the settings. */
function inFolder(folder: string, url: string): string {
  const file = /^sqlite:(.*)$/.exec(url)?.[1];
  return file === undefined || file === ":memory:" ? url : `sqlite:${resolve(folder, file)}`;
}
