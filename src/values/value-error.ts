// The error of every reader and writer of values: which value, what was expected, what was there.

import { hasBrand } from "../brand.js";

const VALUE_ERROR = Symbol.for("jabber-rpc.ValueError");

/** One step of a path: a member name, an array index, or a ready-made first segment such as `params[0] (id)`. */
export type PathSegment = string | number;

/**
 * A value that cannot be read or written.
 *
 * It is thrown where the fault is found and given its path on the way out: each container that sees it pass calls
 * {@link ValueError.within} and throws it on. So a correct value pays nothing for paths.
 */
export class ValueError extends Error {
  override readonly name = "ValueError";
  readonly [VALUE_ERROR] = true;
  readonly problem: string;
  #segments: PathSegment[] = [];

  /** @param problem what was wrong and what was expected: `int expected, got string` */
  constructor(problem: string) {
    super(problem);
    this.problem = problem;
  }

  /** Adds the next outer step of the path and returns the error itself, to be thrown on. */
  within(segment: PathSegment): this {
    this.#segments.unshift(segment);
    this.message = `${this.path}: ${this.problem}`;
    return this;
  }

  /** The path so far: `params[0].lines[3].qty`. */
  get path(): string {
    let path = "";
    for (const segment of this.#segments) {
      if (typeof segment === "number") path += `[${segment}]`;
      else if (path === "") path = segment;
      else path += /^[A-Za-z_$][\w$]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
    }
    return path;
  }

  /** True for an error of this class, also of another copy of the package in the same process. */
  static is(error: unknown): error is ValueError {
    return hasBrand(error, VALUE_ERROR);
  }
}
