// Answers that could not be written because the link was down or full: they wait, bounded, until it takes stanzas again.

import { type LimitsOf, limitDefaults } from "../limit-table.js";
import type { XmlText } from "../xml/index.js";

/** Bounds of what waits. */
export const KEPT_ANSWER_LIMIT_TABLE = Object.freeze({
  maxKeptAnswers: {
    unit: "answers",
    default: 4_096,
    doc: "Answers that wait while the link is down; over it the oldest is given up.",
  },
  maxKeptAnswerCharacters: {
    unit: "characters",
    default: 8_388_608,
    doc: "Size of all waiting answers together; over it the oldest is given up.",
  },
  maxKeptAnswerAgeMs: {
    unit: "ms",
    default: 120_000,
    doc: "How long an answer waits; its requester has long given up then.",
  },
});

/** The numbers of {@link KEPT_ANSWER_LIMIT_TABLE}. */
export type KeptAnswerLimits = LimitsOf<typeof KEPT_ANSWER_LIMIT_TABLE>;

/** One answer that waits. */
export interface KeptAnswer {
  /** Whom it is from and to, as written in it. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly id: string;
  readonly text: XmlText;
}

interface Waiting extends KeptAnswer {
  readonly untilMs: number;
}

/** What {@link KeptAnswers} needs. */
export interface KeptAnswersOptions {
  readonly limits?: Partial<KeptAnswerLimits>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Told of every answer that is given up. */
  readonly givenUp: (answer: KeptAnswer, reason: string) => void;
}

/** The waiting answers of one link, oldest first. */
export class KeptAnswers {
  readonly #limits: KeptAnswerLimits;
  readonly #now: () => number;
  readonly #givenUp: KeptAnswersOptions["givenUp"];
  #waiting: Waiting[] = [];
  #characters = 0;

  constructor(options: KeptAnswersOptions) {
    this.#limits = { ...limitDefaults(KEPT_ANSWER_LIMIT_TABLE), ...options.limits };
    this.#now = options.now ?? (() => performance.now());
    this.#givenUp = options.givenUp;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(answer: KeptAnswer): void {
    const { maxKeptAnswers, maxKeptAnswerCharacters, maxKeptAnswerAgeMs } = this.#limits;
    this.#waiting.push({ ...answer, untilMs: this.#now() + maxKeptAnswerAgeMs });
    this.#characters += answer.text.length;
    while (this.#waiting.length > maxKeptAnswers) this.#giveUpFirst(`${maxKeptAnswers} answers wait`);
    while (this.#characters > maxKeptAnswerCharacters) {
      this.#giveUpFirst(`${maxKeptAnswerCharacters} characters of answers wait`);
    }
  }

  /** Gives each to `send`, oldest first, until one is not taken. */
  sendAll(send: (answer: KeptAnswer) => boolean): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.untilMs <= this.#now()) {
        this.#giveUpFirst(`it waited for ${this.#limits.maxKeptAnswerAgeMs} ms`);
        continue;
      }
      if (!send(first)) return;
      this.#takeFirst();
    }
  }

  #giveUpFirst(reason: string): void {
    const first = this.#takeFirst();
    if (first !== undefined) this.#givenUp(first, reason);
  }

  #takeFirst(): KeptAnswer | undefined {
    const first = this.#waiting.shift();
    this.#characters -= first?.text.length ?? 0;
    return first;
  }
}
