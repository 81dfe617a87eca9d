// One question while it is open, and for a while after: what is known of it beside what is kept.

import type { Answer, Refusal, When } from "../../ports/index.js";
import type { JsonValue } from "../../values/index.js";
import { withSubmitted } from "../commands/index.js";
import type { Field, FieldProblem, Form } from "../data-forms/index.js";
import { isClosed } from "./chat-answer.js";
import type { Sending } from "./outbound.js";
import type { Findable } from "./pick-question.js";
import { type CompiledQuestion, fieldsOfAnswer, formOf } from "./question.js";
import type { StoredQuestion } from "./question-store.js";

/** What the program that asks has a say in; a question of a life before has nobody. */
export interface QuestionOwner {
  readonly check?: ((answer: never) => Refusal | undefined | Promise<Refusal | undefined>) | undefined;
  /** Told why, when the message of the question came back. */
  readonly returned?: ((reason: string) => void) | undefined;
}

/** How a question is put. */
export interface PutOptions {
  readonly deadlineAt: number;
  readonly when: When;
  readonly owner?: QuestionOwner | undefined;
  readonly again?: { readonly answer: JsonValue; readonly errors: Refusal } | undefined;
  /** The row of the outbox that it comes from, and the id of its message. */
  readonly outbox?: { readonly id: string; readonly stanzaId: string } | undefined;
}

/** A question that lives in this process. */
export interface LiveQuestion extends Findable {
  readonly stored: StoredQuestion;
  readonly compiled: CompiledQuestion;
  /** What its form shows: the fields as they are, or with what was submitted last, and what was wrong with that. */
  readonly form: Form;
  /** How it ends. Rejects with a `LinkError` when the gateway stops before. */
  readonly answer: Promise<Answer<unknown>>;
}

/** The same with what changes. */
export interface Live extends LiveQuestion {
  id: string;
  stored: StoredQuestion;
  isOpen: boolean;
  submitted: readonly Field[];
  problems: readonly FieldProblem[];
  readonly owner: QuestionOwner;
  /** Its message on the way. */
  sending: Sending | undefined;
  messageId: string;
  wrongAnswers: number;
  wasToldLate: boolean;
  /** Answers to one question are looked at one after the other. */
  turn: Promise<unknown>;
  cancelTimer: () => void;
  settle(answer: Answer<unknown>): void;
  fail(error: Error): void;
}

/** What a question begins with. */
export interface LiveStart {
  readonly stored: StoredQuestion;
  readonly compiled: CompiledQuestion;
  readonly owner: QuestionOwner;
  readonly messageId: string;
}

/** An open question without a timer. */
export function makeLive({ stored, compiled, owner, messageId }: LiveStart): Live {
  let settle: Live["settle"] = () => undefined;
  let fail: Live["fail"] = () => undefined;
  const answer = new Promise<Answer<unknown>>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // Who puts a question need not wait for its answer.
  answer.catch(() => undefined);
  const live: Live = {
    id: stored.id,
    code: stored.code,
    stored,
    compiled,
    isOpen: true,
    isClosedKind: isClosed(compiled.fields),
    submitted: stored.again === undefined ? [] : fieldsOfAnswer(stored.again.answer),
    problems: stored.again?.problems ?? [],
    get form() {
      const form = withSubmitted(formOf(compiled, stored.code), live.submitted);
      return { ...form, instructions: [...live.problems.map(({ text }) => text), ...(form.instructions ?? [])] };
    },
    owner,
    answer,
    sending: undefined,
    messageId,
    wrongAnswers: 0,
    wasToldLate: false,
    turn: Promise.resolve(),
    cancelTimer: () => undefined,
    settle,
    fail,
  };
  return live;
}
