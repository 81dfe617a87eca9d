// Protocol extensions, one file or folder each, named by function.
export { capsVersion } from "./caps.js";
export {
  COMMAND_LIMIT_TABLE,
  type CommandLimits,
  type CommandsOptions,
  createCommands,
  createNoCommands,
} from "./commands/index.js";
export { readDiscoInfo, readDiscoItems } from "./disco.js";
export { createEntity, type Entity, type EntityOptions } from "./entity.js";
export type { DiscoInfo, DiscoItem, DiscoNode, Feature, Identity } from "./feature.js";
export {
  ANSWER_LIMIT_TABLE,
  type AnswerLimits,
  type CallOptions,
  createExactCall,
  createResponder,
  type ExactCall,
  type ResponderOptions,
} from "./jabber-rpc/index.js";
export { NS } from "./namespaces.js";
export { createPresenceWatch, type PresenceWatch } from "./presence-watch.js";
export { readRoster } from "./roster.js";
export { readVersion } from "./version.js";
