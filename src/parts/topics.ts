// The part for topics that the gateway hosts itself (docs/topics.md).

import { createTopicStore } from "../mailbox/index.js";
import { Topics } from "../ports/index.js";
import { createHostedService, createMemoryTopicStore, NS, type TopicOptions, type TopicStore } from "../xeps/index.js";
import { type Clock, type LinkMode, systemClock } from "../xmpp/index.js";
import type { Part, PartContext } from "./part.js";

/** What hosted topics are made of. */
export interface TopicsOptions {
  readonly topics: readonly TopicOptions[];
  /** The room services of the gateway's options. */
  readonly roomServices: readonly string[];
  /** Epoch milliseconds; for tests. */
  readonly now?: () => number;
  readonly clock?: Clock;
}

/** The part, and what programs use it by. */
export interface TopicsPart extends Part {
  readonly topics: Topics;
}

/** A client is one address of somebody's server, which has a service of its own. */
const HOSTING_MODES: ReadonlySet<LinkMode> = new Set(["standalone", "component", "memory"]);

/** Makes the part. Throws for options that cannot be used, and in client mode. */
export function createTopicsPart(options: TopicsOptions, context: PartContext): TopicsPart {
  const { link, access, rooms, limits, table, log, database } = context;
  const { topics, roomServices, now = Date.now, clock = systemClock } = options;
  if (!HOSTING_MODES.has(link.mode))
    throw new Error(
      `topics: only a gateway in stand-alone or component mode can host topics, and this one is in ${link.mode} mode`,
    );
  let opened: TopicStore | undefined;
  const store = (): TopicStore => {
    if (link.jid === undefined) throw new Error("there is no link yet");
    opened ??=
      database === undefined
        ? createMemoryTopicStore({ maxChars: limits.topicMemoryChars, now })
        : createTopicStore(database(), link.jid.full, now);
    return opened;
  };
  const meaningOf = (node: string): string | undefined => {
    if (table.find(node) !== undefined) return "a method is called so";
    return node.startsWith("describe;") || node.startsWith(NS.commands)
      ? "the gateway uses such names itself"
      : undefined;
  };
  const service = createHostedService({
    link,
    store,
    topics,
    access,
    rooms,
    roomServices,
    limits,
    clock,
    now,
    meaningOf,
    log,
  });
  return {
    topics: service.topics,
    features: [service.feature],
    bind: (container) => container.bind(Topics).toConstantValue(service.topics),
    stop: async () => {
      await within(limits.flushMs, service.idle(), clock);
      service.stop();
    },
    close: async () => {
      service.stop();
      opened = undefined;
    },
  };
}

/** Resolves when the work is done, at the latest after `limitMs`. */
async function within(limitMs: number, work: Promise<void>, clock: Clock): Promise<void> {
  let cancel: (() => void) | undefined;
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([work, limit]);
  cancel?.();
}
