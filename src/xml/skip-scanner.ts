// The rest of a stanza that went past a limit: scanned to its end, nothing kept but what nesting needs.

import {
  AMP,
  APOS,
  BANG,
  BRACKET,
  COLON,
  codeAt,
  findIllegal,
  GT,
  isNameChar,
  isNameStart,
  isSpace,
  LT,
  QUESTION,
  QUOT,
  SLASH,
} from "./chars.js";
import type { XmlElement } from "./element.js";
import { Fault, illegalCharacter, malformed } from "./fault.js";
import type { XmlLimits } from "./limits.js";
import { endOfReference, resolveReference } from "./reference.js";
import type { TreeBuilder } from "./tree-builder.js";

type State =
  | "text"
  | "cdata"
  | "less"
  | "bang"
  | "start-name"
  | "end-name"
  | "end-space"
  | "tag"
  | "slash"
  | "value"
  | "reference";

const CDATA_START = "[CDATA[";

/**
 * Checks that tags nest, that characters and references are legal, and that nothing forbidden is there; it does not
 * check attributes and prefixes. Of names it keeps so many levels and so many characters as the limits allow elsewhere:
 * deeper levels are only counted.
 */
export class SkipScanner {
  readonly #limits: XmlLimits;
  readonly #names: string[];
  /** Open elements, those included whose names are not kept. */
  #depth: number;
  #state: State;
  /** The state to go back to after a reference. */
  #around: State = "text";
  #quote = 0;
  #name = "";
  #nameChars = 0;
  /** What was read of a reference or of `[CDATA[`. */
  #token = "";
  #brackets = 0;

  constructor(limits: XmlLimits, openNames: string[], inCdata: boolean) {
    this.#limits = limits;
    this.#names = openNames;
    this.#depth = openNames.length;
    this.#state = inCdata ? "cdata" : "text";
  }

