// Protocol extensions, one file or folder each, named by function.
export { capsVersion, writeCaps } from "./caps.js";
export {
  CHAT_COMMAND_LIMIT_TABLE,
  type ChatCommandLimits,
  createChatCommands,
  createCommandRunner,
} from "./chat-commands/index.js";
export {
  type Action,
  type BuiltinCommand,
  COMMAND_LIMIT_TABLE,
  type CommandClient,
  type CommandLimits,
  type CommandReply,
  type CommandStep,
  type CommandsOptions,
  createCommandClient,
  createCommands,
  createNoCommands,
  type ListedCommand,
  type Note,
  type OfferedAction,
} from "./commands/index.js";
export {
  datatypeHint,
  type Field,
  type FieldOption,
  type FieldProblem,
  type FieldType,
  type Form,
  isList,
  isMulti,
  isOpen,
  readSubmission,
  typeOf,
} from "./data-forms/index.js";
export { createDescriptions, type DescriptionsOptions } from "./descriptions.js";
export { readDiscoInfo, readDiscoItems } from "./disco.js";
export { createEntity, type Entity, type EntityOptions } from "./entity.js";
export type { DiscoInfo, DiscoItem, DiscoNode, Feature, Identity } from "./feature.js";
export {
  ANSWER_LIMIT_TABLE,
  type AnswerLimits,
  type CallOptions,
  createExactCall,
  createForwarder,
  createResponder,
  type ExactCall,
  type ResponderOptions,
} from "./jabber-rpc/index.js";
export { createMessages, type MessagesOptions } from "./messages.js";
export {
  createMuc,
  createRoomCommands,
  isCommandPrefix,
  type Muc,
  ROOM_LIMIT_TABLE,
  type RoomLimits,
  readRoom,
} from "./muc/index.js";
export { NS } from "./namespaces.js";
export {
  checkPerson,
  createPeople,
  NOTE_LIMIT_TABLE,
  type NoteLimits,
  type People,
  type QuestionEnd,
  type QuestionStore,
  readNote,
  readQuestion,
  type StoredQuestion,
} from "./notes/index.js";
export {
  createOfflineMessages,
  OFFLINE_LIMIT_TABLE,
  type OfflineMessagesOptions,
  type OfflineReader,
  type OfflineReadLimits,
} from "./offline/index.js";
export type { SubscriptionPolicy } from "./presence.js";
export { createPresenceWatch, type PresenceWatch } from "./presence-watch.js";
export {
  checkTopicOptions,
  createAdmissions,
  createFollower,
  createHostedService,
  createMemoryTopicStore,
  createPubSub,
  createPubSubClient,
  FOLLOW_LIMIT_TABLE,
  type Follower,
  type FollowLimits,
  type HostedService,
  type PendingEvent,
  type PubSubClient,
  type PubSubEvent,
  type StoredItem,
  type StoredNode,
  type StoredSubscription,
  type SubscriptionFilter,
  TOPIC_LIMIT_TABLE,
  type TopicAccessRule,
  type TopicOptions,
  TopicOptionsError,
  type TopicStore,
  withOwnTopics,
  writeFeed,
} from "./pubsub/index.js";
export { createRoomServices, type RoomServices } from "./room-services.js";
export { readRoster } from "./roster.js";
export { readVersion } from "./version.js";
