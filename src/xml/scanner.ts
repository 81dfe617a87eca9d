// The state machine that makes elements of text, for streams and documents (RFC 6120 §4, §11; XML 1.0).

import { CDATA_END, CDATA_START, readCdata, readCharacters } from "./character-data.js";
import { AMP, BANG, codeAt, findIllegal, GT, isNameStart, isSpace, LT, QUESTION, SLASH } from "./chars.js";
import type { XmlElement } from "./element.js";
import { Fault, illegalCharacter, LimitFault, malformed } from "./fault.js";
import { Input } from "./input.js";
import type { XmlLimits } from "./limits.js";
import { isAt } from "./name-cache.js";
import { readComment, readDeclaration, readInstruction } from "./prolog.js";
import { endOfReference, resolveReference } from "./reference.js";
import { readUnjudgedHead, SkipScanner } from "./skip-scanner.js";
import type { StreamEvent } from "./stream-event.js";
import { TagReader } from "./tag-reader.js";
import { TreeBuilder } from "./tree-builder.js";
import { XmlError } from "./xml-error.js";

/** What is scanned, and what happens past a limit. */
export interface ScannerOptions {
  readonly limits: XmlLimits;
  /** `skip`: a stanza over a limit is passed over and reported. */
  readonly oversize: "error" | "skip";
  readonly kind: "stream" | "document";
  /** `skip`: comments and processing instructions are passed over; else they are restricted-xml. */
  readonly comments: "refuse" | "skip";
  /** One that has read tags of earlier documents and knows their names; it must have the same limits. */
  readonly tag?: TagReader;
}

/** Long writes are decoded in pieces of so many bytes, so that a piece's text, which its slices keep alive, stays small. */
const STREAM_PIECE_BYTES = 65_536;

/**
 * Where the scanner is: between units (before, between and after stanzas), in an element, in CDATA, passing over a
 * stanza, or behind a root element that closed itself.
 */
type Place = "between" | "content" | "cdata" | "skip" | "close";

