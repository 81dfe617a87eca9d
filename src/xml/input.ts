// The text that is being scanned: pieces of the stream, glued where a token was cut, and counted in bytes.

import { APOS, codeAt, GT, LT, QUOT, SLASH } from "./chars.js";
import { Rope } from "./rope.js";
import { Utf8Source } from "./utf8-source.js";
import { XmlError } from "./xml-error.js";

/** What is missing to go on: one more character, or the end of a tag. */
export type Missing = "character" | "tag-end";

/**
 * Invariant: all text from `pos` on is unread, and while a unit is being read no text is given out beyond its limit.
 * So a scanner that runs out of text has either everything that was written, or reached the limit.
 */
export class Input {
  text = "";
  pos = 0;
  /** True when the unit being read goes on past its limit. */
  overLimit = false;

  readonly #source: Utf8Source;
  #ascii = true;
  /** Byte offset of `text[0]`, and of the end of all text given out. */
  #startByte = 0;
  #endByte = 0;
  /** A place in `text` whose byte offset is known; moves only forward. */
  #markIndex = 0;
  #markByte = 0;
  #unitByte = 0;
  #limitByte = Number.POSITIVE_INFINITY;
  /** Where this stream began, in bytes; offsets in errors count from here. */
  #originByte = 0;

  readonly #held = new Rope();
  #isHolding = false;
  #missing: Missing = "character";
  /** The quote that is open at the end of a held tag, or 0. */
  #quote = 0;
  /** False in an end tag, which has no attributes. */
  #canQuote = true;

  constructor(maxPieceBytes: number) {
    this.#source = new Utf8Source(maxPieceBytes);
  }

  write(chunk: Uint8Array): void {
    this.#source.write(chunk);
  }

  writeText(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#source.giveBack(text, bytes === text.length, bytes);
  }

  /** Whether anything but white space is left unread. */
  hasUnread(): boolean {
    return !this.#held.isEmpty || this.text.slice(this.pos).trim() !== "" || this.#source.hasUnread();
  }

  /** Begins a new stream here. Half a token that was held back is forgotten. */
  restart(): void {
    this.endUnit();
    this.#held.take();
    this.#isHolding = false;
    this.#originByte = this.#byteAt(this.pos);
  }

  /** Byte offset of `text[index]` from the start of the stream. */
  offsetOf(index: number): number {
    return this.#byteAt(index) - this.#originByte;
  }

