// What a web application in JavaScript does with the tables of the mailbox; others do the same in SQL (docs/mailbox.md).

import type { JsonValue } from "../../values/index.js";

/** When a row is sent, and how often at most. */
export interface RowOptions {
  /** Not before this time. */
  readonly notBefore?: Date;
  /** Not after this time: the row is parked then. */
  readonly expiresAt?: Date;
  /** A second row with the same key is not inserted; the first one is meant. */
  readonly dedupeKey?: string;
}

/** A note to a person. */
export interface NoteContent {
  readonly text: string;
  readonly subject?: string;
  /** A URL. */
  readonly link?: string;
  readonly urgency?: "low" | "normal" | "high";
  /** `online` waits until the person is. Default `now`. */
  readonly when?: "now" | "online";
}

/** A question to a person. */
export interface QuestionContent {
  readonly text: string;
  readonly subject?: string;
  /** What may be answered. */
  readonly choices?: readonly string[];
  /** A form, as docs/notes.md describes it. */
  readonly form?: JsonValue;
  readonly when?: "now" | "online";
  /** How long it is open, in milliseconds. Default: a week. */
  readonly deadlineMs?: number;
}

/** An item of a node. */
export interface PublishContent {
  readonly node: string;
  readonly itemId?: string;
  /** An entry of a feed, or any JSON. */
  readonly entry?: JsonValue;
  readonly json?: JsonValue;
}

/** A call of a method of another responder. */
export interface CallContent {
  readonly method: string;
  readonly params?: readonly JsonValue[];
}

/** A row of the inbox. */
export interface Arrival {
  readonly id: number;
  readonly kind: string;
  /** Full JID. */
  readonly sender: string;
  readonly stanzaId: string;
  readonly body: JsonValue;
  /** When it was written. */
  readonly stamp: Date;
  /** When it was stored. */
  readonly createdAt: Date;
  readonly outboxId: number | undefined;
}

/** A call that this program is to answer. */
export interface ServedCall {
  readonly id: number;
  readonly method: string;
  /** Full JID, as the gateway authenticated it. */
  readonly requester: string;
  /** After it nobody waits any more. */
  readonly deadlineAt: Date;
}

/** The tables, as a program uses them. */
export interface Mailbox {
  /** Inserts a note and gives the id of its row. */
  notify(recipient: string, note: string | NoteContent, options?: RowOptions): Promise<number>;
  /**
   * Puts a question and resolves with its answer, as {@link Mailbox.answerTo} does.
   *
   * @throws Error when it expires, is canceled, or cannot be sent
   */
  ask(recipient: string, question: string | QuestionContent, options?: RowOptions): Promise<JsonValue>;
  /** Inserts a question and gives the id of its row, for {@link Mailbox.answerTo}; also after a restart. */
  putQuestion(recipient: string, question: string | QuestionContent, options?: RowOptions): Promise<number>;
  /** The answer to a row of kind `question`, or the result of one of kind `call`, once it is there. Throws as `ask` and `call` do. */
  answerTo(outboxId: number): Promise<JsonValue>;
  publish(service: string, item: PublishContent, options?: RowOptions): Promise<number>;
  room(room: string, text: string, options?: RowOptions): Promise<number>;
  /**
   * Has the gateway call a method, and resolves with the result.
   *
   * @throws RpcFault; Error when the row is parked before it was called
   */
  call(recipient: string, call: CallContent, options?: RowOptions): Promise<JsonValue>;
  /**
   * Rows of the inbox, oldest first.
   *
   * @param filter `after`: with a higher id, so remember the last one that was dealt with; `kinds`: of these only; at most `limit`, 100 unless given
   */
  inbox(filter?: {
    readonly after?: number;
    readonly kinds?: readonly string[];
    readonly limit?: number;
  }): Promise<readonly Arrival[]>;
  /** Calls back when rows may have changed; until the returned function is called. */
  onChange(listener: () => void): () => void;
  /**
   * Answers calls of a method that the gateway's settings declare; several at a time. An RpcFault that the handler throws is the caller's;
   * of any other error the caller learns nothing.
   *
   * @returns stops it, and resolves when none runs
   */
  serve(
    method: string,
    handler: (params: JsonValue, call: ServedCall) => unknown,
    options?: { readonly concurrency?: number },
  ): () => Promise<void>;
  /** Stops what it serves, and rejects what still waits for an answer. */
  close(): Promise<void>;
}
