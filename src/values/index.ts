// The value model that every front shares: exact values, shapes, and errors with a path.
export type { ExactValue, WireTypeName } from "./exact-value.js";
export type { Shape, ShapeKind } from "./shape.js";
export { type PathSegment, ValueError } from "./value-error.js";
