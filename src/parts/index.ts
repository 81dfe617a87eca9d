// What a gateway is put together from, beyond calls.
export { joinParts, type Part, type PartContext } from "./part.js";
export { createPubSubPart, type PubSubPart } from "./pubsub.js";
