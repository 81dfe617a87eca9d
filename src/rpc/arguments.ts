// Where parameters come from: a door reads each one when its shape is known, so that nothing is decoded twice.
import { compileReader, type ExactValue, type Shape } from "../values/index.js";

/** Turns one exact value into what a handler receives. Throws ValueError. */
export type Reader = (value: ExactValue) => unknown;

/** The parameters of one call, not yet read. */
export interface Arguments {
  readonly count: number;
  /**
   * Reads one of them.
   *
   * @param reader compiled from `shape`; for a source that holds exact values
   * @throws ValueError whose path starts inside the parameter
   */
  read(index: number, shape: Shape, reader?: Reader): unknown;
}

/** Parameters that have been decoded to exact values. */
export function exactArguments(values: readonly ExactValue[]): Arguments {
  return {
    count: values.length,
    read(index, shape, reader) {
      const value = values[index];
      if (value === undefined) throw new RangeError(`no argument ${index}`);
      return (reader ?? compileReader(shape))(value);
    },
  };
}
