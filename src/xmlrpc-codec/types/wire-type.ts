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

/**
 * Writes a natural value as the content of a `<value>`.
 *
 * @param depth the arrays and structs around it
 * @throws ValueError with path for a value that is not of the shape, or cannot travel
 */
export type Encoder = (value: unknown, depth: number) => string;

/** What writing needs to know; one object per codec. */
export interface EncodeScope {
  readonly options: CodecOptions;
  /** The encoder of a shape. */
  encoderOf(shape: Shape): Encoder;
  /** Writes an exact value as the content of a `<value>`. */
  encodeExact(value: ExactValue): string;
}

/** How one type is read and written. */
export interface WireType<T extends ExactValue = ExactValue> {
  /** The elements that mean this type; the first one is written. */
  readonly elements: readonly [written: string, ...read: string[]];
  /** Elements that only the lenient reading takes for this type. */
  readonly lenientElements?: readonly string[];
  /** True for what XML-RPC itself does not have. */
  readonly extension?: boolean;
  /** Reads the type's element, `depth` containers down. Throws ValueError. */
  decode(element: XmlElement, scope: DecodeScope, depth: number): T;
  /** Writes the type's element for the natural value, which has been checked. Throws ValueError. */
  encode(value: T["value"], scope: EncodeScope): string;
}

/** The exact value of one type. */
export type ExactOf<Type extends ExactValue["type"]> = Extract<ExactValue, { readonly type: Type }>;

/** The written `element` of an extension type. Throws ValueError where extensions are off. */
export function extension(type: string, scope: EncodeScope, element: string): string {
  if (scope.options.extensions === "on") return element;
  throw new ValueError(`${type} is an extension of XML-RPC, and extensions are off`);
}
