// The HTTP side of one upstream: one origin, kept connections, and every wait and size bounded.

import { Pool } from "undici";
import type { Logger } from "../../observe/index.js";
import { UpstreamFailure } from "../failure.js";
import { Breaker } from "./breaker.js";
import { decompress } from "./decompress.js";
import { Exchange, type HttpAnswer, type HttpRequest } from "./exchange.js";
import { Gate } from "./gate.js";

/** Options of {@link HttpClient}. */
export interface HttpClientOptions {
  /** The only origin that is ever asked. */
  readonly origin: string;
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  readonly maxResponseBytes: number;
  readonly redirects: boolean;
  readonly breaker: { readonly failures: number; readonly restMs: number };
  readonly ca?: string;
  readonly log: Logger;
  /** What log lines call it. */
  readonly name: string;
  readonly now: () => number;
}

/** Who waits for a request, and how much it may bring. */
export interface SendOptions {
  readonly signal?: AbortSignal;
  readonly maxResponseBytes?: number;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** These run the same however often they arrive (RFC 9110 §9.2.2), so a broken connection is tried again. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
/** Where a redirect is followed with the same method. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Asks one upstream. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #breaker: Breaker;
  readonly #running = new Set<Exchange>();

  constructor(options: HttpClientOptions) {
    const { origin, timeoutMs, maxConcurrent, ca, breaker, now } = options;
    this.#options = options;
    this.#gate = new Gate(maxConcurrent, options.maxQueued);
    this.#breaker = new Breaker({ ...breaker, now });
    this.#pool = new Pool(origin, {
      connections: maxConcurrent,
      // The whole exchange has one timer of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
    });
  }

  /**
   * Asks once, or twice where a connection broke and the method is idempotent; follows redirects within the origin where
   * that is allowed.
   *
   * @throws UpstreamFailure when there is no whole answer; an answer of any status is an answer
   */
  async send(request: HttpRequest, options: SendOptions = {}): Promise<HttpAnswer> {
    const deadline = this.#options.now() + this.#options.timeoutMs;
    let current = request;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#sendOnceOrTwice(current, deadline, options);
      if (!REDIRECTS.has(answer.status)) return answer;
      current = this.#redirected(current, answer, redirects);
    }
  }

  /** Ends what runs and closes every connection. */
  async close(): Promise<void> {
    for (const exchange of this.#running) exchange.abort(new UpstreamFailure("stopped", "the gateway is stopping"));
    await this.#pool.destroy();
  }

  async #sendOnceOrTwice(request: HttpRequest, deadline: number, options: SendOptions): Promise<HttpAnswer> {
    try {
      return await this.#sendOnce(request, deadline, options);
    } catch (error) {
      const again = error instanceof UpstreamFailure && error.code === "unreachable" && IDEMPOTENT.has(request.method);
      if (!again || this.#options.now() >= deadline || options.signal?.aborted === true) throw error;
      return this.#sendOnce(request, deadline, options);
    }
  }

  async #sendOnce(request: HttpRequest, deadline: number, options: SendOptions): Promise<HttpAnswer> {
    const maxBytes = options.maxResponseBytes ?? this.#options.maxResponseBytes;
    const answer = await this.#exchange(request, deadline, maxBytes, options.signal);
    const { contentEncoding } = answer;
    if (contentEncoding === "" || contentEncoding === "identity") return answer;
    return { ...answer, body: await decompress(answer.body, contentEncoding, maxBytes) };
  }

  #exchange(
    request: HttpRequest,
    deadline: number,
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const { name, log, timeoutMs, now } = this.#options;
    const restMs = this.#breaker.admit();
    if (restMs > 0)
      return Promise.reject(
        new UpstreamFailure("resting", `it failed too often; it is tried again in ${Math.ceil(restMs / 1_000)} s`),
      );
    return new Promise((resolve, reject) => {
      let hasPlace = false;
      const end = (outcome: HttpAnswer | UpstreamFailure): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#running.delete(exchange);
        if (hasPlace) this.#gate.leave();
        else giveUp?.();
        if (this.#learn(outcome, hasPlace)) log.warn("upstream.resting", { upstream: name });
        if (outcome instanceof UpstreamFailure) reject(outcome);
        else resolve(outcome);
      };
      const exchange = new Exchange(maxBytes, end);
      const onAbort = (): void => exchange.abort(new UpstreamFailure("stopped", "the call was given up"));
      const timer = setTimeout(
        () => exchange.abort(new UpstreamFailure("timeout", `no answer within ${timeoutMs} ms`)),
        Math.max(0, deadline - now()),
      );
      signal?.addEventListener("abort", onAbort);
      this.#running.add(exchange);
      const giveUp = this.#gate.enter(() => {
        hasPlace = true;
        this.#pool.dispatch(
          {
            method: request.method,
            path: request.path,
            headers: request.headers,
            body: request.body ?? null,
          },
          exchange,
        );
      });
      if (giveUp === undefined) exchange.abort(new UpstreamFailure("busy", "too many calls wait for it"));
      if (signal?.aborted === true) onAbort();
    });
  }

  /** True if the upstream is left alone from now on. */
  #learn(outcome: HttpAnswer | UpstreamFailure, wasSent: boolean): boolean {
    if (!(outcome instanceof UpstreamFailure) || outcome.code === "too-large") this.#breaker.answered();
    // Who waited too long for a place has learnt nothing about the upstream.
    else if (wasSent && (outcome.code === "unreachable" || outcome.code === "timeout")) return this.#breaker.failed();
    else this.#breaker.unknown();
    return false;
  }

  #redirected(request: HttpRequest, { status, location }: HttpAnswer, redirects: number): HttpRequest {
    const refuse = (why: string): UpstreamFailure => new UpstreamFailure("redirect", `it answered a redirect; ${why}`);
    if (!this.#options.redirects) throw refuse("these are not followed");
    if (redirects >= MAX_REDIRECTS) throw refuse(`more than ${MAX_REDIRECTS} in a row`);
    if (!SAFE.has(request.method) && status !== 307 && status !== 308) throw refuse("the method would change");
    const base = new URL(request.path, this.#options.origin);
    const target = location !== undefined && URL.canParse(location, base.href) ? new URL(location, base) : undefined;
    if (target === undefined || target.origin !== base.origin) throw refuse("it leads to another origin");
    return { ...request, path: target.pathname + target.search };
  }
}
