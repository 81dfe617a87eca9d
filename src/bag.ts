// A set for what comes and goes all the time. V8's Map and Set leave a dead table behind whenever they make room, and that
// one points at the next: once it is old, what its successors held lives until the next full collection. A relayed call took
// 89 to 98 us of CPU with Sets of running calls and requests, and 59 to 73 us with these, by turns on one machine.

/** What can be in a {@link Bag}; one object in one bag at a time. */
export interface Placed {
  /** Where it is in its bag; undefined in none. Only the bag writes it. */
  place: number | undefined;
}

/** Holds objects in no order; each step takes the same time however many there are. */
export class Bag<T extends Placed> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Puts it in. It must be in no bag. */
  add(item: T): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Takes it out; false if it was in none. */
  delete(item: T): boolean {
    const { place } = item;
    if (place === undefined) return false;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#items[place] = last;
      last.place = place;
    }
    item.place = undefined;
    return true;
  }

  /** What is in it now, as a list of its own. */
  list(): T[] {
    return this.#items.slice();
  }
}
