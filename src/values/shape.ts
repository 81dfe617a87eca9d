// What a descriptor says about a value, as data: encoders, readers, signatures and forms are all made from it.

import type { WireTypeName } from "./exact-value.js";

/** The expected shape of a parameter or result. Built by the descriptor functions of src/rpc/descriptors.ts. */
export type Shape =
  | { readonly kind: "int" | "long" | "double" | "boolean" | "dateTime" | "base64" | "nil" | "any" }
  /** Any type, kept. `told` is what a description says of it; it is shown to people and never checked. */
  | { readonly kind: "exact"; readonly told?: WireTypeName }
  /** An integer of JSON: any integer type on the way in; int on the way out where it fits, else i8. */
  | { readonly kind: "integer" }
  /** What inference makes of a TypeScript `number`: int or double on the way in; by value on the way out. */
  | { readonly kind: "number" }
  | { readonly kind: "string"; readonly secret?: boolean }
  | { readonly kind: "enumeration"; readonly values: readonly string[] }
  | { readonly kind: "array"; readonly items: Shape }
  | { readonly kind: "struct"; readonly members: Readonly<Record<string, Shape>> }
  | { readonly kind: "record"; readonly values: Shape }
  | { readonly kind: "optional"; readonly inner: Shape }
  | { readonly kind: "nullable"; readonly inner: Shape }
  | { readonly kind: "named"; readonly name: string; readonly inner: Shape };

/** Every kind of shape. */
export type ShapeKind = Shape["kind"];

/** The shape behind its names. */
export function unnamed(shape: Shape): Exclude<Shape, { readonly kind: "named" }> {
  let inner = shape;
  while (inner.kind === "named") inner = inner.inner;
  return inner;
}
