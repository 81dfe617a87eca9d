// `serve` in stand-alone mode: the port, the first account, and what to type next.

import { resolve } from "node:path";
import type { ReadSettings } from "../config/index.js";
import type { Gateway } from "../gateway.js";
import { createGatewayFromSettings } from "../gateway-settings.js";
import { tryParseJid } from "../jid.js";
import { createStandaloneFromSettings, openAccounts, type SettingsOf } from "../link-settings.js";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import { type HandlersModule, serviceOf } from "../rpc/index.js";
import { SettingsError } from "../settings-error.js";
import type { ShapeKind } from "../values/index.js";
import {
  type AccountFile,
  type AccountStore,
  DEFAULT_ALIAS_NAME,
  LinkError,
  type StandaloneLink,
} from "../xmpp/index.js";
import { type FirstStart, type SavedConnection, saveConnection } from "./first-account.js";

/** A gateway that serves. */
export interface Serving {
  readonly gateway: Gateway;
  /** What follows "ready": the address first, then what helps a person. */
  readonly ready: string;
  /** Reads what can change while it runs. Throws when that cannot be used; then nothing has changed. */
  reload(): void;
}

/** How the port is chosen. */
export interface PortFlags {
  readonly port?: number;
  readonly nextPort?: boolean;
}

/** So many ports after the wanted one are tried with `--next-port`. */
const MAX_PORTS = 20;

/** Starts a stand-alone gateway. Throws `SettingsError`, or `LinkError` when it cannot listen. */
export async function serveStandalone(
  read: ReadSettings,
  link: SettingsOf<"standalone">,
  handlers: HandlersModule,
  flags: PortFlags,
  log: Logger,
): Promise<Serving> {
  const accounts = await openAccounts(read, link, log);
  await warnOfAlias(link, accounts, log);
  const first = firstStart(read, link, accounts);
  const { gateway, standalone } = await listen(read, link, accounts, handlers, flags, log);
  const { host = "", port = 0 } = standalone.listening ?? {};
  const place = placeOf({ host, port });
  // Only now: the password of an account that was made by a start that failed would be known to nobody.
  const saved = first && (await trySave(first, `xmpp://${place}`));
  const places = [place, standalone.websocketUrl].filter((one) => one !== undefined);
  const ready = [`${link.domain} (${places.join(", ")})`, ...httpPlace(gateway)];
  if (port !== link.listen.port && flags.nextPort === true) ready.push(`port ${link.listen.port} is in use`);
  if (saved !== undefined) ready.push(`try: npx --no jabber-rpc ${suggestion(handlers, link.domain)}${saved.flag}`);
  return { gateway, ready: ready.join("; "), reload: () => link.tls && standalone.reloadTls() };
}

/** A gateway that cannot save a connection serves all the same. */
async function trySave(first: FirstStart, service: string): Promise<SavedConnection | undefined> {
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  const hint = `to log in, npx --no jabber-rpc passwd add NAME --accounts ${first.accountsPath}, then --jid and --password-file`;
  try {
    const saved = await saveConnection(first, service, process.env);
    if (saved === undefined) tell(`no saved connection for ${first.accountsPath}; ${hint}`);
    else if (saved.isNew) tell(`made the account ${saved.jid}; how to log in as it is saved in ${saved.path}`);
    return saved;
  } catch (error) {
    tell(`the connection cannot be saved: ${messageOf(error)}; ${hint}`);
    return undefined;
  }
}

/** `passwd add` does not know what the settings call the gateway. */
async function warnOfAlias(
  { domain, alias = `${DEFAULT_ALIAS_NAME}@${domain}` }: SettingsOf<"standalone">,
  accounts: AccountStore,
  log: Logger,
): Promise<void> {
  const name = tryParseJid(alias)?.local ?? "";
  if (!isAccountFile(accounts) || !(await accounts.names()).includes(name)) return;
  log.warn("accounts.unusable", {
    name,
    problem: "this name is the gateway's own alias, so nobody can log in with it",
  });
}

/** What the line says of the HTTP doors, if there are any. */
export function httpPlace({ http }: Gateway): readonly string[] {
  return http === undefined ? [] : [`http://${placeOf(http)}`];
}

function placeOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

interface Listening {
  readonly gateway: Gateway;
  readonly standalone: StandaloneLink;
}

async function listen(
  read: ReadSettings,
  link: SettingsOf<"standalone">,
  accounts: AccountStore,
  handlers: HandlersModule,
  flags: PortFlags,
  log: Logger,
): Promise<Listening> {
  const wanted = flags.port ?? link.listen.port;
  const last = flags.nextPort === true && wanted !== 0 ? Math.min(wanted + MAX_PORTS, 65_535) : wanted;
  for (let port = wanted; ; port++) {
    const standalone = createStandaloneFromSettings(read, link, accounts, { port, log });
    const gateway = createGatewayFromSettings(read, handlers, standalone, log);
    try {
      await gateway.start();
      return { gateway, standalone };
    } catch (error) {
      if (!LinkError.is(error) || error.code !== "listen-failed" || port >= last) throw startProblem(error, read);
    }
  }
}

/** What a person can do about it: another port, or the place in the settings. */
function startProblem(error: unknown, { source }: ReadSettings): unknown {
  if (!LinkError.is(error)) return error;
  if (error.code === "listen-failed")
    return new LinkError(error.code, `${error.message}; choose another with --port`, { cause: error });
  if (error.code === "websocket-listen-failed")
    return new LinkError(error.code, `${error.message}; choose another with link.websocket.port`, { cause: error });
  if (error.code !== "tls-required" && error.code !== "tls-failed") return error;
  return new SettingsError(source.file, [
    { line: source.lineOf(["link", "tls"]), key: "link.tls", problem: error.message },
  ]);
}

/** Only a file on this machine, behind a port on loopback without a certificate of its own, gets a first account. */
function firstStart(
  { folder }: ReadSettings,
  { accounts: path, domain, listen: { host }, tls }: SettingsOf<"standalone">,
  accounts: AccountStore,
): FirstStart | undefined {
  const isLocal = (host === "localhost" || host === "::1" || host.startsWith("127.")) && tls === undefined;
  if (typeof path !== "string" || !isLocal || !isAccountFile(accounts)) return undefined;
  return { accounts, accountsPath: resolve(folder, path), domain };
}

function isAccountFile(accounts: AccountStore): accounts is AccountFile {
  return accounts.kind === "verifiers" && "set" in accounts;
}

/** A command that shows something at once: the first method whose parameters are simple, else the list. */
function suggestion({ services, methods }: HandlersModule, domain: string): string {
  const marked = services.flatMap((service) => {
    const mark = serviceOf(service);
    return mark === undefined
      ? []
      : mark.methods.map(({ name, params }) => ({ name: `${mark.prefix}.${name}`, params }));
  });
  const known = [...marked, ...methods];
  if (known.some(({ name }) => name === "examples.getStateName")) return `call ${domain} examples.getStateName 6`;
  const [method] = known;
  const words = method?.params.map(({ shape }) => SAMPLES[shape.kind]) ?? [];
  if (method === undefined || words.includes(undefined)) return `list ${domain}`;
  return ["call", domain, method.name, ...words].join(" ");
}

/** A word for each kind of parameter that one word can be. */
const SAMPLES: Partial<Record<ShapeKind, string>> = {
  int: "7",
  long: "7",
  double: "1.5",
  boolean: "true",
  string: "text",
};
