// Who follows what: notifications go to the topics they belong to, and to no other (XEP-0060 §7.1.2, §12.4; XEP-0203 §4).

import { type Jid, parseJid, tryParseJid } from "../../jid.js";
import type { Memory } from "../../memory/index.js";
import type { Logger } from "../../observe/index.js";
import type { Following } from "../../ports/index.js";
import type { ItemFollow } from "../../rpc/index.js";
import { findChild, type XmlElement } from "../../xml/index.js";
import type { Clock } from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import type { PubSubClient } from "./client.js";
import type { FollowLimits } from "./limits.js";
import { PUBSUB_NS } from "./namespaces.js";
import { type PubSubEvent, readEvents } from "./read-event.js";
import { Topic } from "./topic.js";

/** What a follower stands on. */
export interface FollowerOptions {
  readonly client: PubSubClient;
  readonly ownJid: () => Jid | undefined;
  readonly memory: () => Memory;
  readonly limits: FollowLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Follows topics. */
export interface Follower {
  readonly feature: Feature;
  /**
   * Follows from now on, or from when the link is online.
   *
   * @param follow.service an address; throws JidError for what is none
   * @param onEvent sees everything that happens to the node
   */
  follow(follow: ItemFollow, onEvent?: (event: PubSubEvent) => void): Following;
  /** Resolves when no handler runs; takes nothing more. */
  stop(): Promise<void>;
}

interface Followed {
  readonly topic: Topic;
  readonly onEvent: ((event: PubSubEvent) => void) | undefined;
}

/** Makes one that follows nothing. */
export function createFollower(options: FollowerOptions): Follower {
  const { client, ownJid, limits, clock, log } = options;
  const followed = new Set<Followed>();
  let isOnline = false;
  let count = 0;

  const at = (service: string, node: string): Followed[] =>
    [...followed].filter(({ topic }) => topic.follow.service === service && topic.follow.node === node);

  const hand = (event: PubSubEvent, { topic, onEvent }: Followed): void => {
    onEvent?.(event);
    const { service, node } = topic.follow;
    switch (event.kind) {
      case "items":
        topic.take(event.items);
        return;
      case "delete":
        log.warn("pubsub.node-deleted", { service, node });
        return;
      case "subscription":
        log.info("pubsub.subscription", { service, node, state: event.subscription.state });
        topic.check();
        return;
      case "purge":
      case "configuration":
    }
  };

  const take = (message: XmlElement): boolean => {
    if (followed.size === 0 || findChild(message, "event", PUBSUB_NS.event) === undefined) return false;
    const events = readEvents(message);
    const from = tryParseJid(message.attrs["from"]);
    const problem = problemOf(message, from, ownJid());
    let isTaken = false;
    for (const event of events) {
      const own = from === undefined ? [] : at(from.full, event.node);
      const isClaimed = own.length === 0 && [...followed].some(({ topic }) => topic.follow.node === event.node);
      if (own.length === 0 && !isClaimed) continue;
      isTaken = true;
      const refused = isClaimed ? "not from the service that is followed" : problem;
      if (refused === undefined) for (const one of own) hand(event, one);
      else log.warn("pubsub.event-refused", { from: message.attrs["from"], node: event.node, problem: refused });
    }
    return isTaken;
  };

  return {
    feature: {
      name: "pubsub",
      message: take,
      online: () => {
        isOnline = true;
        for (const { topic } of followed) topic.online();
      },
      offline: () => {
        isOnline = false;
        for (const { topic } of followed) topic.offline();
      },
    },
    follow: (follow, onEvent) => {
      const service = parseJid(follow.service).full;
      count += 1;
      const topic = new Topic({
        follow: { ...follow, service },
        name: `follow ${service} ${follow.node} ${follow.name ?? `#${count}`}`,
        client,
        memory: options.memory(),
        limits,
        clock,
        log,
      });
      const one = { topic, onEvent };
      followed.add(one);
      if (isOnline) topic.online();
      return {
        stop: async ({ keep = false } = {}) => {
          if (!followed.delete(one)) return;
          await topic.stop(!keep && at(service, follow.node).length === 0);
        },
      };
    },
    stop: async () => {
      await Promise.all([...followed].map(({ topic }) => topic.stop(false)));
      followed.clear();
    },
  };
}

/** Why a message that names a followed node is not believed. */
function problemOf(message: XmlElement, from: Jid | undefined, own: Jid | undefined): string | undefined {
  const { type } = message.attrs;
  if (type === "error" || type === "groupchat") return `a message of type ${type}`;
  const delay = findChild(message, "delay", NS.delay);
  if (delay === undefined) return undefined;
  // Only the service itself, and who keeps messages for us, can have held it back.
  const by = tryParseJid(delay.attrs["from"]);
  const trusted = [from?.full, from?.domain, own?.bare, own?.domain];
  if (delay.attrs["from"] === undefined || (by !== undefined && trusted.includes(by.full))) return undefined;
  return "held back by somebody who is neither the service nor the own server";
}
