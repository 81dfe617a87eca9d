// One upstream: its HTTP client, its headers, and the reader of its kind. Loaded only where there are upstreams.

import { type Logger, silentLogger } from "../observe/index.js";
import type { MethodTable } from "../rpc/index.js";
import { createCaller } from "./create-caller.js";
import { HttpClient } from "./http/http-client.js";
import { readJsonRpc } from "./jsonrpc/jsonrpc-upstream.js";
import { type UpstreamLimits, withDefaultLimits } from "./limits.js";
import type { Offers } from "./offer.js";
import { openApiAddress, readOpenApi } from "./openapi/openapi-upstream.js";
import { RequesterHeaders } from "./requester-headers.js";
import { UPSTREAM_DEFAULTS, type UpstreamSettings, UpstreamSettingsError } from "./settings.js";
import { Upstream } from "./upstream.js";
import { createUpstreamCodec, readXmlRpc } from "./xmlrpc/xmlrpc-upstream.js";

/** A stanza of 262,144 bytes grows when every character of it must be escaped. */
const MAX_CALL_BYTES = 2_097_152;

/** What the upstreams of a gateway share. */
export interface UpstreamContext {
  /** Where the methods appear and disappear. */
  readonly table: MethodTable;
  readonly limits?: Partial<UpstreamLimits>;
  readonly log?: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** One upstream, not started. Throws UpstreamSettingsError for settings that contradict each other. */
export function createUpstream(settings: UpstreamSettings, options: UpstreamContext): Upstream {
  const { log = silentLogger, now = () => performance.now() } = options;
  const limits = withDefaultLimits(options.limits);
  const headers = new RequesterHeaders(settings);
  const client = new HttpClient({
    origin: originOf(settings),
    timeoutMs: settings.timeoutMs ?? UPSTREAM_DEFAULTS.timeoutMs,
    maxConcurrent: settings.maxConcurrent ?? UPSTREAM_DEFAULTS.maxConcurrent,
    maxQueued: settings.maxQueued ?? UPSTREAM_DEFAULTS.maxQueued,
    redirects: settings.redirects ?? false,
    breaker: {
      failures: settings.breaker?.failures ?? UPSTREAM_DEFAULTS.breakerFailures,
      restMs: (settings.breaker?.seconds ?? UPSTREAM_DEFAULTS.breakerSeconds) * 1_000,
    },
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    log,
    name: settings.name,
    now,
  });
  const caller = createCaller({
    name: settings.name,
    client,
    headers,
    maxResponseBytes: settings.maxResponseBytes ?? UPSTREAM_DEFAULTS.maxResponseBytes,
    maxDescriptionBytes: limits.maxDescriptionBytes,
  });
  const remark = (text: string): void => log.warn("upstream.remark", { upstream: settings.name, remark: text });
  const codec = createUpstreamCodec(MAX_CALL_BYTES);
  const readOffers = (): Promise<Offers> => {
    switch (settings.kind) {
      case "openapi":
        return readOpenApi(settings, caller, headers.names, remark);
      case "xmlrpc":
        return readXmlRpc(settings, caller, codec);
      case "jsonrpc":
        return readJsonRpc(settings, caller);
    }
  };
  return new Upstream({
    settings,
    table: options.table,
    maxMethods: limits.maxUpstreamMethods,
    log,
    readOffers,
    close: () => client.close(),
  });
}

/** The one origin of an upstream. Throws UpstreamSettingsError for an address that is not http or https. */
function originOf(settings: UpstreamSettings): string {
  const address = settings.kind === "openapi" ? openApiAddress(settings) : settings.url;
  const key = settings.kind === "openapi" && settings.baseUrl !== undefined ? "baseUrl" : "url";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new UpstreamSettingsError(settings.name, key, `an http or https address expected, got ${address}`);
  if (url.username !== "" || url.password !== "")
    throw new UpstreamSettingsError(settings.name, key, "credentials belong into headers, not into an address");
  return url.origin;
}
