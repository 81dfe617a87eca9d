// The limits of hosted topics: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../../limit-table.js";

/** Every limit of this folder. */
export const TOPIC_LIMIT_TABLE = Object.freeze({
  topicNodes: { unit: "topics", default: 1_000, doc: "Topics that the gateway hosts." },
  topicNameChars: { unit: "characters", default: 256, doc: "Characters of a hosted topic's name, or of an item's id." },
  topicSubscribers: { unit: "addresses", default: 10_000, doc: "Subscribers of one hosted topic." },
  topicSubscriptionsPerAccount: {
    unit: "subscriptions",
    default: 256,
    doc: "Subscriptions of one account to hosted topics, all its resources together.",
  },
  topicMemoryChars: {
    unit: "characters",
    default: 33_554_432,
    doc: "Items of all hosted topics without `mailbox:`; beyond, the oldest are forgotten.",
  },
  topicBatch: {
    unit: "items",
    default: 32,
    doc: "Items of hosted topics that are sent to their subscribers before the server is asked whether it has them.",
  },
  topicRetryMs: {
    unit: "ms",
    default: 1_000,
    doc: "How long sending of hosted topics pauses after the link was full or the database failed.",
  },
});

/** The numbers of {@link TOPIC_LIMIT_TABLE}. */
export type TopicLimits = LimitsOf<typeof TOPIC_LIMIT_TABLE>;
