// The exact form of a value: what it is in JavaScript, and which XML-RPC type it has on the wire.

/** One value with its wire type. `i4` is read as `int`; a dateTime keeps the text it was written with, so a relay changes nothing. */
export type ExactValue =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "i1"; readonly value: number }
  | { readonly type: "i2"; readonly value: number }
  | { readonly type: "i8"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "dateTime.iso8601"; readonly value: Date; readonly text?: string }
  | { readonly type: "base64"; readonly value: Uint8Array }
  | { readonly type: "nil"; readonly value: null }
  | { readonly type: "array"; readonly value: readonly ExactValue[] }
  | { readonly type: "struct"; readonly value: Readonly<Record<string, ExactValue>> };

/** The name of a wire type, as XML-RPC spells its element. */
export type WireTypeName = ExactValue["type"];
