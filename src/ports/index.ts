// What handlers may have injected: abstract classes, made real by parts of a gateway.
export { entryOfPlain, type PlainEntry, readPlainEntry } from "./plain-entry.js";
export {
  AFFILIATIONS,
  type AffiliationName,
  type Following,
  type ItemsOptions,
  type NodeConfig,
  type PublishOptions,
  PubSub,
  type PubSubAffiliation,
  type PubSubSubscription,
  SUBSCRIPTION_STATES,
  type SubscriptionState,
} from "./pubsub.js";
export { PubSubError, type PubSubErrorCode } from "./pubsub-error.js";
