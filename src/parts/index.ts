// What a gateway is put together from, beyond calls.
export { createDatabasePart } from "./database.js";
export { createMailboxPart, type MailboxOptions, type MailboxPart } from "./mailbox.js";
export { readMailboxSettings } from "./mailbox-settings.js";
export { createNotesPart, type NotesPart, type NotesPartOptions } from "./notes.js";
export { type JoinedParts, joinParts, type Part, type PartContext } from "./part.js";
export type { SubscriptionOptions } from "./presence-policy.js";
export { readPresenceSettings } from "./presence-settings.js";
export { type ChatCommandOptions, createRoomsPart, type RoomsPart } from "./rooms.js";
export { readRoomsSettings, roomServicesOf } from "./rooms-settings.js";
