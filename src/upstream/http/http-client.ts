// The HTTP side of one upstream: one origin, kept connections, and every wait and size bounded.

import { Pool } from "undici";
import { Bag, type Placed } from "../../bag.js";
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
  readonly redirects: boolean;
  readonly breaker: { readonly failures: number; readonly restMs: number };
  readonly ca?: string;
  readonly log: Logger;
  /** What log lines call it. */
  readonly name: string;
  readonly now: () => number;
}

/** One question: what is asked, and how its answer is read. */
export interface Question<T> {
  readonly request: HttpRequest;
  /** Reads the answer, of any status. What it throws is what the asker gets. */
  readonly read: (answer: HttpAnswer) => T;
  readonly maxResponseBytes: number;
  /** Calls `stop` when nobody waits any more; the returned function forgets that. */
  readonly whenStopped?: (stop: () => void) => () => void;
  /** The error that the asker gets for a failure. */
  readonly failed?: (error: unknown) => unknown;
}

/** A question on its way: it may be sent again, and elsewhere. */
interface Job extends Placed {
  request: HttpRequest;
  readonly maxBytes: number;
  readonly deadline: number;
  redirects: number;
  isRetried: boolean;
  exchange: Exchange | undefined;
  /** Gives up waiting for a place; undefined once there is one. */
  giveUp: (() => void) | undefined;
  readonly answered: (answer: HttpAnswer) => void;
  readonly failed: (error: unknown) => void;
}

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** These run the same however often they arrive (RFC 9110 §9.2.2), so a broken connection is tried again. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
/** Where a redirect is followed with the same method. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Asks one upstream. Written with callbacks: each promise on the way of a call would cost as much as reading its answer. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #breaker: Breaker;
  readonly #jobs = new Bag<Job>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HttpClientOptions) {
    const { origin, timeoutMs, maxConcurrent, ca, breaker, now } = options;
    this.#options = options;
    this.#gate = new Gate(maxConcurrent, options.maxQueued);
    this.#breaker = new Breaker({ ...breaker, now });
    this.#pool = new Pool(origin, {
      connections: maxConcurrent,
      // The whole of a question has one deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
    });
  }

  /**
   * Asks once, or twice where a connection broke and the method is idempotent; follows redirects within the origin where
   * that is allowed.
   *
   * @throws UpstreamFailure when there is no whole answer, or what `failed` makes of that; what `read` throws
   */
  ask<T>({ request, read, maxResponseBytes, whenStopped, failed }: Question<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let forgetStop: (() => void) | undefined;
      const fail = (error: unknown): void => {
        forgetStop?.();
        reject(failed === undefined ? error : failed(error));
      };
      const job: Job = {
        place: undefined,
        request,
        maxBytes: maxResponseBytes,
        deadline: this.#options.now() + this.#options.timeoutMs,
        redirects: 0,
        isRetried: false,
        exchange: undefined,
        giveUp: undefined,
        failed: fail,
        answered: (answer) => {
          try {
            const value = read(answer);
            forgetStop?.();
            resolve(value);
          } catch (error) {
            fail(error);
          }
        },
      };
      this.#send(job);
      if (job.exchange !== undefined)
        forgetStop = whenStopped?.(() => job.exchange?.abort(new UpstreamFailure("stopped", "the call was given up")));
    });
  }

  /** Ends what runs and closes every connection. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const { exchange } of this.#jobs.list())
      exchange?.abort(new UpstreamFailure("stopped", "the gateway is stopping"));
    await this.#pool.destroy();
  }

  #send(job: Job): void {
    const restMs = this.#breaker.admit();
    if (restMs > 0) {
      const seconds = Math.ceil(restMs / 1_000);
      job.failed(new UpstreamFailure("resting", `it failed too often; it is tried again in ${seconds} s`));
      return;
    }
    const exchange = new Exchange(job.maxBytes, (outcome) => this.#ended(job, outcome));
    job.exchange = exchange;
    this.#jobs.add(job);
    this.#watch(job.deadline);
    let hasPlace = false;
    const giveUp = this.#gate.enter(() => {
      hasPlace = true;
      job.giveUp = undefined;
      const { method, path, headers, body = null } = job.request;
      this.#pool.dispatch({ method, path, headers, body }, exchange);
    });
    if (giveUp === undefined) {
      // It never waited, so there is nothing to give up; but it has no place either.
      job.giveUp = () => undefined;
      exchange.abort(new UpstreamFailure("busy", "too many calls wait for it"));
    } else if (!hasPlace) job.giveUp = giveUp;
  }

  #ended(job: Job, outcome: HttpAnswer | UpstreamFailure): void {
    const wasSent = job.giveUp === undefined;
    job.exchange = undefined;
    this.#jobs.delete(job);
    if (wasSent) this.#gate.leave();
    else job.giveUp?.();
    if (this.#learn(outcome, wasSent)) this.#options.log.warn("upstream.resting", { upstream: this.#options.name });
    if (outcome instanceof UpstreamFailure) this.#retryOrFail(job, outcome);
    else if (REDIRECTS.has(outcome.status)) this.#redirect(job, outcome);
    else if (outcome.contentEncoding === "" || outcome.contentEncoding === "identity") job.answered(outcome);
    else
      decompress(outcome.body, outcome.contentEncoding, job.maxBytes).then(
        (body) => job.answered({ ...outcome, body }),
        job.failed,
      );
  }

  /** True if the upstream is left alone from now on. */
  #learn(outcome: HttpAnswer | UpstreamFailure, wasSent: boolean): boolean {
    if (!(outcome instanceof UpstreamFailure) || outcome.code === "too-large") this.#breaker.answered();
    // Who waited too long for a place has learnt nothing about the upstream.
    else if (wasSent && (outcome.code === "unreachable" || outcome.code === "timeout")) return this.#breaker.failed();
    else this.#breaker.unknown();
    return false;
  }

  #retryOrFail(job: Job, failure: UpstreamFailure): void {
    const again =
      failure.code === "unreachable" &&
      !job.isRetried &&
      IDEMPOTENT.has(job.request.method) &&
      this.#options.now() < job.deadline;
    if (again) {
      job.isRetried = true;
      this.#send(job);
    } else job.failed(failure);
  }

  #redirect(job: Job, { status, location }: HttpAnswer): void {
    const { method, path } = job.request;
    const base = new URL(path, this.#options.origin);
    const target = location !== undefined && URL.canParse(location, base.href) ? new URL(location, base) : undefined;
    let why: string | undefined;
    if (!this.#options.redirects) why = "these are not followed";
    else if (job.redirects >= MAX_REDIRECTS) why = `more than ${MAX_REDIRECTS} in a row`;
    else if (!SAFE.has(method) && status !== 307 && status !== 308) why = "the method would change";
    else if (target?.origin !== base.origin) why = "it leads to another origin";
    if (why !== undefined || target === undefined) {
      job.failed(new UpstreamFailure("redirect", `it answered a redirect; ${why}`));
      return;
    }
    job.redirects += 1;
    job.request = { ...job.request, path: target.pathname + target.search };
    this.#send(job);
  }

  /** One timer for all: calls are many, and those that run into their deadline few. */
  #watch(deadline: number): void {
    if (this.#timer !== undefined) return;
    const delayMs = Math.max(1, Math.ceil(deadline - this.#options.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#endLate();
    }, delayMs);
    this.#timer.unref();
  }

  #endLate(): void {
    const { now, timeoutMs } = this.#options;
    const time = now();
    let next = Number.POSITIVE_INFINITY;
    for (const { deadline, exchange } of this.#jobs.list()) {
      if (deadline <= time) exchange?.abort(new UpstreamFailure("timeout", `no answer within ${timeoutMs} ms`));
      else next = Math.min(next, deadline);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#watch(next);
  }
}
