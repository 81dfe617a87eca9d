// One start tag, from `<` to `>`, in one pass (XML 1.0 §3.1, §3.3.3; names as Namespaces in XML 1.0 §3).

import {
  AMP,
  APOS,
  COLON,
  CR,
  codeAt,
  EQUALS,
  endOfNcName,
  GT,
  isSpace,
  isXmlChar,
  LF,
  LT,
  QUOT,
  SLASH,
  SPACE,
  TAB,
} from "./chars.js";
import { illegalCharacter, LimitFault, malformed } from "./fault.js";
import type { XmlLimits } from "./limits.js";
import { NameCache } from "./name-cache.js";
import { endOfReference, resolveReference } from "./reference.js";

/** Reads start tags into its own fields, which hold until the next `read`. */
export class TagReader {
  /** The element's name as written, with its prefix. */
  name = "";
  /** Where the colon is in `name`, or -1. */
  colon = -1;
  selfClosing = false;
  /** How many attributes there are; only that many entries of the arrays below belong to this tag. */
  count = 0;
  /** Whether any of them declares a namespace or has a prefix. */
  hasNamespaces = false;
  readonly names: string[] = [];
  readonly colons: number[] = [];
  readonly values: string[] = [];

  limits: XmlLimits;
  readonly #cache = new NameCache();
  #text = "";
  #pos = 0;

  constructor(limits: XmlLimits) {
    this.limits = limits;
  }

  /**
   * Reads the tag whose `<` is at `start`. Returns the index after its `>`, or -1 when the text ends before it.
   * Throws a Fault or LimitFault for what is wrong in the part that is there, so the caller judges only whole tags.
   */
  read(text: string, start: number): number {
    this.#text = text;
    this.#pos = start + 1;
    this.count = 0;
    this.selfClosing = false;
    this.hasNamespaces = false;
    this.colon = this.#scanName();
    this.name = this.#cache.slice(text, start + 1, this.#pos);
    for (;;) {
      const before = this.#pos;
      this.#skipSpace();
      const code = codeAt(text, this.#pos);
      if (code === GT) return this.#pos + 1;
      if (code === SLASH) {
        this.selfClosing = true;
        const next = codeAt(text, this.#pos + 1);
        if (next === GT) return this.#pos + 2;
        if (this.#pos + 1 >= text.length) return -1;
        throw malformed("a / inside a tag", this.#pos);
      }
      if (this.#pos >= text.length) return -1;
      if (this.#pos === before) throw malformed("white space, / or > expected in a tag", this.#pos);
      if (!this.#attribute()) return -1;
    }
  }

  #attribute(): boolean {
    const text = this.#text;
    const nameStart = this.#pos;
    const colon = this.#scanName();
    const nameEnd = this.#pos;
    this.#skipSpace();
    if (this.#pos >= text.length) return false;
    if (codeAt(text, this.#pos) !== EQUALS) throw malformed("an attribute without a value", this.#pos);
    this.#pos++;
    this.#skipSpace();
    if (this.#pos >= text.length) return false;
    const quote = codeAt(text, this.#pos);
    if (quote !== QUOT && quote !== APOS) throw malformed("an attribute value without quotes", this.#pos);
    this.#pos++;
    const value = this.#value(quote);
    if (value === undefined) return false;
    if (this.count === this.limits.maxAttributes)
      throw new LimitFault(`${this.limits.maxAttributes} attributes`, nameStart);
    const name = this.#cache.slice(text, nameStart, nameEnd);
    if (colon >= 0 || name === "xmlns") this.hasNamespaces = true;
    this.names[this.count] = name;
    this.colons[this.count] = colon;
    this.values[this.count] = value;
    this.count++;
    return true;
  }

  /** The value from here to the closing quote, normalised; undefined when the text ends before it. */
  #value(quote: number): string | undefined {
    const text = this.#text;
    let value = "";
    let from = this.#pos;
    let index = from;
    for (; index < text.length; index++) {
      const code = codeAt(text, index);
      if (code === quote) {
        this.#pos = index + 1;
        return value === "" ? text.slice(from, index) : value + text.slice(from, index);
      }
      if (code >= SPACE && code < 0xd800 && code !== AMP && code !== LT) continue;
      if (code === AMP) {
        const end = endOfReference(text, index);
        if (end < 0) return undefined;
        value += text.slice(from, index) + resolveReference(text, index, end);
        index = end;
        from = end + 1;
      } else if (code === TAB || code === LF || code === CR) {
        value += `${text.slice(from, index)} `;
        if (code === CR && codeAt(text, index + 1) === LF) index++;
        from = index + 1;
      } else if (code === LT) {
        throw malformed("a < in an attribute value", index);
      } else {
        const codePoint = text.codePointAt(index) ?? 0;
        if (!isXmlChar(codePoint)) throw illegalCharacter(text, index);
        if (codePoint > 0xffff) index++;
      }
    }
    return undefined;
  }

  /** Moves over a name and returns where in it the colon is, or -1. */
  #scanName(): number {
    const text = this.#text;
    const start = this.#pos;
    let end = endOfNcName(text, start);
    let colon = -1;
    if (end !== start && codeAt(text, end) === COLON) {
      colon = end - start;
      const local = endOfNcName(text, end + 1);
      // A name that ends with its colon is only wrong once its next character is there.
      end = local === end + 1 && local < text.length ? start : local;
    }
    if (end === start && start < text.length) throw malformed("a bad name", start);
    if (codeAt(text, end) === COLON) throw malformed("a name with two colons", end);
    const limit = this.limits.maxNameBytes;
    if ((end - start) * 3 > limit && Buffer.byteLength(text.slice(start, end)) > limit) {
      throw new LimitFault(`a name of ${limit} bytes`, start);
    }
    this.#pos = end;
    return colon;
  }

  #skipSpace(): void {
    while (isSpace(codeAt(this.#text, this.#pos))) this.#pos++;
  }
}
