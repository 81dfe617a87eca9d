// The part for topics: the port PubSub, and the methods marked with @onItem (docs/pubsub.md).

import { type Jid, tryParseJid } from "../jid.js";
import { createMemoryStore } from "../mailbox/index.js";
import { createProcessMemory, type Memory } from "../memory/index.js";
import { PubSub, type Topics } from "../ports/index.js";
import type { ItemFollow } from "../rpc/index.js";
import {
  createAdmissions,
  createCommandClient,
  createFollower,
  createPubSub,
  createPubSubClient,
  withOwnTopics,
} from "../xeps/index.js";
import { type Clock, systemClock } from "../xmpp/index.js";
import { createFeedDoor } from "./feed-door.js";
import type { Part, PartContext } from "./part.js";
import { createPublishKind } from "./pubsub-outbox.js";

/** The part, and what programs use it by. */
export interface PubSubPart extends Part {
  readonly pubsub: PubSub;
  /** What was seen, from `open` on. */
  readonly memory: () => Memory;
}

/** What the part is made of. */
export interface PubSubOptions {
  /** The topics that the gateway hosts itself. */
  readonly topics: Topics | undefined;
  readonly clock?: Clock;
}

/** Makes the part. */
export function createPubSubPart(
  { topics, clock = systemClock }: PubSubOptions,
  { link, request, access, database, limits, log }: PartContext,
): PubSubPart {
  const { maxSentBytes } = limits;
  const isOwn = ({ full }: Jid): boolean => full === link.jid?.full || (link.addresses ?? []).includes(full);
  const client = withOwnTopics(
    createPubSubClient({ request, ownJid: () => link.jid?.full, maxSentBytes }),
    (service) => {
      const address = tryParseJid(service);
      return address !== undefined && isOwn(address) ? topics : undefined;
    },
  );
  const memory = database === undefined ? createProcessMemory() : createMemoryStore(database);
  const follower = createFollower({
    client,
    ownJid: () => link.jid,
    memory: () => memory,
    limits,
    clock,
    log,
  });
  const admissions = createAdmissions({ client, commands: createCommandClient({ request }), limits, clock, log });
  const pubsub = createPubSub(client, follower, admissions);
  const stop = async (): Promise<void> => {
    await Promise.all([follower.stop(), admissions.stop()]);
  };
  let follows: readonly ItemFollow[] = [];
  return {
    pubsub,
    memory: () => memory,
    features: [follower.feature, admissions.feature],
    outbox: [createPublishKind(pubsub)],
    doors: [createFeedDoor(pubsub, access)],
    bind: (container) => container.bind(PubSub).toConstantValue(pubsub),
    adopt: ({ onItem }) => {
      follows = onItem;
    },
    open: async () => {
      for (const follow of follows) follower.follow(follow);
    },
    stop,
    close: stop,
  };
}
