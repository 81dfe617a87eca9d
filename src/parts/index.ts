// What a gateway is put together from, beyond calls.
export { createDatabasePart } from "./database.js";
export { createMailboxPart, type MailboxOptions } from "./mailbox.js";
export { readMailboxSettings } from "./mailbox-settings.js";
export { joinParts, type Part, type PartContext } from "./part.js";