  /** Goes on from `from`. Returns the index after the end of the stanza, or -1 when it goes on past `text`. */
  scan(text: string, from: number): number {
    const illegal = findIllegal(text, from, text.length);
    const end = illegal < 0 ? text.length : illegal;
    for (let index = from; index < end; index++) {
      if (this.#step(text, codeAt(text, index), index) && this.#depth === 0) return index + 1;
    }
    if (illegal >= 0) throw illegalCharacter(text, illegal);
    return -1;
  }

  /** Takes one UTF-16 unit; true when it closed an element. */
  #step(text: string, code: number, index: number): boolean {
    switch (this.#state) {
      case "text":
        if (code === LT) this.#state = "less";
        else if (code === AMP) this.#beginReference("text");
        else if (code === GT && this.#brackets >= 2) throw malformed("]]> in text", index);
        this.#brackets = code === BRACKET ? this.#brackets + 1 : 0;
        return false;
      case "cdata":
        if (code === GT && this.#brackets >= 2) this.#state = "text";
        this.#brackets = code === BRACKET ? this.#brackets + 1 : 0;
        return false;
      case "less":
        return this.#less(code, index);
      case "bang":
        this.#bang(code, index);
        return false;
      case "start-name":
        if (this.#nameGoesOn(text, code, index)) return false;
        this.#state = "tag";
        return this.#inTag(code, index);
      case "tag":
        return this.#inTag(code, index);
      case "slash":
        if (code !== GT) throw malformed("a / inside a tag", index);
        this.#state = "text";
        return true;
      case "value":
        if (code === this.#quote) this.#state = "tag";
        else if (code === LT) throw malformed("a < in an attribute value", index);
        else if (code === AMP) this.#beginReference("value");
        return false;
      case "end-name":
        if (this.#nameGoesOn(text, code, index)) return false;
        this.#state = "end-space";
        return this.#endSpace(code, index);
      case "end-space":
        return this.#endSpace(code, index);
      case "reference":
        break;
    }
    this.#token += String.fromCharCode(code);
    this.#reference(index);
    return false;
  }

  #less(code: number, index: number): boolean {
    if (code === QUESTION) throw new Fault("restricted-xml", "a processing instruction", index - 1);
    if (code === BANG) {
      this.#state = "bang";
      this.#token = "";
      return false;
    }
    this.#name = "";
    this.#nameChars = 0;
    this.#state = code === SLASH ? "end-name" : "start-name";
    if (code !== SLASH && !isNameStart(code) && code < 0x80) throw malformed("a bad name", index);
    if (code !== SLASH) this.#keepName(code);
    return false;
  }

  #bang(code: number, index: number): void {
    this.#token += String.fromCharCode(code);
    if (this.#token === CDATA_START) {
      if (this.#depth === 0) throw malformed("character data between stanzas", index);
      this.#state = "cdata";
      this.#brackets = 0;
    } else if (this.#token === "--") {
      throw new Fault("restricted-xml", "a comment", index);
    } else if (this.#token !== "-" && !CDATA_START.startsWith(this.#token)) {
      if (this.#token.length === 1 && isNameStart(code))
        throw new Fault("restricted-xml", "a markup declaration", index);
      throw malformed("bad markup after <!", index);
    }
  }

  #nameGoesOn(text: string, code: number, index: number): boolean {
    // The second half of a pair was judged with the first.
    const isSecondHalf = code >= 0xdc00 && code <= 0xdfff;
    if (!isSecondHalf && code !== COLON && !isNameChar(text.codePointAt(index) ?? 0)) return false;
    this.#keepName(code);
    return true;
  }

  #keepName(code: number): void {
    if (this.#nameChars++ < this.#limits.maxNameBytes) this.#name += String.fromCharCode(code);
  }

  #inTag(code: number, index: number): boolean {
    if (code === GT || code === SLASH) {
      this.#state = code === GT ? "text" : "slash";
      if (code === GT) this.#open();
    } else if (code === QUOT || code === APOS) {
      this.#quote = code;
      this.#state = "value";
    } else if (code === LT) {
      throw malformed("a < inside a tag", index);
    } else if (code === AMP) {
      throw malformed("a & inside a tag", index);
    }
    return false;
  }

  #open(): void {
    if (this.#depth === this.#names.length && this.#depth < this.#limits.maxDepth) this.#names.push(this.#nameKey());
    this.#depth++;
  }

  #endSpace(code: number, index: number): boolean {
    if (isSpace(code)) return false;
    if (code !== GT) throw malformed("a bad end tag", index);
    if (this.#depth === 0 || (this.#depth === this.#names.length && this.#names.pop() !== this.#nameKey())) {
      throw malformed("an end tag that matches no start tag", index);
    }
    this.#depth--;
    this.#state = "text";
    return true;
  }

  /** Longer names than are kept differ by their length at least. */
  #nameKey(): string {
    return this.#nameChars === this.#name.length ? this.#name : `${this.#name} ${this.#nameChars}`;
  }

  #beginReference(around: State): void {
    this.#around = around;
    this.#token = "&";
    this.#state = "reference";
  }

  #reference(index: number): void {
    const token = this.#token;
    const end = judgedAt(index, () => endOfReference(token, 0));
    if (end < 0) return;
    judgedAt(index, () => resolveReference(token, 0, end));
    this.#state = this.#around;
  }
}

/** Name and namespace of a stanza whose own start tag, at `start`, is over a limit: as far as they are known. */
export function readUnjudgedHead(text: string, start: number, tree: TreeBuilder, limits: XmlLimits): XmlElement {
  const tag = text.slice(start, start + 2 + limits.maxNameBytes);
  const [, prefix = "", name = ""] = /^<(?:([^\s:/>]+):)?([^\s:/>]+)[\s/>]/.exec(tag) ?? [];
  return { name, ns: tree.outsideNamespace(prefix), attrs: Object.create(null), children: [] };
}

/** Runs `read` on a text of its own; a fault is reported at `index`, where the last character of that text was. */
function judgedAt<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Fault ? new Fault(error.condition, error.message, index) : error;
  }
}
