// Who is calling, as the upstream sees it: a header, a signed token (RFC 7519, HS256), or the requester's own credentials.

import { createHmac } from "node:crypto";
import type { Jid } from "../jid.js";
import { UpstreamFailure } from "./failure.js";
import { type CommonUpstreamSettings, UPSTREAM_DEFAULTS, UpstreamSettingsError } from "./settings.js";

/** Tokens that are kept; at the limit all are forgotten and signed again. */
const MAX_TOKENS = 10_000;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

interface Token {
  readonly text: string;
  readonly until: number;
}

/** The headers by which an upstream knows who is calling, and every header that callers therefore cannot set. */
export class RequesterHeaders {
  readonly #settings: CommonUpstreamSettings;
  readonly #fixed: Readonly<Record<string, string>>;
  readonly #tokens = new Map<string, Token>();
  readonly #now: () => number;
  /** In small letters. */
  readonly names: ReadonlySet<string>;

  /**
   * @param now milliseconds since 1970
   * @throws UpstreamSettingsError for a name that is none, or that two settings write
   */
  constructor(settings: CommonUpstreamSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
    const fixed = Object.entries(settings.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#fixed = Object.freeze(Object.fromEntries(fixed));
    const { requesterHeader, requesterAssertion, credentials } = settings;
    const written = [
      ...fixed.map(([name]) => ({ key: "headers", name })),
      ...(requesterHeader === undefined ? [] : [{ key: "requesterHeader", name: requesterHeader.toLowerCase() }]),
      ...(requesterAssertion === undefined ? [] : [{ key: "requesterAssertion", name: assertionHeader(settings) }]),
      ...(credentials === undefined ? [] : [{ key: "credentials", name: "authorization" }]),
    ];
    const names = new Set<string>();
    for (const { key, name } of written) {
      if (!HEADER_NAME.test(name))
        throw new UpstreamSettingsError(settings.name, key, `${name} is no name of a header`);
      if (names.has(name)) throw new UpstreamSettingsError(settings.name, key, `the header ${name} is written twice`);
      names.add(name);
    }
    this.names = names;
    // What stands there may be a secret, so it is not shown.
    if (!fixed.every(([, value]) => HEADER_VALUE.test(value)))
      throw new UpstreamSettingsError(settings.name, "headers", "a value has characters that a header cannot hold");
    if (!Object.values(credentials ?? {}).every((value) => HEADER_VALUE.test(value)))
      throw new UpstreamSettingsError(settings.name, "credentials", "a value has characters that a header cannot hold");
  }

  /** Those that do not depend on who is calling. */
  get fixed(): Readonly<Record<string, string>> {
    return this.#fixed;
  }

  /** All of them for a requester. Throws {@link UpstreamFailure} for one without credentials where these are needed. */
  of({ bare }: Jid): Readonly<Record<string, string>> {
    const { requesterHeader, requesterAssertion, credentials } = this.#settings;
    if (requesterHeader === undefined && requesterAssertion === undefined && credentials === undefined)
      return this.#fixed;
    const headers: Record<string, string> = { ...this.#fixed };
    if (requesterHeader !== undefined) headers[requesterHeader.toLowerCase()] = encodeURIComponent(bare);
    if (requesterAssertion !== undefined) {
      const name = assertionHeader(this.#settings);
      const token = this.#token(bare, requesterAssertion.jwt.key);
      headers[name] = name === "authorization" ? `Bearer ${token}` : token;
    }
    if (credentials !== undefined) {
      const value = Object.hasOwn(credentials, bare) ? credentials[bare] : undefined;
      if (value === undefined) throw new UpstreamFailure("no-credentials", "there are no credentials for you");
      headers["authorization"] = value;
    }
    return headers;
  }

  /** A token lives for `ttlSeconds` and is used for the first half of that, so that it never arrives stale. */
  #token(bare: string, key: string): string {
    const nowMs = this.#now();
    const known = this.#tokens.get(bare);
    if (known !== undefined && known.until > nowMs) return known.text;
    const ttlSeconds = this.#settings.requesterAssertion?.jwt.ttlSeconds ?? UPSTREAM_DEFAULTS.ttlSeconds;
    const issuedAt = Math.floor(nowMs / 1_000);
    const claims = {
      iss: "jabber-rpc",
      aud: this.#settings.name,
      sub: bare,
      iat: issuedAt,
      exp: issuedAt + ttlSeconds,
    };
    const content = `${base64Url({ alg: "HS256", typ: "JWT" })}.${base64Url(claims)}`;
    const text = `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear();
    this.#tokens.set(bare, { text, until: nowMs + ttlSeconds * 500 });
    return text;
  }
}

function assertionHeader({ requesterAssertion }: CommonUpstreamSettings): string {
  return (requesterAssertion?.jwt.header ?? "authorization").toLowerCase();
}

function base64Url(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
