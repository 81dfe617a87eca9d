// From a settings file to upstreams: secrets, certificates and credentials are read here, each error with its line.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ReadSettings, readSecret, type UpstreamRow, yamlFormat } from "./config/index.js";
import { parseJid } from "./jid.js";
import { messageOf } from "./message-of.js";
import { type LogFields, silentLogger } from "./observe/index.js";
import { createMethodTable } from "./rpc/index.js";
import { SettingsError } from "./settings-error.js";
import {
  type CommonUpstreamSettings,
  createUpstreams,
  type UpstreamSettings,
  UpstreamSettingsError,
} from "./upstream/index.js";
import { isPlainObject } from "./values/index.js";

/** The upstreams of a settings file. Throws {@link SettingsError}. */
export function readUpstreams(read: ReadSettings): readonly UpstreamSettings[] {
  return read.settings.upstreams.map((row, index) => upstreamOf(read, row, index));
}

function upstreamOf(read: ReadSettings, row: UpstreamRow, index: number): UpstreamSettings {
  const common = commonOf(read, row, index);
  const { kind, url, baseUrl, methods, maxBatch } = row;
  if (kind === "openapi") {
    return { ...common, kind, ...definedOf({ url, file: inFolder(read, row.file), baseUrl }) };
  }
  if (url === undefined) throw problem(read.source, index, "url", `needed for ${kind}`);
  if (kind === "jsonrpc") return { ...common, kind, url, maxBatch, ...definedOf({ methods }) };
  return { ...common, kind, url, ...definedOf({ methods }) };
}

/** What the upstreams offer now, asked once: for `serve --check`. Throws {@link SettingsError}. */
export async function probeUpstreams(
  read: ReadSettings,
): Promise<{ readonly names: readonly string[]; readonly remarks: readonly string[] }> {
  if (read.settings.upstreams.length === 0) return { names: [], remarks: [] };
  const remarks: string[] = [];
  const warn = (event: string, fields: LogFields = {}): void => {
    const text = fields["remark"] ?? `${event}: ${fields["cause"]}`;
    remarks.push(`${read.source.file}: upstream ${fields["upstream"]}: ${text}`);
  };
  const table = createMethodTable();
  try {
    const settings = readUpstreams(read);
    const upstreams = await createUpstreams({
      settings,
      table,
      limits: read.settings.limits,
      log: { ...silentLogger, warn },
    });
    await upstreams.start();
    await upstreams.stop();
  } catch (error) {
    throw withUpstreamPlace(read, error);
  }
  return { names: table.list().map(({ name }) => name), remarks };
}

/** An error of an upstream that started, with its line; any other error as it is. */
export function withUpstreamPlace({ settings, source }: ReadSettings, error: unknown): unknown {
  if (!UpstreamSettingsError.is(error)) return error;
  const index = settings.upstreams.findIndex(({ name }) => name === error.upstream);
  return problem(source, index, error.key, error.message);
}

function commonOf(read: ReadSettings, row: UpstreamRow, index: number): CommonUpstreamSettings {
  const { requesterAssertion, credentials, tls } = row;
  const at = <T>(key: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw problem(read.source, index, key, messageOf(error));
    }
  };
  const secretOf = (source: Parameters<typeof readSecret>[0]): string => readSecret(source, read.folder, process.env);
  const fileOf = (path: string): string => readFileSync(resolve(read.folder, path), "utf8");
  const headers = Object.entries(row.headers).map(([name, value]) => [
    name,
    typeof value === "string" ? value : at("headers", () => secretOf(value)),
  ]);
  return {
    name: row.name,
    names: row.names,
    headers: Object.fromEntries(headers),
    timeoutMs: row.timeoutMs,
    maxConcurrent: row.maxConcurrent,
    maxQueued: row.maxQueued,
    maxResponseBytes: row.maxResponseBytes,
    redirects: row.redirects,
    refreshSeconds: row.refreshSeconds,
    breaker: row.breaker,
    ...definedOf({
      prefix: row.prefix,
      include: row.include,
      requesterHeader: row.requesterHeader,
      requesterAssertion: requesterAssertion && {
        jwt: { ...requesterAssertion.jwt, key: at("requesterAssertion", () => secretOf(requesterAssertion.jwt.key)) },
      },
      credentials: credentials && at("credentials", () => credentialsOf(fileOf(credentials.byRequester))),
      ca: tls && at("tls", () => fileOf(tls.ca)),
    }),
  };
}

/** A bare JID and its token in each line; a token without a scheme is a bearer token. */
function credentialsOf(text: string): Record<string, string> {
  const content = yamlFormat.parse(text);
  if (!isPlainObject(content)) throw new Error("a map from bare JIDs to tokens expected");
  const rows = Object.entries(content).map(([jid, token]) => {
    const { bare } = parseJid(jid);
    if (bare !== jid || typeof token !== "string" || token === "")
      // What stands there may be a secret, so it is not shown.
      throw new Error(`${bare}: a bare JID, as it is prepared, and a text expected`);
    return [bare, /\s/.test(token) ? token : `Bearer ${token}`] as const;
  });
  return Object.fromEntries(rows);
}

function inFolder({ folder }: ReadSettings, path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(folder, path);
}

/** The members that are defined: an optional member is absent, never undefined. */
function definedOf<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // What is left has no undefined member, which Object.fromEntries cannot say.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function problem(source: ReadSettings["source"], index: number, key: string, text: string): SettingsError {
  const path = ["upstreams", index, key];
  return new SettingsError(source.file, [
    { line: source.lineOf(path), key: `upstreams[${index}].${key}`, problem: text },
  ]);
}
