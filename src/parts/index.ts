// What a gateway is put together from, beyond calls.
export { createDatabasePart } from "./database.js";
export { type MailboxOptions, readMailboxSettings } from "./mailbox-settings.js";
export { joinParts, type Part, type PartContext } from "./part.js";
export { createPubSubPart, type PubSubPart } from "./pubsub.js";
export { createTopicsPart, type TopicsOptions, type TopicsPart } from "./topics.js";
export { readTopicsSettings } from "./topics-settings.js";
