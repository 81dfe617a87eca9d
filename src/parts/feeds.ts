// The part for feeds of the web: polled once the link is up, until the gateway stops (docs/pubsub.md).

import {
  createFeedFetcher,
  createFeedPoller,
  createFeedReader,
  type FeedOptions,
  type FeedPoller,
} from "../feeds/index.js";
import type { Memory } from "../memory/index.js";
import type { PubSub } from "../ports/index.js";
import { SOFTWARE } from "../software.js";
import { type Clock, systemClock } from "../xmpp/index.js";
import type { Part, PartContext } from "./part.js";

/** What the part stands on. */
export interface FeedsPartOptions {
  readonly feeds: readonly FeedOptions[];
  readonly pubsub: PubSub;
  /** What was published; asked for at the start. */
  readonly memory: () => Memory;
  readonly clock?: Clock;
}

/** Makes the part. */
export function createFeedsPart(options: FeedsPartOptions, { link, limits, log }: PartContext): Part {
  const { feeds, pubsub, memory, clock = systemClock } = options;
  let poller: FeedPoller | undefined;
  return {
    start: async () => {
      poller = createFeedPoller({
        feeds,
        pubsub,
        fetcher: createFeedFetcher({ limits, userAgent: `${SOFTWARE.name}/${SOFTWARE.version}` }),
        reader: createFeedReader(limits),
        memory: memory(),
        limits,
        log,
        clock,
        isOnline: () => link.isOnline,
      });
      poller.start();
    },
    stop: async () => poller?.stop(),
    close: async () => poller?.stop(),
  };
}
