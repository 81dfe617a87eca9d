// The feeds of a gateway, each polled in its interval, a few at a time; after failures more and more seldom.

import { createHash } from "node:crypto";
import type { Memory } from "../memory/index.js";
import { messageOf } from "../message-of.js";
import type { Logger } from "../observe/index.js";
import type { PubSub } from "../ports/index.js";
import { FeedProblem } from "./feed-problem.js";
import type { FeedFetcher } from "./fetch-feed.js";
import type { FeedLimits } from "./limits.js";
import { type FeedSource, pollFeed } from "./poll-feed.js";
import type { FeedReader } from "./reader.js";

/** A feed of the settings. */
export interface FeedOptions extends FeedSource {
  /** Default 300. */
  readonly intervalSeconds?: number;
}

/** Milliseconds, and a timer. */
export interface FeedClock {
  /** Calls `run` once after `delayMs`; the returned function takes the timer back. */
  after(delayMs: number, run: () => void): () => void;
}

/** What a poller stands on. */
export interface FeedPollerOptions {
  readonly feeds: readonly FeedOptions[];
  readonly pubsub: PubSub;
  readonly fetcher: FeedFetcher;
  readonly reader: FeedReader;
  readonly memory: Memory;
  readonly limits: FeedLimits;
  readonly log: Logger;
  readonly clock: FeedClock;
  /** Milliseconds since 1970. Default: the machine's. */
  readonly now?: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number;
  /** Nothing is polled while what is published could not be sent. */
  readonly isOnline: () => boolean;
}

/** Polls until it is stopped. */
export interface FeedPoller {
  start(): void;
  /** Resolves when no poll runs any more; each ends at once, or after the entry it is at. May be called twice. */
  stop(): Promise<void>;
}

const DEFAULT_INTERVAL_SECONDS = 300;
/** How soon it is looked again whether the link is up. */
const OFFLINE_PAUSE_MS = 5_000;
/** The first polls are spread over this time. */
const SPREAD_MS = 1_000;
/** Intervals differ by so much from one time to the next, so that many gateways do not ask at once. */
const JITTER = 0.1;

/** Makes a poller. */
export function createFeedPoller(options: FeedPollerOptions): FeedPoller {
  const { feeds, fetcher, reader, limits, log, clock, random = Math.random } = options;
  const running = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  const timers = new Map<FeedOptions, () => void>();
  let isStopped = false;

  const takeTurns = async (poll: () => Promise<void>): Promise<void> => {
    if (running.size >= limits.feedsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    if (isStopped) return;
    const work = poll().finally(() => {
      running.delete(work);
      waiting.shift()?.();
    });
    running.add(work);
    await work;
  };

  const schedule = (feed: OnePoll, delayMs: number): void => {
    if (isStopped) return;
    const cancel = clock.after(delayMs, () => void takeTurns(() => run(feed)));
    timers.set(feed.options, cancel);
  };

  const run = async (feed: OnePoll): Promise<void> => {
    if (!options.isOnline()) return schedule(feed, OFFLINE_PAUSE_MS);
    schedule(feed, await pollOnce(feed));
  };

  /** Polls, and gives the pause until the next time. Never rejects. */
  const pollOnce = async (feed: OnePoll): Promise<number> => {
    const { service, node, intervalSeconds = DEFAULT_INTERVAL_SECONDS } = feed.options;
    const intervalMs = intervalSeconds * 1_000 * (1 + JITTER * (random() * 2 - 1));
    const facts = { feed: shownUrl(feed.options.url), service, node };
    try {
      const published = await pollFeed(feed.options, {
        ...options,
        name: feed.name,
        now: options.now ?? Date.now,
        isStopped: () => isStopped,
      });
      feed.failures = 0;
      log.info("feed.polled", { ...facts, published });
      return intervalMs;
    } catch (error) {
      // That it was stopped on the way is no failure of the feed.
      if (isStopped) return intervalMs;
      feed.failures += 1;
      const ceilingMs = Math.max(limits.feedLongestPauseMs, intervalMs);
      const retryAfterMs = error instanceof FeedProblem ? (error.retryAfterMs ?? 0) : 0;
      const isGone = error instanceof FeedProblem && error.code === "gone";
      const pauseMs = isGone ? ceilingMs : Math.min(ceilingMs, intervalMs * 2 ** (feed.failures - 1));
      const code = error instanceof FeedProblem ? error.code : undefined;
      const delayMs = Math.max(pauseMs, retryAfterMs);
      const nextSeconds = Math.round(delayMs / 1_000);
      log.warn("feed.failed", { ...facts, code, cause: messageOf(error), failures: feed.failures, nextSeconds });
      return delayMs;
    }
  };

  return {
    start: () => {
      for (const feed of feeds)
        schedule({ options: feed, name: memoryName(feed), failures: 0 }, Math.round(random() * SPREAD_MS));
    },
    stop: async () => {
      isStopped = true;
      for (const cancel of timers.values()) cancel();
      for (const go of waiting.splice(0)) go();
      // What is fetched or read now is again with the next start.
      await Promise.all([fetcher.close(), reader.close()]);
      await Promise.all(running);
    },
  };
}

interface OnePoll {
  readonly options: FeedOptions;
  readonly name: string;
  failures: number;
}

/** One feed to two topics is two feeds. Addresses may hold keys, so they are not stored. */
function memoryName({ url, service, node }: FeedSource): string {
  return `feed ${createHash("sha256")
    .update(JSON.stringify([url, service, node]))
    .digest("base64url")}`;
}

/** An address without what may be secret in it. */
function shownUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}
