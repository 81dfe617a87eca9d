// Elements to exact values: the content of `<value>`, under limits. One decoder per document.

import { type ExactValue, ValueError } from "../values/index.js";
import type { XmlElement } from "../xml/index.js";
import { isBlank, isOurs, NS_EXTENSIONS, nameOf } from "./elements.js";
import type { CodecOptions } from "./options.js";
import type { WireTypeReader } from "./types/table.js";
import type { DecodeScope } from "./types/wire-type.js";

/** The types by the elements of XML-RPC, and by those of Apache's extension namespace. */
export interface KnownTypes {
  readonly plain: ReadonlyMap<string, WireTypeReader>;
  readonly apache: ReadonlyMap<string, WireTypeReader>;
}

/** Reads the values of one document and counts them. */
export class ValueDecoder implements DecodeScope {
  readonly ns: string;
  readonly lenient: boolean;
  readonly options: CodecOptions;
  readonly #types: KnownTypes;
  #values = 0;

  constructor(ns: string, options: CodecOptions, types: KnownTypes) {
    this.ns = ns;
    this.lenient = options.reading === "lenient";
    this.options = options;
    this.#types = types;
  }

  /**
   * Reads a `<value>`: its typed child, or its text as a string, verbatim.
   *
   * @param depth the arrays and structs around it
   * @throws ValueError with the path below this value
   */
  decodeValue(element: XmlElement, depth: number): ExactValue {
    const { maxValues } = this.options.limits;
    if (++this.#values > maxValues) throw new ValueError(`more than ${maxValues} values in all (maxValues)`);
    const [first, second] = element.children;
    if (first === undefined) return { type: "string", value: "" };
    if (second !== undefined) return this.#decodeTyped(typedChild(element), depth);
    return typeof first === "string" ? { type: "string", value: first } : this.#decodeTyped(first, depth);
  }

  #decodeTyped(element: XmlElement, depth: number): ExactValue {
    if (isOurs(element, this)) {
      const type = this.#types.plain.get(element.name);
      if (type !== undefined) return type.decode(element, this, depth);
      throw new ValueError(`unknown type ${nameOf(element)}`);
    }
    const type = element.ns === NS_EXTENSIONS ? this.#types.apache.get(element.name) : undefined;
    if (type !== undefined) return type.decode(element, this, depth);
    throw new ValueError(`${nameOf(element)} is not supported`);
  }
}

/** The one element of a value that holds more than one node. */
function typedChild(value: XmlElement): XmlElement {
  let typed: XmlElement | undefined;
  for (const child of value.children) {
    if (typeof child === "string") continue;
    if (typed !== undefined) throw new ValueError(`two types in one value: ${nameOf(typed)} and ${nameOf(child)}`);
    typed = child;
  }
  // Adjacent text nodes do not occur, so several nodes hold an element.
  if (typed === undefined) throw new ValueError("value without element");
  for (const child of value.children) {
    if (typeof child === "string" && !isBlank(child)) throw new ValueError(`text beside ${nameOf(typed)} in a value`);
  }
  return typed;
}
