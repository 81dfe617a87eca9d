// The database side: tables, migrations, and the engine that sends what the web application wrote there.
export { type Database, openDatabase } from "./database.js";
export { type OutboxKind, OutboxProblem, type OutboxRow, outboxKind, type Sending } from "./outbox-kind.js";
export { openPool } from "./postgres/pool.js";
export { openSqliteThread } from "./sqlite/thread.js";
export { createOutboxEvents } from "./stores/note-events.js";
export { createQuestionsStore } from "./stores/questions-store.js";
export type { Tables } from "./tables.js";
