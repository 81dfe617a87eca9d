// The containers around a value while it is written: finds cycles and limits the depth.

import { ValueError } from "./value-error.js";

/** How many arrays and structs may be nested in each other. xmlrpc-c has the same limit. */
export const MAX_VALUE_DEPTH = 64;

/** The error of every reader and writer for a value nested too deep. */
export function tooDeep(maxDepth: number): ValueError {
  return new ValueError(`arrays and structs nested more than ${maxDepth} deep (maxValueDepth)`);
}

/**
 * The stack of open containers. Depth is small, so looking through an array costs less than a Set.
 * After an error it is left as it was: the walk is over then.
 */
export class Enclosing {
  readonly #open: unknown[] = [];
  readonly #maxDepth: number;
  readonly #depth: number;

  /**
   * @param maxDepth how many arrays and structs may be nested
   * @param depth how many are open already, around what this walk starts with
   */
  constructor(maxDepth: number = MAX_VALUE_DEPTH, depth = 0) {
    this.#maxDepth = maxDepth;
    this.#depth = depth;
  }

  /**
   * Opens a container.
   *
   * @throws ValueError if it is open already, or if it is too deep
   */
  enter(container: unknown): void {
    if (this.#open.includes(container)) throw new ValueError("the value contains itself");
    if (this.#open.length + this.#depth >= this.#maxDepth) throw tooDeep(this.#maxDepth);
    this.#open.push(container);
  }

  /** Closes the innermost container. */
  leave(): void {
    this.#open.pop();
  }
}
