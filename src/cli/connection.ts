// How a command logs in: flags, then the environment, then a profile.

import { type Command, Option } from "commander";
import type { Gateway } from "../gateway.js";
import { type Jid, parseJid, withResource } from "../jid.js";
import { silentLogger } from "../observe/index.js";
import { createRequester, type Requester } from "../requester.js";
import { type ClientLinkOptions, createIdSource, LinkError } from "../xmpp/index.js";
import { UsageError } from "./exit.js";
import { DEFAULT_PROFILE, readProfile } from "./profile.js";
import { readText } from "./read-text.js";

/** The flags that every calling command has. */
export interface ConnectionFlags {
  readonly service?: string;
  readonly jid?: string;
  readonly passwordFile?: string;
  readonly profile?: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly allowPlaintext?: boolean;
}

/** Adds the connection flags to a command. */
export function withConnectionFlags(command: Command): Command {
  return command
    .addOption(new Option("--service <url>", "server to log in to: xmpp://host:port").env("JABBER_RPC_SERVICE"))
    .addOption(new Option("--jid <jid>", "account to log in as: local@domain[/resource]").env("JABBER_RPC_JID"))
    .option("--password-file <file>", "file with the password (or set JABBER_RPC_PASSWORD)")
    .option("--profile <name>", "saved connection to use (default: default)")
    .option("--ca <file>", "PEM file of certificates to trust instead of Node's own")
    .option("--insecure", "accept any certificate: only for experiments")
    .option("--allow-plaintext", "log in without TLS off loopback (only on a network you own), or by PLAIN on it");
}

/** Where a command logs in. */
export interface Connection {
  readonly service: string | undefined;
  readonly jid: string;
  readonly password: string;
}

/**
 * Finds where to log in: flags, then JABBER_RPC_SERVICE, JABBER_RPC_JID, JABBER_RPC_PASSWORD, then the profile.
 *
 * @throws {UsageError} that says what is missing and how to give it
 */
function findConnection(flags: ConnectionFlags, env: NodeJS.ProcessEnv): Connection {
  // An environment variable that is set to nothing says nothing.
  const given = { service: flags.service || undefined, jid: flags.jid || undefined };
  const needsProfile = flags.profile !== undefined || given.jid === undefined;
  const profile = needsProfile ? readProfile(flags.profile ?? DEFAULT_PROFILE, env) : undefined;
  if (flags.profile !== undefined && profile === undefined)
    throw new UsageError(`there is no profile ${flags.profile}`);
  const service = given.service ?? profile?.service;
  if (service !== undefined && !/^xmpps?:\/\/\S+$/.test(service))
    throw new UsageError(`service ${service}: expected xmpp://host:port or xmpps://host:port`);
  const jid = given.jid ?? profile?.jid;
  if (jid === undefined) {
    throw new UsageError(
      "no account to log in as: give --jid and --password-file, or set JABBER_RPC_JID and JABBER_RPC_PASSWORD",
    );
  }
  const password =
    flags.passwordFile === undefined
      ? (env["JABBER_RPC_PASSWORD"] ?? profile?.password)
      : readText(flags.passwordFile, "the password file").replace(/\r?\n$/, "");
  if (password === undefined) {
    throw new UsageError(`no password for ${jid}: give --password-file, or set JABBER_RPC_PASSWORD`);
  }
  return { service, jid, password };
}

/** Where and as whom a command logs in. Throws {@link UsageError} that says what is missing. */
function connectionLink(flags: ConnectionFlags): ClientLinkOptions {
  const { service, jid, password } = findConnection(flags, process.env);
  const parsed = parseJid(jid);
  // A resource of its own for each run: two commands at a time must not end each other's session.
  const full =
    parsed.resource === "" ? withResource(parsed, `cli-${createIdSource()().slice(0, 8)}`).full : parsed.full;
  return {
    jid: full,
    password,
    ...(service === undefined ? {} : { service }),
    ...(flags.allowPlaintext === true ? { allowPlaintext: true } : {}),
    tls: {
      ...(flags.ca === undefined ? {} : { ca: readText(flags.ca, "the CA file") }),
      ...(flags.insecure === true ? { insecure: true } : {}),
    },
  };
}

/**
 * Logs in for the time of `use`, and out afterwards whatever happens.
 *
 * @param options.presence whether the server is told that the account is available. Default true
 */
export async function withRequester<T>(
  flags: ConnectionFlags,
  use: (requester: Requester, own: Jid) => Promise<T>,
  options: { readonly presence?: boolean } = {},
): Promise<T> {
  const link = connectionLink(flags);
  const requester = createRequester({ log: silentLogger, link, ...options });
  return during(requester, link, (own) => use(requester, own));
}

/** The same with a gateway that serves nothing: it sends notes, asks questions, takes the answers, and enters rooms. */
export async function withGateway<T>(flags: ConnectionFlags, use: (gateway: Gateway) => Promise<T>): Promise<T> {
  const link = connectionLink(flags);
  // Loaded by those who need it: a gateway brings its database and its feeds along.
  const { createGateway } = await import("../gateway.js");
  const gateway = createGateway({ log: silentLogger, link, chatCommands: false });
  return during(gateway, link, () => use(gateway));
}

async function during<T>(
  session: Pick<Requester, "start" | "stop">,
  { jid }: ClientLinkOptions,
  use: (own: Jid) => Promise<T>,
): Promise<T> {
  try {
    const own = await session.start().catch((error: unknown) => {
      if (!LinkError.is(error) || error.code !== "authentication-failed") throw error;
      throw new LinkError(error.code, `${parseJid(jid).bare}: ${error.message}`, { cause: error });
    });
    return await use(own);
  } finally {
    await session.stop();
  }
}
