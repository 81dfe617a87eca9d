// `serve` in stand-alone mode: the port, the first account, and what to type next.

import { resolve } from "node:path";
import type { ReadSettings } from "../config/index.js";
import type { Gateway } from "../gateway.js";
import { createGatewayFromSettings } from "../gateway-settings.js";
import { createStandaloneFromSettings, openAccounts, type SettingsOf } from "../link-settings.js";
import type { Logger } from "../observe/index.js";
import { type HandlersModule, serviceOf } from "../rpc/index.js";
import { SettingsError } from "../settings-error.js";
import type { ShapeKind } from "../values/index.js";
import { type AccountFile, type AccountStore, LinkError, type StandaloneLink } from "../xmpp/index.js";
import { type FirstStart, makeFirstAccount, saveConnection } from "./first-account.js";

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
  const first = firstStart(read, link, accounts);
  const { gateway, standalone } = await listen(read, link, accounts, handlers, flags, log);
  // Only now: the password of an account that was made by a start that failed would be known to nobody.
  const password = first && (await makeFirstAccount(first));
  const { host = "", port = 0 } = standalone.listening ?? {};
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const saved = first && saveConnection(first, password, `xmpp://${place}`, process.env);
  if (saved !== undefined && password !== undefined) {
    process.stderr.write(`made the account ${saved.jid}; how to log in as it is saved in ${saved.path}\n`);
  } else if (first !== undefined && saved === undefined) {
    process.stderr.write(
      `no saved connection for ${first.accountsPath}; log in with --jid and --password-file (passwords: npx --no jabber-rpc passwd)\n`,
    );
  }
  const places = [place, standalone.websocketUrl].filter((one) => one !== undefined);
  const ready = [`${link.domain} (${places.join(", ")})`];
  if (port !== link.listen.port && flags.nextPort === true) ready.push(`port ${link.listen.port} is in use`);
  if (saved !== undefined) ready.push(`try: npx --no jabber-rpc ${suggestion(handlers, link.domain)}${saved.flag}`);
  return { gateway, ready: ready.join("; "), reload: () => link.tls && standalone.reloadTls() };
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
