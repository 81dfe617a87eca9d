// The database side: tables, migrations, what is sent, what came in, and calls that the web application answers.
export { type CallDesk, createCallDesk } from "./calls/call-desk.js";
export { createCallStore } from "./calls/call-store.js";
export { servedMethodProblems, servedMethods } from "./calls/served-methods.js";
export { createMailbox } from "./client/create-mailbox.js";
export type {
  Arrival,
  CallContent,
  Mailbox,
  NoteContent,
  PublishContent,
  QuestionContent,
  RowOptions,
  ServedCall,
} from "./client/mailbox.js";
export { type Database, openDatabase } from "./database.js";
export { DatabaseProblem } from "./database-problem.js";
export { createInbox, type Inbox, type InboxEntry } from "./inbox/inbox.js";
export { createInboxMessages } from "./inbox/messages.js";
export { MAILBOX_LIMIT_TABLE, type MailboxLimits } from "./limits.js";
export { mailboxStatus, purgeParked, retryParked } from "./operations.js";
export { createCallKind } from "./outbox/call-kind.js";
export { createOutboxEngine, type OutboxEngine } from "./outbox/engine.js";
export { handOver } from "./outbox/hand-over.js";
export { createOutboxStore, type OutboxStore } from "./outbox/outbox-store.js";
export { type OutboxKind, OutboxProblem, type OutboxRow, outboxKind, type Sending } from "./outbox-kind.js";
export { openPool } from "./postgres/pool.js";
export { checkTables, prepareDatabase } from "./prepare.js";
export { type Purged, purge } from "./retention.js";
export { openSqliteThread, type SqliteThread } from "./sqlite/thread.js";
export { createMemoryStore } from "./stores/memory-store.js";
export { createOfflineStore } from "./stores/offline-store.js";
export { createQuestionsStore } from "./stores/questions-store.js";
export { recordReceipts } from "./stores/receipts.js";
export { createTopicStore } from "./stores/topic-store.js";
export type { Tables } from "./tables.js";
