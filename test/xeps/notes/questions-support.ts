// What the tests of questions ask.
import type { Question } from "../../../src/index.js";

export {
  array,
  boolean,
  dateTime,
  double,
  enumeration,
  exact,
  int,
  long,
  optional,
  string,
  struct,
} from "../../../src/index.js";

/** A question of any kind. */
export type AnyQuestion = Question;