/** The scanner behind StreamParser and parseDocument. */
export class Scanner {
  readonly #options: ScannerOptions;
  readonly #input: Input;
  readonly #tag: TagReader;
  readonly #tree: TreeBuilder;
  /** How many elements are open outside every stanza. */
  readonly #outside: 0 | 1;
  #limits: XmlLimits;
  #place: Place = "between";
  /** True from the `<` at which a header, stanza or document begins until its end. */
  #inUnit = false;
  /** True once anything that an XML declaration cannot follow was there. */
  #hasBegun = false;
  /** True after the root element was closed. */
  #hasEnded = false;
  #skip: SkipScanner | undefined;
  #skipped: { readonly head: XmlElement; readonly limit: string } | undefined;
  #error: XmlError | undefined;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#input = new Input(options.kind === "stream" ? STREAM_PIECE_BYTES : Number.POSITIVE_INFINITY);
    this.#tag = options.tag ?? new TagReader(options.limits);
    this.#outside = options.kind === "stream" ? 1 : 0;
    this.#tree = new TreeBuilder(options.limits, this.#outside);
  }

  write(input: Uint8Array | string): void {
    if (this.#error !== undefined) throw this.#error;
    if (typeof input === "string") this.#input.writeText(input);
    else this.#input.write(input);
  }

  setLimits(limits: XmlLimits): void {
    this.#limits = limits;
    this.#tag.setLimits(limits);
    this.#tree.limits = limits;
  }

  /** Whether anything but white space is unread, or half a stanza or token was read. */
  pending(): boolean {
    return this.#inUnit || this.#input.hasUnread();
  }

  restart(): void {
    if (this.#error !== undefined) throw this.#error;
    this.#tree.reset();
    this.#input.restart();
    this.#place = "between";
    this.#inUnit = false;
    this.#hasBegun = false;
    this.#hasEnded = false;
    this.#skip = undefined;
    this.#skipped = undefined;
  }

  next(): StreamEvent | undefined {
    if (this.#error !== undefined) throw this.#error;
    for (;;) {
      try {
        if (!this.#input.resume()) return undefined;
        if (this.#input.overLimit) throw new LimitFault(`${this.#limits.maxStanzaBytes} bytes`, this.#input.pos);
        const event = this.#step();
        if (event !== undefined) return event;
      } catch (error) {
        if (!(error instanceof LimitFault) || !this.#beginSkip(error.limit)) throw this.#fail(error);
      }
    }
  }

  /** Goes on until there is an event, or the input was asked for more. */
  #step(): StreamEvent | undefined {
    switch (this.#place) {
      case "between":
        return this.#between();
      case "content":
        return this.#content();
      case "cdata":
        return this.#cdata();
      case "skip":
        return this.#passOver();
      case "close":
        break;
    }
    this.#place = "between";
    return { kind: "close" };
  }

  #between(): StreamEvent | undefined {
    const input = this.#input;
    let { pos } = input;
    while (isSpace(codeAt(input.text, pos))) pos++;
    // COMPAT(go-sendxmpp, 0.5.6): it writes a line end before the declaration of a restarted stream.
    if (pos > input.pos && this.#options.kind === "document") this.#hasBegun = true;
    input.pos = pos;
    if (pos >= input.text.length) return this.#needMore();
    if (codeAt(input.text, pos) !== LT) return this.#textBetween();
    if (!this.#inUnit) {
      this.#inUnit = true;
      input.beginUnit(this.#limits.maxStanzaBytes);
    }
    const { text } = input;
    if (pos + 1 >= text.length) return this.#needMore();
    switch (codeAt(text, pos + 1)) {
      case QUESTION:
        return this.#question();
      case BANG:
        return this.#bang();
      case SLASH:
        return this.#endTag();
      default:
        if (this.#hasEnded) throw malformed("an element after the root element", pos);
        return this.#startTag();
    }
  }

  #textBetween(): undefined {
    const { text, pos } = this.#input;
    if (codeAt(text, pos) === AMP) {
      const end = endOfReference(text, pos);
      if (end < 0) return this.#needMore();
      resolveReference(text, pos, end);
    } else if (findIllegal(text, pos, pos + 1) >= 0) {
      throw illegalCharacter(text, pos);
    } else if (codeAt(text, pos) === 0xfeff && this.#options.kind === "document" && this.#input.offsetOf(pos) === 0) {
      // XML 1.0 §4.3.3 allows a byte order mark; RFC 6120 §11.6 does not.
      this.#input.pos = pos + 1;
      return undefined;
    }
    throw malformed("character data between stanzas", pos);
  }

  #content(): StreamEvent | undefined {
    const input = this.#input;
    while (this.#characters()) {
      const next = codeAt(input.text, input.pos + 1);
      const before = input.pos;
      let event: StreamEvent | undefined;
      if (next === SLASH) event = this.#endTag();
      else if (next === BANG) event = this.#bang();
      else if (next === QUESTION) event = this.#question();
      else if (input.pos + 1 < input.text.length) event = this.#startTag();
      else event = this.#needMore();
      if (event !== undefined || this.#place !== "content" || input.pos <= before) return event;
    }
    return undefined;
  }

  /** Moves over text to the next `<`; false when the input ends before it. */
  #characters(): boolean {
    const input = this.#input;
    if (codeAt(input.text, input.pos) === LT) return true;
    input.pos = readCharacters(input.text, input.pos, this.#tree);
    if (codeAt(input.text, input.pos) === LT) return true;
    this.#needMore();
    return false;
  }

  #cdata(): undefined {
    const input = this.#input;
    input.pos = readCdata(input.text, input.pos, this.#tree);
    if (!input.text.startsWith(CDATA_END, input.pos)) return this.#needMore();
    input.pos += CDATA_END.length;
    this.#place = "content";
    return undefined;
  }

  #startTag(): StreamEvent | undefined {
    const input = this.#input;
    const start = input.pos;
    let after: number;
    try {
      after = this.#tag.read(input.text, start);
    } catch (error) {
      // Judged only as a whole, or the answer would depend on where the chunks were cut.
      if (input.isTagWhole()) throw error;
      after = -1;
    }
    if (after < 0) {
      input.more("tag-end");
      return undefined;
    }
    const tree = this.#tree;
    const isHeader = tree.level < this.#outside;
    const element = tree.open(this.#tag, start);
    input.pos = after;
    this.#hasBegun = true;
    if (isHeader) {
      this.#endUnit();
      this.#hasEnded = this.#tag.selfClosing;
      if (this.#hasEnded) this.#place = "close";
      return { kind: "open", element, contentNs: tree.contentNamespace };
    }
    if (this.#tag.selfClosing && this.#place === "between") return this.#stanza(element);
    this.#place = "content";
    return undefined;
  }

  #endTag(): StreamEvent | undefined {
    const input = this.#input;
    const { text, pos } = input;
    const name = this.#tree.innermost;
    let end = pos + 2 + name.length;
    if (!isAt(text, name, pos + 2) || codeAt(text, end) !== GT) {
      if (!input.isTagWhole()) {
        input.more("tag-end");
        return undefined;
      }
      while (isSpace(codeAt(text, end))) end++;
      if (!text.startsWith(name, pos + 2) || codeAt(text, end) !== GT) throw malformed(`</${name}> expected`, pos);
    }
    if (this.#tree.level === 0) throw malformed("an end tag that matches no start tag", pos);
    const isStanza = this.#place === "content";
    const element = this.#tree.close();
    input.pos = end + 1;
    if (!isStanza) {
      this.#endUnit();
      this.#hasEnded = true;
      return { kind: "close" };
    }
    return element !== undefined && this.#tree.level === this.#outside ? this.#stanza(element) : undefined;
  }

  #stanza(element: XmlElement): StreamEvent {
    this.#place = "between";
    this.#hasEnded = this.#options.kind === "document";
    this.#tree.endStanza();
    return { kind: "stanza", element, bytes: this.#endUnit() };
  }

  #endUnit(): number {
    this.#inUnit = false;
    return this.#input.endUnit();
  }

  /** `<!`: CDATA is welcome inside elements; comments in documents; nothing else. */
  #bang(): undefined {
    const input = this.#input;
    const { text, pos } = input;
    if (pos + 2 >= text.length) return this.#needMore();
    if (text.startsWith("<!--", pos)) return this.#passOverMarkup(readComment, "a comment");
    if (text.startsWith(CDATA_START, pos)) {
      if (this.#place === "between") throw malformed("character data between stanzas", pos);
      input.pos += CDATA_START.length;
      this.#place = "cdata";
      return undefined;
    }
    const rest = text.slice(pos, pos + CDATA_START.length);
    if (rest === "<!-" || CDATA_START.startsWith(rest)) {
      if (pos + rest.length === text.length) return this.#needMore();
    } else if (isNameStart(codeAt(text, pos + 2))) {
      throw new Fault("restricted-xml", "a markup declaration", pos);
    }
    throw malformed("bad markup after <!", pos);
  }

  /** `<?`: the XML declaration at the very start; processing instructions in documents. */
  #question(): undefined {
    const input = this.#input;
    const { text, pos } = input;
    if (!this.#hasBegun) {
      if (!input.isTagWhole()) {
        input.more("tag-end");
        return undefined;
      }
      if (text.startsWith("<?xml", pos) && isSpace(codeAt(text, pos + 5))) {
        input.pos = readDeclaration(text, pos, this.#options.kind);
        this.#hasBegun = true;
        this.#endUnit();
        return undefined;
      }
    }
    return this.#passOverMarkup(readInstruction, "a processing instruction");
  }

  #passOverMarkup(read: (text: string, start: number) => number, what: string): undefined {
    const input = this.#input;
    if (this.#options.comments === "refuse") throw new Fault("restricted-xml", what, input.pos);
    input.pos = read(input.text, input.pos);
    this.#hasBegun = true;
    if (this.#place === "between") this.#inUnit = false;
    return undefined;
  }

  /** Turns to passing over the current stanza; false when this is not a stanza or skipping was not asked for. */
  #beginSkip(limit: string): boolean {
    if (this.#options.oversize !== "skip" || this.#tree.level === 0) return false;
    const tree = this.#tree;
    const { text, pos } = this.#input;
    const head =
      tree.stanza === undefined ? readUnjudgedHead(text, pos, tree, this.#limits) : { ...tree.stanza, children: [] };
    this.#skip = new SkipScanner(this.#limits, tree.stanzaNames(), this.#place === "cdata");
    this.#skipped = { head, limit };
    tree.dropStanza();
    this.#place = "skip";
    this.#input.liftLimit();
    return true;
  }

  #passOver(): StreamEvent | undefined {
    const input = this.#input;
    const end = this.#skip?.scan(input.text, input.pos) ?? -1;
    input.pos = end < 0 ? input.text.length : end;
    if (end < 0 || this.#skipped === undefined) return this.#needMore();
    const event: StreamEvent = { kind: "skipped", ...this.#skipped };
    this.#skip = undefined;
    this.#skipped = undefined;
    this.#place = "between";
    this.#endUnit();
    return event;
  }

  #needMore(): undefined {
    this.#input.more("character");
    return undefined;
  }

  #fail(error: unknown): XmlError {
    if (error instanceof XmlError) this.#error = error;
    else if (error instanceof Fault)
      this.#error = new XmlError(error.condition, error.message, this.#input.offsetOf(error.index));
    else if (error instanceof LimitFault) {
      this.#error = new XmlError("policy-violation", error.message, this.#input.offsetOf(error.index));
    } else throw error;
    return this.#error;
  }
}
