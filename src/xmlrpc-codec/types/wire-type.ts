// What a row of the type table is: how one XML-RPC type is read and written.

import { type ExactValue, type Shape, ValueError } from "../../values/index.js";
import type { XmlElement } from "../../xml/index.js";
import type { Grammar } from "../elements.js";
import type { CodecOptions } from "../options.js";

/** What reading needs to know; one object per document. */
export interface DecodeScope extends Grammar {
  readonly options: CodecOptions;
  /** Reads the content of a `<value>`, `depth` containers down. */
  decodeValue(element: XmlElement, depth: number): ExactValue;
}

/** What writing needs to know; one object per codec. */
export interface EncodeScope {
  readonly options: CodecOptions;
  /** Writes an exact value as the content of a `<value>`. */
  encodeExact(value: ExactValue): string;
  /** Writes a natural value by a shape as the content of a `<value>`, `depth` containers down. */
  encodeShape(value: unknown, shape: Shape, depth: number): string;
}

/** How one type is read and written. */
export interface WireType<T extends ExactValue = ExactValue> {
  /** The elements that mean this type. */
  readonly elements: readonly string[];
  /** Elements that only the lenient reading takes for this type. */
  readonly lenientElements?: readonly string[];
  /** True for what XML-RPC itself does not have. */
  readonly extension?: boolean;
  /** Reads the type's element, `depth` containers down. Throws ValueError. */
  decode(element: XmlElement, scope: DecodeScope, depth: number): T;
  /** What is written before and after the content. Constant, so that encoders join it with what is around the value. */
  readonly open: string;
  readonly close: string;
  /** Writes the content for the natural value, which has been checked. Throws ValueError. */
  encode(value: T["value"], scope: EncodeScope): string;
}

/** The exact value of one type. */
export type ExactOf<Type extends ExactValue["type"]> = Extract<ExactValue, { readonly type: Type }>;

/** Writes a whole element. */
export function encodeElement<T extends ExactValue>(type: WireType<T>, value: T["value"], scope: EncodeScope): string {
  return type.open + type.encode(value, scope) + type.close;
}

/** The written `content` of an extension type. Throws ValueError where extensions are off. */
export function extension(type: string, scope: EncodeScope, content: string): string {
  if (scope.options.extensions === "on") return content;
  throw new ValueError(`${type} is an extension of XML-RPC, and extensions are off`);
}
