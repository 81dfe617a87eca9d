// One conditional GET: redirects by our rules, every wait and size bounded (RFC 9110 §13; RFC 9111).

import type { LookupFunction } from "node:net";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { Agent, type Dispatcher } from "undici";
import { messageOf } from "../message-of.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedLimits } from "./limits.js";
import { isPublicAddress, publicLookup } from "./public-addresses.js";

/** What the server said of the version that was read last. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What came. */
export type FetchedFeed =
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "feed";
      readonly body: Buffer;
      /** As the server wrote it; empty if it did not. */
      readonly contentType: string;
      /** Where it was found in the end. */
      readonly url: string;
      readonly validators: Validators;
    };

/** Fetches feeds. */
export interface FeedFetcher {
  /** @throws FeedProblem */
  fetch(url: string, validators: Validators): Promise<FetchedFeed>;
  close(): Promise<void>;
}

/** What a fetcher stands on. */
export interface FeedFetcherOptions {
  readonly limits: FeedLimits;
  /** Name and version, for the header User-Agent. */
  readonly userAgent: string;
  /** Resolves names of hosts that a redirect leads to. Default: only public addresses. */
  readonly lookup?: LookupFunction;
}

const ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5";
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_RETRY_AFTER_MS = 86_400_000;

/** Makes a fetcher with two pools: one for the hosts of the settings, one for those that redirects lead to. */
export function createFeedFetcher({ limits, userAgent, lookup = publicLookup }: FeedFetcherOptions): FeedFetcher {
  const waits = { headersTimeout: limits.feedTimeoutMs, bodyTimeout: limits.feedTimeoutMs };
  const connect = { timeout: limits.feedTimeoutMs };
  const configured = new Agent({ ...waits, connect });
  const foreign = new Agent({ ...waits, connect: { ...connect, lookup } });

  const ask = async (url: URL, agent: Agent, validators: Validators, signal: AbortSignal) => {
    const { etag, lastModified } = validators;
    try {
      return await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "GET",
        signal,
        headers: {
          accept: ACCEPT,
          "accept-encoding": "gzip, deflate, br",
          "user-agent": userAgent,
          ...(etag === undefined ? {} : { "if-none-match": etag }),
          ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
          ...authorizationOf(url),
        },
      });
    } catch (error) {
      throw unreachable(error, signal, limits);
    }
  };

  return {
    fetch: async (text, validators) => {
      const first = new URL(text);
      const signal = AbortSignal.timeout(limits.feedTimeoutMs);
      let url = first;
      for (let redirects = 0; ; redirects += 1) {
        const agent = url.host === first.host ? configured : foreign;
        const answer = await ask(url, agent, validators, signal);
        if (!REDIRECTS.has(answer.statusCode)) return await readAnswer(answer, url, signal, limits);
        answer.body.on("error", () => undefined).destroy();
        if (redirects >= limits.feedRedirects)
          throw new FeedProblem("redirect", `more than ${limits.feedRedirects} redirects in a row`);
        url = redirected(answer, url, first);
      }
    },
    close: async () => {
      await Promise.all([configured.destroy(), foreign.destroy()]);
    },
  };
}

