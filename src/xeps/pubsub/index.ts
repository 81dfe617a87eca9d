// Publish-subscribe: the asking side, followed topics, and what both sides write and read.
export { type Admissions, type AdmissionsOptions, createAdmissions } from "./admission.js";
export { createPubSubClient, type PubSubClient, type PubSubClientOptions } from "./client.js";
export { createFollower, type Follower, type FollowerOptions } from "./follower.js";
export { FOLLOW_LIMIT_TABLE, type FollowLimits } from "./limits.js";
export { withOwnTopics } from "./own-topics.js";
export { createPubSub } from "./pubsub.js";
export type { PubSubEvent } from "./read-event.js";
export {
  checkTopicOptions,
  createHostedService,
  createMemoryTopicStore,
  type HostedService,
  type PendingEvent,
  type StoredItem,
  type StoredNode,
  type StoredSubscription,
  type SubscriptionFilter,
  TOPIC_LIMIT_TABLE,
  type TopicAccessRule,
  type TopicOptions,
  TopicOptionsError,
  type TopicStore,
} from "./service/index.js";
export { writeFeed } from "./write-feed.js";
