// Messages that wait for the own account: XEP-0013, and XEP-0313 in its place.
export { OFFLINE_LIMIT_TABLE, type OfflineReadLimits } from "./limits.js";
export { createOfflineMessages, type OfflineMessagesOptions, type OfflineReader } from "./offline-messages.js";