/** A name and password in the address itself go out as they would by hand. */
function authorizationOf({ username, password }: URL): { readonly authorization?: string } {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function redirected({ headers }: Dispatcher.ResponseData, from: URL, first: URL): URL {
  const location = headerOf(headers, "location");
  if (location === "" || !URL.canParse(location, from.href)) throw new FeedProblem("redirect", "a redirect to nowhere");
  const to = new URL(location, from);
  if (to.protocol !== "https:" && to.protocol !== "http:")
    throw new FeedProblem("redirect", `a redirect to ${to.protocol}, http or https expected`);
  if (from.protocol === "https:" && to.protocol !== "https:")
    throw new FeedProblem("redirect", `a redirect from https to http at ${to.host}`);
  if (to.host !== first.host && !isPublicAddress(to.hostname))
    throw new FeedProblem("redirect", `a redirect to ${to.hostname}, which is no public address`);
  return to;
}

async function readAnswer(
  answer: Dispatcher.ResponseData,
  url: URL,
  signal: AbortSignal,
  limits: FeedLimits,
): Promise<FetchedFeed> {
  const { statusCode, headers } = answer;
  if (statusCode !== 200) answer.body.on("error", () => undefined).destroy();
  if (statusCode === 304) return { kind: "unchanged" };
  if (statusCode === 410) throw new FeedProblem("gone", "the server says that it is gone for good (410)");
  if (statusCode !== 200) {
    const retryAfterMs = readRetryAfter(headerOf(headers, "retry-after"));
    const problem = `status 200 expected, got ${statusCode}`;
    throw new FeedProblem("http-status", problem, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  const packed = await readBody(answer, signal, limits);
  const body = await unpack(packed, headerOf(headers, "content-encoding").toLowerCase(), limits);
  const [etag, lastModified] = [headerOf(headers, "etag"), headerOf(headers, "last-modified")];
  return {
    kind: "feed",
    body,
    contentType: headerOf(headers, "content-type"),
    url: `${url.origin}${url.pathname}${url.search}`,
    validators: { ...(etag === "" ? {} : { etag }), ...(lastModified === "" ? {} : { lastModified }) },
  };
}

async function readBody(answer: Dispatcher.ResponseData, signal: AbortSignal, limits: FeedLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (Number(headerOf(answer.headers, "content-length")) > limits.feedBytes) throw tooLarge(limits);
    for await (const chunk of answer.body) {
      // Without an encoding a body gives buffers, which its type does not say.
      const piece = chunk as Buffer;
      bytes += piece.length;
      if (bytes > limits.feedBytes) throw tooLarge(limits);
      chunks.push(piece);
    }
  } catch (error) {
    answer.body.on("error", () => undefined).destroy();
    throw error instanceof FeedProblem ? error : unreachable(error, signal, limits);
  }
  return Buffer.concat(chunks, bytes);
}

const UNPACK: Readonly<Record<string, (body: Buffer, maxOutputLength: number) => Promise<Buffer>>> = {
  "": async (body) => body,
  identity: async (body) => body,
  gzip: (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  "x-gzip": (body, maxOutputLength) => promisify(gunzip)(body, { maxOutputLength }),
  deflate: (body, maxOutputLength) => promisify(inflate)(body, { maxOutputLength }),
  br: (body, maxOutputLength) => promisify(brotliDecompress)(body, { maxOutputLength }),
};

async function unpack(body: Buffer, encoding: string, limits: FeedLimits): Promise<Buffer> {
  const unpackOne = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (unpackOne === undefined)
    throw new FeedProblem("malformed", `content-encoding ${encoding.slice(0, 40)}, which was not asked for`);
  try {
    return await unpackOne(body, limits.feedBytes);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limits);
    throw new FeedProblem("malformed", `it cannot be unpacked: ${messageOf(error)}`);
  }
}

function tooLarge({ feedBytes }: FeedLimits): FeedProblem {
  return new FeedProblem("too-large", `more than ${feedBytes} bytes`);
}

function unreachable(error: unknown, signal: AbortSignal, { feedTimeoutMs }: FeedLimits): FeedProblem {
  const isLate =
    signal.aborted || (error instanceof Error && "code" in error && /^UND_ERR_\w*TIMEOUT$/.test(String(error.code)));
  if (isLate) return new FeedProblem("timeout", `not here within ${feedTimeoutMs} ms`);
  const cause = error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
  return new FeedProblem("unreachable", cause, { cause: error });
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfter(text: string): number | undefined {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) || ms <= 0 ? undefined : Math.min(ms, MAX_RETRY_AFTER_MS);
}

function headerOf(headers: Dispatcher.ResponseData["headers"], name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}
