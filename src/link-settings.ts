// From a settings file to a link: secrets, certificates and accounts are read here, each error with its line.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type LinkSettings, type ReadSettings, readSecret, yamlFormat } from "./config/index.js";
import { parseJid } from "./jid.js";
import { messageOf } from "./message-of.js";
import type { Logger } from "./observe/index.js";
import { SettingsError } from "./settings-error.js";
import { openSqlLookup } from "./sql-lookup.js";
import {
  type AccountFile,
  type AccountStore,
  type ClientLinkOptions,
  createComponentLink,
  createHttpAccounts,
  createMemoryNetwork,
  createQueryAccounts,
  createStandaloneLink,
  type Link,
  openAccountFile,
  type PasswordStore,
  type StandaloneLink,
  type VerifierStore,
} from "./xmpp/index.js";

/** The settings of one mode. */
export type SettingsOf<Mode extends LinkSettings["mode"]> = Extract<LinkSettings, { readonly mode: Mode }>;

type SqlAccountsSettings = Extract<SettingsOf<"standalone">["accounts"], { readonly sql: unknown }>["sql"];

/** Makes the link of client, component or memory mode. Throws {@link SettingsError}. */
export function createLinkFromSettings(
  read: ReadSettings,
  link: SettingsOf<"client" | "component" | "memory">,
  log: Logger,
): Link | ClientLinkOptions {
  const jid = at(read, "jid", () => parseJid(link.jid).full);
  if (link.mode === "memory") return createMemoryNetwork().link(jid);
  if (link.mode === "component") return createComponentFromSettings(read, link, log);
  const ca = link.tls?.ca;
  return {
    jid,
    password: at(read, "password", () => readSecret(link.password, read.folder, process.env)),
    allowPlaintext: link.allowPlaintext,
    ...(link.service === undefined ? {} : { service: link.service }),
    ...(link.tls === undefined
      ? {}
      : {
          tls: {
            insecure: link.tls.insecure,
            ...(ca === undefined ? {} : { ca: at(read, "tls", () => readFileSync(resolve(read.folder, ca), "utf8")) }),
          },
        }),
  };
}

function createComponentFromSettings(read: ReadSettings, link: SettingsOf<"component">, log: Logger): Link {
  const { jid, service, insecure, serverDomain, replicas, tls } = link;
  const { limits } = read.settings;
  const ca = typeof tls === "object" ? tls.ca : undefined;
  const trusted = ca === undefined ? {} : { ca: at(read, "tls", () => readFileSync(resolve(read.folder, ca), "utf8")) };
  const password = at(read, "password", () => readSecret(link.password, read.folder, process.env));
  return at(read, "jid", () =>
    createComponentLink({
      jid,
      service,
      password,
      tls: typeof tls === "object" ? { insecure: tls.insecure, ...trusted } : tls,
      insecure,
      replicas,
      limits,
      log,
      ...(serverDomain !== undefined && { serverDomain }),
    }),
  );
}

/** Opens the accounts of stand-alone mode. Throws {@link SettingsError}. */
export async function openAccounts(
  read: ReadSettings,
  { accounts }: SettingsOf<"standalone">,
  log: Logger,
): Promise<AccountFile | VerifierStore | PasswordStore> {
  try {
    if (typeof accounts !== "string" && "http" in accounts) return createHttpAccounts({ url: accounts.http });
    if (typeof accounts !== "string") return await openSqlAccounts(read, accounts.sql);
    return await openAccountFile({ path: resolve(read.folder, accounts), format: yamlFormat, log });
  } catch (error) {
    throw problemAt(read, "accounts", error);
  }
}

async function openSqlAccounts(
  { folder }: ReadSettings,
  { url, query, iterations, saltSecret }: SqlAccountsSettings,
): Promise<VerifierStore> {
  const address = typeof url === "string" ? url : readSecret(url, folder, process.env);
  const file = /^sqlite:(.*)$/.exec(address)?.[1];
  const lookup = await openSqlLookup(file === undefined ? address : `sqlite:${resolve(folder, file)}`, query);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return createQueryAccounts({
    lookup: async (name) => {
      const row = await lookup.first(name);
      return row && { scramSha1: text(row["scram_sha_1"]), scramSha256: text(row["scram_sha_256"]) };
    },
    iterations,
    saltSecret: Buffer.from(readSecret(saltSecret, folder, process.env)),
    close: () => lookup.close(),
  });
}

/** Makes the link of stand-alone mode; `port` is used instead of that of the settings. */
export function createStandaloneFromSettings(
  read: ReadSettings,
  link: SettingsOf<"standalone">,
  accounts: AccountStore,
  options: { readonly port?: number | undefined; readonly log: Logger },
): StandaloneLink {
  const { tls, websocket, service, alias } = link;
  const inFolder = (path: string): string => resolve(read.folder, path);
  return at(read, "domain", () =>
    createStandaloneLink({
      domain: link.domain,
      accounts,
      listen: { host: link.listen.host, port: options.port ?? link.listen.port },
      anonymous: link.anonymous,
      allowPlaintext: link.allowPlaintext,
      plainOnLoopback: link.plainOnLoopback,
      clientToClient: link.clientToClient,
      limits: read.settings.limits,
      log: options.log,
      ...(tls === undefined ? {} : { tls: { cert: inFolder(tls.cert), key: inFolder(tls.key) } }),
      ...(websocket === undefined
        ? {}
        : {
            websocket: {
              port: websocket.port,
              path: websocket.path,
              origins: websocket.origins,
              ...(websocket.host === undefined ? {} : { host: websocket.host }),
            },
          }),
      ...(service === undefined ? {} : { service }),
      ...(alias === undefined ? {} : { alias }),
    }),
  );
}

function at<T>(read: ReadSettings, key: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw problemAt(read, key, error);
  }
}

function problemAt({ source }: ReadSettings, key: string, error: unknown): SettingsError {
  return new SettingsError(source.file, [
    { line: source.lineOf(["link", key]), key: `link.${key}`, problem: messageOf(error) },
  ]);
}
