// Accounts that a web application has: it is asked with name and password, and says yes or no.

import type { PasswordStore } from "./accounts.js";

/** Whom to ask. */
export interface HttpAccountsOptions {
  /** Gets a POST of `{"name": …, "password": …}` as JSON. 2xx lets in; 401 and 403 do not; all else is trouble. */
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
  return {
    kind: "passwords",
    checkPassword: async (name, password) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...options.headers },
        body: JSON.stringify({ name, password }),
        // A redirect would carry the password to who knows where.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (response.ok) return true;
      if (response.status === 401 || response.status === 403) return false;
      throw new Error(`${url.origin} answered ${response.status}`);
    },
    // The application tells of no changes.
    onChanged: () => () => undefined,
    close: () => undefined,
  };
}
