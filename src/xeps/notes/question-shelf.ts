// The questions of this process by id and by person: those that are open, and the last that have ended, for late answers.

import type { Live } from "./live-question.js";

/** Keeps them. */
export class QuestionShelf {
  readonly #maxEnded: number;
  readonly #byId = new Map<string, Live>();
  /** By bare address. */
  readonly #people = new Map<string, readonly Live[]>();
  readonly #ended: Live[] = [];
  #openCount = 0;

  /** @param maxEnded how many that have ended are kept */
  constructor(maxEnded: number) {
    this.#maxEnded = maxEnded;
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** True where nobody was asked anything that is still known. */
  get isEmpty(): boolean {
    return this.#people.size === 0;
  }

  find(id: string): Live | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Live> {
    return this.#byId.values();
  }

  /** All to one person, the oldest first. */
  to(bare: string): readonly Live[] {
    return this.#people.get(bare) ?? [];
  }

  /** Those of them that are open. */
  openTo(bare: string): readonly Live[] {
    return this.to(bare).filter(({ isOpen }) => isOpen);
  }

  /** Takes an open question. */
  add(live: Live): void {
    const { asked } = live.stored;
    this.#byId.set(live.id, live);
    this.#people.set(asked, [...this.to(asked), live]);
    this.#openCount += 1;
  }

  rename(live: Live, id: string): void {
    this.#byId.delete(live.id);
    live.id = id;
    this.#byId.set(id, live);
  }

  /** An open question has ended. */
  end(live: Live): void {
    this.#openCount -= 1;
    this.#ended.push(live);
    if (this.#ended.length > this.#maxEnded) this.#forget(this.#ended.shift());
  }

  /** An open question that was never put. */
  drop(live: Live): void {
    this.#openCount -= 1;
    this.#forget(live);
  }

  #forget(live: Live | undefined): void {
    if (live === undefined) return;
    const { asked } = live.stored;
    this.#byId.delete(live.id);
    const others = this.to(asked).filter((one) => one !== live);
    if (others.length === 0) this.#people.delete(asked);
    else this.#people.set(asked, others);
  }
}
