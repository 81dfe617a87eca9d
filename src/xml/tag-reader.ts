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
import { copyOf, NameCache } from "./name-cache.js";
import { endOfReference, resolveReference } from "./reference.js";
import { TagCache } from "./tag-cache.js";

/** Reads start tags into its own fields, which hold until the next `read`. */
export class TagReader {
  /** The element's name as written, with its prefix. */
  name = "";
  /** Where the colon is in `name`, or -1. */
  colon = -1;
  selfClosing = false;
  /** The value of `xmlns`, which is not among the attributes below. */
  defaultNs: string | undefined;
  /** How many other attributes there are; only that many entries of the arrays below belong to this tag. */
  count = 0;
  /** Whether any of them has a prefix, `xmlns:` included; `xml:` alone always means the same, and stays. */
  hasPrefixes = false;
  readonly names: string[] = [];
  readonly colons: number[] = [];
  readonly values: string[] = [];

  #limits: XmlLimits;
  readonly #cache = new NameCache();
  readonly #tags = new TagCache();
  /** Where the name that was scanned last ends. */
  #end = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  setLimits(limits: XmlLimits): void {
    this.#limits = limits;
    this.#tags.clear();
  }

  /**
   * Reads the tag whose `<` is at `start`. Returns the index after its `>`, or -1 when the text ends before it.
   * Throws a Fault or LimitFault for what is wrong in the part that is there, so the caller judges only whole tags.
   */
  read(text: string, start: number): number {
    this.count = 0;
    this.hasPrefixes = false;
    const end = text.indexOf(">", start);
    const known = this.#tags.find(text, start + 1, end);
    if (known !== undefined) {
      this.name = known.name;
      this.colon = known.colon;
      this.selfClosing = known.selfClosing;
      this.defaultNs = known.defaultNs;
      return end + 1;
    }
    this.selfClosing = false;
    this.defaultNs = undefined;
    const after = this.#read(text, start);
    // The text is a copy, since a slice would keep the whole piece of the stream alive.
    if (this.count === 0 && after === end + 1) {
      const { name, colon, selfClosing, defaultNs } = this;
      this.#tags.add({ text: copyOf(text.slice(start + 1, end)), name, colon, selfClosing, defaultNs });
    }
    return after;
  }

  #read(text: string, start: number): number {
    this.colon = this.#scanName(text, start + 1);
    let pos = this.#end;
    this.name = this.#cache.slice(text, start + 1, pos);
    for (;;) {
      const before = pos;
      let code = codeAt(text, pos);
      if (code === GT) return pos + 1;
      while (isSpace(code)) code = codeAt(text, ++pos);
      if (code === GT) return pos + 1;
      if (code === SLASH) {
        this.selfClosing = true;
        if (codeAt(text, pos + 1) === GT) return pos + 2;
        if (pos + 1 >= text.length) return -1;
        throw malformed("a / inside a tag", pos);
      }
      if (code < 0) return -1;
      if (pos === before) throw malformed("white space, / or > expected in a tag", pos);
      pos = this.#attribute(text, pos);
      if (pos < 0) return -1;
    }
  }

  /** Reads the attribute at `start`; returns the index after it, or -1 when the text ends before. */
  #attribute(text: string, start: number): number {
    const colon = this.#scanName(text, start);
    const nameEnd = this.#end;
    let pos = nameEnd;
    let code = codeAt(text, pos);
    while (isSpace(code)) code = codeAt(text, ++pos);
    if (code < 0) return -1;
    if (code !== EQUALS) throw malformed("an attribute without a value", pos);
    code = codeAt(text, ++pos);
    while (isSpace(code)) code = codeAt(text, ++pos);
    if (code < 0) return -1;
    if (code !== QUOT && code !== APOS) throw malformed("an attribute value without quotes", pos);
    const valueStart = pos + 1;
    let valueEnd = endOfPlainValue(text, valueStart, code);
    let value: string;
    if (codeAt(text, valueEnd) === code) {
      value = text.slice(valueStart, valueEnd);
    } else {
      const rest = readValue(text, valueStart, valueEnd, code);
      if (rest === undefined) return -1;
      ({ value, end: valueEnd } = rest);
    }
    const at = this.count;
    const { maxAttributes } = this.#limits;
    if (at + (this.defaultNs === undefined ? 0 : 1) === maxAttributes) {
      throw new LimitFault(`${maxAttributes} attributes`, start);
    }
    const name = this.#cache.slice(text, start, nameEnd);
    if (name === "xmlns") {
      if (this.defaultNs !== undefined) throw malformed("xmlns is there twice", start);
      this.defaultNs = this.#cache.slice(value, 0, value.length);
      return valueEnd + 1;
    }
    if (colon >= 0 && !(colon === 3 && name.startsWith("xml"))) this.hasPrefixes = true;
    this.names[at] = name;
    this.colons[at] = colon;
    this.values[at] = value;
    this.count = at + 1;
    return valueEnd + 1;
  }

  /** Finds the end of the name at `start` and returns where in it the colon is, or -1. */
  #scanName(text: string, start: number): number {
    let end = endOfNcName(text, start);
    let colon = -1;
    if (codeAt(text, end) === COLON && end !== start) {
      colon = end - start;
      end = endOfNcName(text, end + 1);
      // A name that ends with its colon is only wrong once its next character is there.
      if (end === start + colon + 1 && end < text.length) throw malformed("a bad name", start);
      if (codeAt(text, end) === COLON) throw malformed("a name with two colons", end);
    } else if (end === start && start < text.length) {
      throw malformed("a bad name", start);
    }
    const limit = this.#limits.maxNameBytes;
    // No UTF-16 unit is more than three bytes.
    if ((end - start) * 3 > limit && Buffer.byteLength(text.slice(start, end)) > limit) {
      throw new LimitFault(`a name of ${limit} bytes`, start);
    }
    this.#end = end;
    return colon;
  }
}

/** The index of the first character of a value that is more than itself, the closing quote included, or the end. */
function endOfPlainValue(text: string, start: number, quote: number): number {
  let index = start;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote || code < SPACE || code >= 0xd800 || code === AMP || code === LT) break;
  }
  return index;
}

/** Reads and normalises the rest of the value, plain up to `plainEnd`; undefined when the text ends before its quote. */
function readValue(
  text: string,
  start: number,
  plainEnd: number,
  quote: number,
): { value: string; end: number } | undefined {
  let value = "";
  let from = start;
  for (let index = plainEnd; index < text.length; index = endOfPlainValue(text, index, quote)) {
    const code = text.charCodeAt(index);
    if (code === quote) return { value: value + text.slice(from, index), end: index };
    if (code === AMP) {
      const end = endOfReference(text, index);
      if (end < 0) return undefined;
      value += text.slice(from, index) + resolveReference(text, index, end);
      from = index = end + 1;
    } else if (code === TAB || code === LF || code === CR) {
      value += `${text.slice(from, index)} `;
      index += code === CR && codeAt(text, index + 1) === LF ? 2 : 1;
      from = index;
    } else if (code === LT) {
      throw malformed("a < in an attribute value", index);
    } else {
      const codePoint = text.codePointAt(index) ?? 0;
      if (!isXmlChar(codePoint)) throw illegalCharacter(text, index);
      index += codePoint > 0xffff ? 2 : 1;
    }
  }
  return undefined;
}
