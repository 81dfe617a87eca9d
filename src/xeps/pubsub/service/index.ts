// The service side of publish-subscribe: topics that the gateway hosts itself.
export { createHostedService, type HostedService, type HostedServiceOptions } from "./hosted-service.js";
export { TOPIC_LIMIT_TABLE, type TopicLimits } from "./limits.js";
export { createMemoryTopicStore, type MemoryTopicStoreOptions } from "./memory-topic-store.js";
export { checkTopicOptions, type TopicAccessRule, type TopicOptions, TopicOptionsError } from "./topic-configs.js";
export type {
  PendingEvent,
  StoredItem,
  StoredNode,
  StoredSubscription,
  SubscriptionFilter,
  TopicEnd,
  TopicStore,
} from "./topic-store.js";
