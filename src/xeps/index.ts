// Protocol extensions, one file or folder each, named by function.
export { capsVersion } from "./caps.js";
export { type DiscoInfo, type DiscoItem, readDiscoInfo, readDiscoItems } from "./disco.js";
export { createEntity, type Entity, type EntityOptions } from "./entity.js";
export type { Feature, Identity } from "./feature.js";
export {
  ANSWER_LIMIT_TABLE,
  type AnswerLimits,
  type CallOptions,
  createExactCall,
  createResponder,
  type ExactCall,
  type ResponderOptions,
} from "./jabber-rpc/index.js";
export { createMessages, type MessagesOptions } from "./messages.js";
export { NS } from "./namespaces.js";
export { createPresenceWatch, type PresenceWatch } from "./presence-watch.js";
export { createRoomServices, type RoomServices } from "./room-services.js";
export { readRoster } from "./roster.js";
export { readVersion } from "./version.js";
