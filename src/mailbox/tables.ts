// The tables of the database as kysely sees them. Times are epoch milliseconds; texts that hold JSON are checked by who reads them.

import type { Generated } from "kysely";

/** What the web application wants sent. `kind`, `recipient` and `body` make a row; everything else has its default. */
export interface OutboxTable {
  readonly id: Generated<number>;
  readonly kind: string;
  readonly recipient: string;
  /** JSON; its members are those of the kind. */
  readonly body: string;
  readonly dedupe_key: string | null;
  readonly not_before: number | null;
  readonly expires_at: number | null;
  readonly created_at: Generated<number>;
  readonly status: Generated<"new" | "leased" | "sent" | "parked">;
  readonly lease_owner: string | null;
  readonly lease_until: number | null;
  readonly attempts: Generated<number>;
  readonly next_try_at: number | null;
  readonly stanza_id: string | null;
  readonly sent_at: number | null;
  readonly error: string | null;
}

/** What came in: messages of people, and answers to rows of the outbox. */
export interface InboxTable {
  readonly id: Generated<number>;
  readonly kind: string;
  readonly sender: string;
  readonly stanza_id: string;
  /** JSON. */
  readonly body: string;
  /** When it was written, which is earlier than `created_at` for what was delayed. */
  readonly stamp: Generated<number>;
  readonly created_at: Generated<number>;
  /** The row that it answers. */
  readonly outbox_id: number | null;
}

/** Questions that were put to people. */
export interface QuestionsTable {
  readonly id: Generated<number>;
  readonly code: string;
  readonly outbox_id: number | null;
  readonly asked: string;
  /** JSON. */
  readonly form: string | null;
  readonly deadline_at: number | null;
  readonly status: Generated<"open" | "answered" | "expired" | "canceled">;
  /** JSON. */
  readonly answer: string | null;
  readonly answered_by: string | null;
  readonly answered_at: number | null;
}

/** Calls of methods that the web application serves. */
export interface CallsTable {
  readonly id: Generated<number>;
  readonly method: string;
  /** JSON. */
  readonly params: string;
  readonly requester: string;
  readonly deadline_at: number;
  readonly status: Generated<"new" | "leased" | "done" | "faulted" | "expired">;
  /** JSON. */
  readonly result: string | null;
  readonly fault_code: number | null;
  readonly fault_string: string | null;
  readonly finished_at: number | null;
}

/** Messages that a stand-alone gateway keeps for absent accounts. */
export interface OfflineMessagesTable {
  readonly id: Generated<number>;
  /** A bare address. */
  readonly account: string;
  /** A full address. */
  readonly sender: string;
  readonly stamp: number;
  /** The stanza, in the namespace `jabber:client`. */
  readonly xml: string;
  readonly bytes: number;
}

/** What was seen already. */
export interface MemoryTable {
  /** Whose memory it is. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** When it was put there, or needed last. */
  readonly at: Generated<number>;
}

/** Hosted topics that were made. `service` is the address of the gateway that hosts them. */
export interface TopicsTable {
  readonly service: string;
  readonly node: string;
  readonly created_at: Generated<number>;
}

/** Their items; `id` grows with every publication. */
export interface TopicItemsTable {
  readonly id: Generated<number>;
  readonly service: string;
  readonly node: string;
  readonly item_id: string;
  /** XML: the complete element. */
  readonly payload: string;
  /** Subscribers are still to be told of what is `new` or `retracted`. */
  readonly state: Generated<"new" | "told" | "retracted">;
  readonly published_at: Generated<number>;
}

/** Who subscribes to them. */
export interface TopicSubscriptionsTable {
  readonly id: Generated<number>;
  readonly service: string;
  readonly node: string;
  readonly jid: string;
  /** The bare address of `jid`. */
  readonly account: string;
  readonly created_at: Generated<number>;
}

/** Who is still to be told that a topic is gone. */
export interface TopicEndsTable {
  readonly id: Generated<number>;
  readonly service: string;
  readonly node: string;
  readonly jid: string;
}

/** Every table; an area that has its own adds them here. */
export interface Tables {
  readonly outbox: OutboxTable;
  readonly inbox: InboxTable;
  readonly questions: QuestionsTable;
  readonly calls: CallsTable;
  readonly offline_messages: OfflineMessagesTable;
  readonly memory: MemoryTable;
  readonly topics: TopicsTable;
  readonly topic_items: TopicItemsTable;
  readonly topic_subscriptions: TopicSubscriptionsTable;
  readonly topic_ends: TopicEndsTable;
}