  /** Begins a stanza, header or document at `pos`: no more than `maxBytes` of it will be given out. */
  beginUnit(maxBytes: number): void {
    this.#unitByte = this.#byteAt(this.pos);
    this.#limitByte = this.#unitByte + maxBytes;
    if (this.#endByte <= this.#limitByte) return;
    const cut = this.#fitting(this.text, this.#ascii, this.pos, maxBytes);
    const rest = this.text.slice(cut);
    const restStart = this.#byteAt(cut);
    this.#source.giveBack(rest, this.#ascii, this.#endByte - restStart);
    this.text = this.text.slice(0, cut);
    this.#endByte = restStart;
  }

  /** Ends the unit at `pos` and returns how many bytes it had. */
  endUnit(): number {
    this.#limitByte = Number.POSITIVE_INFINITY;
    this.overLimit = false;
    return this.#byteAt(this.pos) - this.#unitByte;
  }

  /** Lets the unit go on without a limit, nothing of it being kept. */
  liftLimit(): void {
    this.#limitByte = Number.POSITIVE_INFINITY;
    this.overLimit = false;
  }

  /**
   * Holds back the text from `pos` until there is more. True when `text` has grown (it then begins with what was held),
   * or the unit's limit was reached (`overLimit`); false when more bytes must be written first.
   */
  more(missing: Missing): boolean {
    const start = this.#byteAt(this.pos);
    if (this.pos < this.text.length) {
      const rest = this.text.slice(this.pos);
      this.#held.add(rest);
      if (missing === "tag-end") {
        this.#beginTag(rest, 0);
        this.#findTagEnd(rest, 1);
      }
    } else {
      this.#ascii = true;
    }
    this.#missing = missing;
    this.#isHolding = true;
    this.#setText("", this.#ascii, start);
    return this.resume();
  }

  /** Goes on with what `more` left open. */
  resume(): boolean {
    if (!this.#isHolding) return true;
    for (;;) {
      if (this.#endByte >= this.#limitByte) return this.#glue("", true, true);
      if (!this.#source.advance()) {
        if (!this.#source.isBroken) return false;
        throw new XmlError("not-well-formed", "not UTF-8", this.#endByte - this.#originByte);
      }
      let { text, ascii, bytes } = this.#source;
      const room = this.#limitByte - this.#endByte;
      if (bytes > room) {
        const cut = this.#fitting(text, ascii, 0, room);
        if (cut === 0) {
          this.#source.giveBack(text, ascii, bytes);
          return this.#glue("", true, true);
        }
        const rest = text.slice(cut);
        text = text.slice(0, cut);
        const kept = ascii ? cut : Buffer.byteLength(text);
        this.#source.giveBack(rest, ascii, bytes - kept);
        bytes = kept;
      }
      this.#endByte += bytes;
      if (this.#missing === "character" || this.#findTagEnd(text, 0)) return this.#glue(text, ascii, false);
      this.#held.add(text);
      this.#ascii &&= ascii;
    }
  }

  /** Whether the tag at `pos` can be judged: its end is there, or a `<`, which no tag can hold. */
  isTagWhole(): boolean {
    this.#beginTag(this.text, this.pos);
    return this.#findTagEnd(this.text, this.pos + 1);
  }

  #byteAt(index: number): number {
    if (this.#ascii) return this.#startByte + index;
    if (index < this.#markIndex) {
      this.#markIndex = 0;
      this.#markByte = this.#startByte;
    }
    this.#markByte += Buffer.byteLength(this.text.slice(this.#markIndex, index));
    this.#markIndex = index;
    return this.#markByte;
  }

  #glue(piece: string, ascii: boolean, overLimit: boolean): boolean {
    const held = this.#held.take();
    const start = this.#startByte;
    const isAscii = held === "" ? ascii : this.#ascii && ascii;
    this.#setText(held === "" ? piece : held + piece, isAscii, start);
    this.#isHolding = false;
    this.overLimit = overLimit;
    return true;
  }

  #setText(text: string, ascii: boolean, startByte: number): void {
    this.text = text;
    this.pos = 0;
    this.#ascii = ascii;
    this.#startByte = startByte;
    this.#markIndex = 0;
    this.#markByte = startByte;
  }

  #beginTag(text: string, start: number): void {
    this.#quote = 0;
    this.#canQuote = codeAt(text, start + 1) !== SLASH;
  }

  /** Whether the end of a tag is in `text`; remembers the quote that is open at its end. */
  #findTagEnd(text: string, from: number): boolean {
    for (let index = from; index < text.length; index++) {
      const code = codeAt(text, index);
      if (code === LT || (code === GT && this.#quote === 0)) return true;
      if (this.#canQuote && (code === QUOT || code === APOS)) {
        if (this.#quote === 0) this.#quote = code;
        else if (this.#quote === code) this.#quote = 0;
      }
    }
    return false;
  }

  /** The index up to which `text`, from `from` on, fits into so many bytes. */
  #fitting(text: string, ascii: boolean, from: number, maxBytes: number): number {
    if (ascii) return from + maxBytes;
    let index = from;
    let bytes = 0;
    while (index < text.length) {
      const codePoint = text.codePointAt(index) ?? 0;
      bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
      if (bytes > maxBytes) break;
      index += codePoint > 0xffff ? 2 : 1;
    }
    return index;
  }
}
