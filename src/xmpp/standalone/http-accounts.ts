// Accounts that a web application has: it is asked with name and password, and says yes or no.

import { tryParseJid } from "../../jid.js";
import { isXmlText } from "../../xml/index.js";
import type { Contact, PasswordStore } from "./accounts.js";

/** Whom to ask. */
export interface HttpAccountsOptions {
  /**
   * Gets a POST of `{"name": …, "password": …}` as JSON. 2xx lets in; 401 and 403 do not; all else is trouble. The answer
   * that lets in may hold JSON: `{"contacts": [{"jid": …, "name": …}]}` is then added to the account's contact list.
   */
  readonly url: string;
  /** Sent along, such as an Authorization of the gateway's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** Accounts behind a URL. Passwords go there, so off loopback it has to be https. Throws when it is not. */
export function createHttpAccounts(options: HttpAccountsOptions): PasswordStore {
  const url = new URL(options.url);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) {
    throw new Error(`accounts ${url.origin}: passwords go there, so expected https, or http on loopback`);
  }
  const { timeoutMs = 5_000 } = options;
  const contacts = new Map<string, readonly Contact[]>();
  return {
    kind: "passwords",
    contacts: (name) => contacts.get(name) ?? [],
    checkPassword: async (name, password) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...options.headers },
        body: JSON.stringify({ name, password }),
        // A redirect would carry the password to who knows where.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) {
        contacts.delete(name);
        if (contacts.size >= MAX_REMEMBERED) contacts.clear();
        contacts.set(name, readContacts(await readText(response)));
        return true;
      }
      await response.body?.cancel();
      if (response.status === 401 || response.status === 403) return false;
      throw new Error(`${url.origin} answered ${response.status}`);
    },
    // The application tells of no changes.
    onChanged: () => () => undefined,
    close: () => undefined,
  };
}

/** Contacts of more accounts than these are not remembered; they come back with the next login. */
const MAX_REMEMBERED = 10_000;
const MAX_CONTACTS = 1_000;
const MAX_ANSWER_BYTES = 262_144;

/** The answer as text; empty when it is longer than any contact list. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) return "";
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** The contacts that an answer names; what is no contact is left out, and so is an answer that is something else. */
function readContacts(text: string): readonly Contact[] {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return [];
  }
  const listed: unknown = typeof answer === "object" && answer !== null && "contacts" in answer ? answer.contacts : [];
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, MAX_CONTACTS).flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("jid" in entry) || typeof entry.jid !== "string") return [];
    const jid = tryParseJid(entry.jid);
    if (jid === undefined) return [];
    const isNamed = "name" in entry && typeof entry.name === "string" && isXmlText(entry.name);
    return isNamed ? { jid: jid.bare, name: String(entry.name) } : { jid: jid.bare };
  });
}
