// What a gateway is put together from, beyond calls.

export { createFeedsPart } from "./feeds.js";
export { readFeedsSettings } from "./feeds-settings.js";
export { joinParts, type Part, type PartContext } from "./part.js";
export { createPubSubPart, type PubSubPart } from "./pubsub.js";
