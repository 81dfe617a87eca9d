// A gateway, a publish-subscribe service and a web server in one process, for tests of feeds; time is turned by hand.

import {
  createFeedFetcher,
  createFeedPoller,
  createFeedReader,
  FEED_LIMIT_TABLE,
  type FeedPoller,
} from "../../src/feeds/index.js";
import type { FeedPollerOptions } from "../../src/feeds/poller.js";
import { createGateway, createMemoryNetwork, type Gateway, type MemoryNetwork } from "../../src/index.js";
import { limitDefaults } from "../../src/limit-table.js";
import { createProcessMemory } from "../../src/memory/index.js";
import { type Answer, startServer, type TestServer } from "../upstream/http-server.js";
import { ManualClock } from "./manual-clock.js";
import { type PubSubService, SERVICE, startPubSubService } from "./pubsub-service.js";
import { type RecordingLog, recordingLog } from "./recording-log.js";

export const FEED_LIMITS = limitDefaults(FEED_LIMIT_TABLE);
export const FEED_NODE = "news";

export interface FeedBed {
  readonly network: MemoryNetwork;
  readonly gateway: Gateway;
  readonly service: PubSubService;
  readonly server: TestServer;
  readonly log: RecordingLog;
  readonly clock: ManualClock;
  /** Starts to poll `/feed.xml` each minute, at once. */
  start(options?: Partial<FeedPollerOptions>): FeedPoller;
  /** Lets the clock reach the next poll and waits for its line in the log. */
  poll(ms?: number, pattern?: RegExp): Promise<string>;
  /** Stops the poller that was started last. */
  stopPoller(): Promise<void>;
  stop(): Promise<void>;
}

/** @param answer what the web server says */
export async function startFeedBed(answer: Answer): Promise<FeedBed> {
  const network = createMemoryNetwork();
  const service = await startPubSubService(network);
  service.nodes.set(FEED_NODE, new Map());
  const gateway = createGateway({ link: network.link("rpc.example.org"), access: [{ anyone: true }] });
  await gateway.start();
  const server = await startServer(answer);
  const log = recordingLog();
  const clock = new ManualClock();
  const pollers: FeedPoller[] = [];
  return {
    network,
    gateway,
    service,
    server,
    log,
    clock,
    start: (options = {}) => {
      const limits = options.limits ?? FEED_LIMITS;
      const poller = createFeedPoller({
        feeds: [
          { url: `${server.origin}/feed.xml?key=secret`, service: SERVICE, node: FEED_NODE, intervalSeconds: 60 },
        ],
        pubsub: gateway.pubsub,
        fetcher: createFeedFetcher({ limits, userAgent: "test/1" }),
        reader: createFeedReader(limits),
        memory: createProcessMemory(),
        limits,
        log,
        clock,
        random: () => 0.5,
        isOnline: () => true,
        ...options,
      });
      pollers.push(poller);
      poller.start();
      clock.advance(1_000);
      return poller;
    },
    poll: async (ms = 60_000, pattern = /^feed\.(polled|failed)/) => {
      log.lines.length = 0;
      const line = log.until(pattern);
      // The line of a poll is written before its next time is set.
      while (clock.waits.length === 0) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(ms);
      return line;
    },
    stopPoller: async () => pollers.pop()?.stop(),
    stop: async () => {
      for (const poller of pollers.splice(0)) await poller.stop();
      await gateway.stop();
      await service.stop();
      await server.stop();
    },
  };
}

interface RssItem {
  readonly id: string;
  readonly title?: string;
  readonly day?: number;
  readonly text?: string;
}

/** The newest first, as feeds have it. */
export function rssOf(items: readonly RssItem[]): string {
  const texts = items.map(({ id, title = id, day, text = "" }) => {
    const date = day === undefined ? "" : `<pubDate>${day} Nov 2026 10:00 GMT</pubDate>`;
    return `<item><guid>${id}</guid><title>${title}</title>${date}<description>${text}</description></item>`;
  });
  return `<rss version="2.0"><channel><title>T</title>${texts.join("")}</channel></rss>`;
}
