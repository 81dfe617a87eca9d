// What a gateway is put together from, beyond calls.
export { createDatabasePart } from "./database.js";
export { createFeedsPart } from "./feeds.js";
export { readFeedsSettings } from "./feeds-settings.js";
export { createMailboxPart, type MailboxOptions, type MailboxPart } from "./mailbox.js";
export { readMailboxSettings, withMailboxPlace } from "./mailbox-settings.js";
export { createNotesPart, type NotesPart, type NotesPartOptions } from "./notes.js";
export { createOfflinePart, type OfflinePart, type OfflinePartOptions } from "./offline.js";
export { type JoinedParts, joinParts, type Part, type PartContext } from "./part.js";
export type { SubscriptionOptions } from "./presence-policy.js";
export { readPresenceSettings } from "./presence-settings.js";
export { createPubSubPart, type PubSubPart } from "./pubsub.js";
export { type ChatCommandOptions, createRoomsPart, type RoomsPart } from "./rooms.js";
export { readRoomsSettings, roomServicesOf } from "./rooms-settings.js";
export { createStatusesPart, type StatusesPart, type StatusOptions } from "./statuses.js";
export { readStatusesSettings } from "./statuses-settings.js";
export { createTopicsPart, type TopicsOptions, type TopicsPart } from "./topics.js";
export { readTopicsSettings } from "./topics-settings.js";
