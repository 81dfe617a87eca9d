// Hosted topics put together: one service of publish-subscribe at the gateway's own address (XEP-0060).

import { randomBytes } from "node:crypto";
import type { Logger } from "../../../observe/index.js";
import type { Topics } from "../../../ports/index.js";
import type { Access } from "../../../rpc/index.js";
import type { Clock, Link } from "../../../xmpp/index.js";
import type { Feature } from "../../feature.js";
import type { RoomServices } from "../../room-services.js";
import { createHostedTopics, type HostedTopicsOptions } from "./hosted-topics.js";
import type { TopicLimits } from "./limits.js";
import { createNotifier } from "./notifier.js";
import { createServiceFeature } from "./service-feature.js";
import { createTopicConfigs, type TopicOptions } from "./topic-configs.js";
import type { TopicStore } from "./topic-store.js";

/** What hosted topics are made of. */
export interface HostedServiceOptions extends Pick<HostedTopicsOptions, "meaningOf"> {
  readonly link: Link;
  readonly store: () => TopicStore;
  readonly topics: readonly TopicOptions[];
  /** The gateway's own access list. */
  readonly access: Access;
  readonly rooms: RoomServices;
  readonly roomServices: readonly string[];
  readonly limits: TopicLimits & { readonly maxSentBytes: number };
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** The service. */
export interface HostedService {
  readonly feature: Feature;
  readonly topics: Topics;
  /** Resolves when what was published is told, as far as the link takes it. */
  idle(): Promise<void>;
  stop(): void;
}

/** Makes it. Throws `TopicOptionsError`. */
export function createHostedService(options: HostedServiceOptions): HostedService {
  const { link, store, limits, clock, now, log, meaningOf } = options;
  const configs = createTopicConfigs({ ...options, maxNameChars: options.limits.topicNameChars });
  // Errors that come back are told from those of other messages by it.
  const prefix = `topic-${randomBytes(9).toString("base64url")}-`;
  let count = 0;
  const newId = (): string => {
    count += 1;
    return `${prefix}${count.toString(36)}`;
  };
  const notifier = createNotifier({ link, store, configs, limits, newId, clock, now, log });
  const isOurs = (id: string): boolean => id.startsWith(prefix);
  const author = (): string => link.jid?.full ?? "jabber-rpc";
  return {
    feature: createServiceFeature({ link, store, configs, notifier, limits, isOurs, log }),
    topics: createHostedTopics({ store, configs, notifier, limits, author, meaningOf }),
    idle: () => notifier.idle(),
    stop: () => notifier.stop(),
  };
}
