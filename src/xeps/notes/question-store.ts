// Where questions are kept: an interface, so that a database can keep them, and the store of a gateway without one.

import type { QuestionState } from "../../ports/index.js";
import type { JsonValue } from "../../values/index.js";
import type { QuestionSpec } from "./question.js";

/** A question as it is kept. Times are milliseconds since 1970. */
export interface StoredQuestion {
  readonly id: string;
  readonly code: string;
  /** Bare address of the person. */
  readonly asked: string;
  /** Where the question is sent: bare or full. */
  readonly to: string;
  readonly spec: QuestionSpec;
  readonly createdAt: number;
  readonly deadlineAt: number;
  readonly state: QuestionState;
  readonly answer?: JsonValue;
  readonly answeredBy?: string;
  readonly answeredAt?: number;
  /** What an earlier answer had, and what was wrong with it. */
  readonly again?: { readonly answer: JsonValue; readonly problems: readonly { var: string; text: string }[] };
  /** The row of the outbox that it came from. */
  readonly outboxId?: string;
}

/** How a question ends. */
export type QuestionEnd =
  | {
      readonly state: "answered";
      readonly answer: JsonValue;
      readonly answeredBy: string;
      readonly answeredAt: number;
      /** The message or command that answered. */
      readonly stanzaId: string;
    }
  | { readonly state: "expired" | "canceled" };

/** Keeps questions. */
export interface QuestionStore {
  /** All that are open, from a life before this one. */
  open(): Promise<readonly StoredQuestion[]>;
  /** Their ids alone. */
  openIds(): Promise<readonly string[]>;
  /** Keeps one, and gives it its id. */
  add(question: Omit<StoredQuestion, "id">): Promise<string>;
  /** Ends one that is open. False when it was not open any more, so that one end wins. */
  end(id: string, end: QuestionEnd): Promise<boolean>;
  /** One by its id, however it ended; undefined for one that is not known. */
  find(id: string): Promise<StoredQuestion | undefined>;
  /** The one that came from a row of the outbox. */
  findByOutbox(outboxId: string): Promise<StoredQuestion | undefined>;
}

/**
 * A store that forgets everything at the end of the process.
 *
 * @param maxEnded of the questions that ended so many are remembered
 */
export function createMemoryQuestionStore(maxEnded: number, newId: () => string): QuestionStore {
  const questions = new Map<string, StoredQuestion>();
  const ended: string[] = [];
  return {
    open: async () => [...questions.values()].filter(({ state }) => state === "open"),
    openIds: async () => [...questions.values()].flatMap(({ id, state }) => (state === "open" ? [id] : [])),
    add: async (question) => {
      const id = newId();
      questions.set(id, { ...question, id });
      return id;
    },
    end: async (id, end) => {
      const question = questions.get(id);
      if (question?.state !== "open") return false;
      questions.set(id, withEnd(question, end));
      ended.push(id);
      const oldest = ended.length > maxEnded ? ended.shift() : undefined;
      if (oldest !== undefined) questions.delete(oldest);
      return true;
    },
    find: async (id) => questions.get(id),
    findByOutbox: async (outboxId) => [...questions.values()].find((one) => one.outboxId === outboxId),
  };
}

/** A question that has ended. */
export function withEnd(question: StoredQuestion, end: QuestionEnd): StoredQuestion {
  if (end.state !== "answered") return { ...question, ...end };
  const { stanzaId: _stanzaId, ...answered } = end;
  return { ...question, ...answered };
}
