// A natural value that carries its shape to where no declaration can tell it: the slots of system.multicall.

import type { Shape } from "./shape.js";

const SHAPED = Symbol.for("jabber-rpc.Shaped");

/** A value and the shape by which it is written. Made by {@link withShape}. */
export interface Shaped {
  readonly value: unknown;
  readonly shape: Shape;
}

class ShapedValue implements Shaped {
  readonly [SHAPED] = true;
  readonly value: unknown;
  readonly shape: Shape;

  constructor(value: unknown, shape: Shape) {
    this.value = value;
    this.shape = shape;
  }
}

/** Wraps a value, so that every writer which expects `any` writes it by `shape`. */
export function withShape(value: unknown, shape: Shape): Shaped {
  return new ShapedValue(value, shape);
}

/** True for what {@link withShape} made, also in another copy of the package. */
export function isShaped(value: unknown): value is Shaped {
  return typeof value === "object" && value !== null && SHAPED in value;
}
