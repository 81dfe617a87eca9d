// What an upstream is made of: the settings of one row, with its secrets read.

import { hasBrand } from "../brand.js";
import type { MethodDescription } from "../rpc/index.js";

/** What every kind has. */
export interface CommonUpstreamSettings {
  /** What faults and the log call it. */
  readonly name: string;
  /** The first part of its methods' names, without the dot. Default: `name`; "" for none. */
  readonly prefix?: string;
  /** Which of its operations become methods: names, in which `*` stands for any characters. */
  readonly include?: readonly string[];
  /** The methods' names, without prefix, of operations whose own names will not do. */
  readonly names?: Readonly<Record<string, string>>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The header that carries the requester's bare JID, percent-encoded. */
  readonly requesterHeader?: string;
  /** A signed token that says who is calling. */
  readonly requesterAssertion?: RequesterAssertion;
  /** The value of `Authorization` by bare JID; requesters that are not in it are refused. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** Certificates to trust instead of Node's own, PEM. */
  readonly ca?: string;
  /** How long a call may take in all. Default 5000. */
  readonly timeoutMs?: number;
  /** Requests that run at a time. Default 32. */
  readonly maxConcurrent?: number;
  /** Calls that wait for one of these places. Default 1024. */
  readonly maxQueued?: number;
  /** Size of an answer, decompressed. Default 1 MiB. */
  readonly maxResponseBytes?: number;
  /** Follow redirects within the origin. Default false. */
  readonly redirects?: boolean;
  /** Read the description again after so many seconds; 0 for never. Default 300. */
  readonly refreshSeconds?: number;
  /** When to leave a failing upstream alone. */
  readonly breaker?: {
    /** Failures in a row after which it is not asked. Default 5. */
    readonly failures?: number;
    /** How long. Default 10. */
    readonly seconds?: number;
  };
}

/** `{jwt: …}`: a JSON Web Token signed with HS256, whose `sub` is the requester's bare JID. */
export interface RequesterAssertion {
  readonly jwt: {
    readonly key: string;
    /** Default 60. */
    readonly ttlSeconds?: number;
    /** The header that carries it; in `Authorization` behind `Bearer`. Default `Authorization`. */
    readonly header?: string;
  };
}

/** A web application that is described by an OpenAPI document. */
export interface OpenApiSettings extends CommonUpstreamSettings {
  readonly kind: "openapi";
  /** Where the document is. */
  readonly url?: string;
  /** A file with the document, instead of `url`. */
  readonly file?: string;
  /** Where the operations are. Default: the document's first server, which must have the origin of `url`. */
  readonly baseUrl?: string;
}

/** A method table of a row: OpenRPC method objects, of which the name is enough. */
export type DeclaredMethod = { readonly name: string } & Partial<Omit<MethodDescription, "name">>;

/** An XML-RPC server over HTTP. */
export interface XmlRpcSettings extends CommonUpstreamSettings {
  readonly kind: "xmlrpc";
  readonly url: string;
  /** Its methods, if it has no introspection. */
  readonly methods?: readonly DeclaredMethod[];
}

/** A JSON-RPC 2.0 server over HTTP. */
export interface JsonRpcSettings extends CommonUpstreamSettings {
  readonly kind: "jsonrpc";
  readonly url: string;
  /** Its methods, if it has no `rpc.discover`. */
  readonly methods?: readonly DeclaredMethod[];
  /** Calls of one system.multicall that are sent as one batch, at most; 1 sends each by itself. Default 50. */
  readonly maxBatch?: number;
}

/** One upstream. */
export type UpstreamSettings = OpenApiSettings | XmlRpcSettings | JsonRpcSettings;

/** The numbers that a row may leave out. */
export const UPSTREAM_DEFAULTS = Object.freeze({
  timeoutMs: 5_000,
  maxConcurrent: 32,
  maxQueued: 1_024,
  maxResponseBytes: 1_048_576,
  refreshSeconds: 300,
  breakerFailures: 5,
  breakerSeconds: 10,
  ttlSeconds: 60,
  maxBatch: 50,
});

const UPSTREAM_SETTINGS_ERROR = Symbol.for("jabber-rpc.UpstreamSettingsError");

/** An upstream that cannot be used as it is configured: the gateway does not start. */
export class UpstreamSettingsError extends Error {
  override readonly name = "UpstreamSettingsError";
  readonly [UPSTREAM_SETTINGS_ERROR] = true;
  /** Which upstream. */
  readonly upstream: string;
  /** Which of its keys. */
  readonly key: string;

  constructor(upstream: string, key: string, message: string) {
    super(`upstream ${upstream}: ${message}`);
    this.upstream = upstream;
    this.key = key;
  }

  /** True for an error of this class, also of another copy of the package in the same process. */
  static is(error: unknown): error is UpstreamSettingsError {
    return hasBrand(error, UPSTREAM_SETTINGS_ERROR);
  }
}
