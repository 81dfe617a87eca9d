// At most once: a request that is running already is joined, and a keyed answer is repeated instead of made again.

import { createHash } from "node:crypto";
import type { LimitsOf } from "../../limit-table.js";
import { writeElement, type XmlElement, type XmlText } from "../../xml/index.js";

/** Bounds of the memory of answers. */
export const ANSWER_LIMIT_TABLE = Object.freeze({
  maxAnswers: { unit: "answers", default: 10_000, doc: "Answers remembered to be repeated for calls with a key." },
  maxAnswerAgeMs: { unit: "ms", default: 300_000, doc: "How long such an answer is remembered." },
  maxAnswerCharacters: { unit: "characters", default: 8_388_608, doc: "Size of all remembered answers together." },
});

/** The numbers of {@link ANSWER_LIMIT_TABLE}. */
export type AnswerLimits = LimitsOf<typeof ANSWER_LIMIT_TABLE>;

/** A request as far as its sameness goes: two are equal when all three are (peers do reuse ids for other calls). */
export interface RequestIdentity {
  readonly from: string;
  readonly id: string;
  readonly payload: XmlElement;
}

interface Running {
  readonly payload: XmlElement;
  readonly answer: Promise<XmlText>;
}

/** Emptied when the run is over, since a Map that changes all the time keeps what it held for long (see bag.ts). */
interface Slot {
  running: Running | undefined;
}

interface Remembered {
  readonly answer: XmlText;
  readonly expiresAtMs: number;
}

/** Answers of one responder: those being made, and those worth repeating. */
export class Answers {
  readonly #limits: AnswerLimits;
  readonly #now: () => number;
  readonly #running = new Map<string, Slot>();
  /** By requester and call key, oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  #characters = 0;

  constructor(limits: AnswerLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Makes the answer to a request, or joins the run that is making it, or repeats the one that was made.
   *
   * @param key makes the answer repeatable after completion: the call key, or the request itself when the method says
   * at most once; undefined lets an equal request run again
   */
  once(
    request: RequestIdentity,
    key: string | undefined,
    make: () => XmlText | Promise<XmlText>,
  ): XmlText | Promise<XmlText> {
    // Most calls have no key, and most handlers return at once: then there is nothing to look up.
    if (key === undefined && this.#running.size === 0) {
      const made = make();
      return made instanceof Promise ? this.#run(`${request.from}\n${request.id}`, request, made) : made;
    }
    const name = `${request.from}\n${key ?? request.id}`;
    const remembered = key === undefined ? undefined : this.#recall(name);
    if (remembered !== undefined) return remembered;
    const running = this.#running.get(name)?.running;
    if (running !== undefined && (key !== undefined || isSame(running.payload, request.payload))) return running.answer;
    const made = make();
    if (made instanceof Promise) {
      const answer =
        key === undefined
          ? made
          : made.then((text) => {
              this.#remember(name, text);
              return text;
            });
      // A second request that reuses the id for another payload runs beside the first; only the first can be joined.
      return running === undefined ? this.#run(name, request, answer) : answer;
    }
    if (key !== undefined) this.#remember(name, made);
    return made;
  }

  /** Lets equal requests join until the answer is there. */
  #run(name: string, { payload }: RequestIdentity, answer: Promise<XmlText>): Promise<XmlText> {
    const slot: Slot = { running: { payload, answer } };
    this.#running.set(name, slot);
    const forget = () => {
      slot.running = undefined;
      this.#running.delete(name);
    };
    answer.then(forget, forget);
    return answer;
  }

  #recall(key: string): XmlText | undefined {
    const found = this.#remembered.get(key);
    return found === undefined || found.expiresAtMs <= this.#now() ? undefined : found.answer;
  }

  #remember(key: string, answer: XmlText): void {
    const { maxAnswers, maxAnswerAgeMs, maxAnswerCharacters } = this.#limits;
    this.#forget(key);
    this.#remembered.set(key, { answer, expiresAtMs: this.#now() + maxAnswerAgeMs });
    this.#characters += answer.length;
    for (const [oldest, { expiresAtMs }] of this.#remembered) {
      const over = this.#remembered.size > maxAnswers || this.#characters > maxAnswerCharacters;
      if (!over && expiresAtMs > this.#now()) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const found = this.#remembered.get(key);
    if (found === undefined) return;
    this.#remembered.delete(key);
    this.#characters -= found.answer.length;
  }
}

/** What makes the answer to a request repeatable when its method promises to run at most once for equal ones. */
export function requestKey({ id, payload }: Pick<RequestIdentity, "id" | "payload">): string {
  return `request ${createHash("sha256")
    .update(`${id}\n${writeElement(payload)}`)
    .digest("base64")}`;
}

function isSame(one: XmlElement, other: XmlElement): boolean {
  return writeElement(one) === writeElement(other);
}
