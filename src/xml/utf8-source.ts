// Bytes in, text out: strict UTF-8 (RFC 3629), split anywhere. What comes before a broken byte is still given out.

import { isAscii, isUtf8 } from "node:buffer";
import { isSpace } from "./chars.js";

const NONE = Buffer.alloc(0);

/** Unread bytes, decoded piece by piece. After `advance()` returned true, `text`, `ascii` and `bytes` describe one piece. */
export class Utf8Source {
  /** The piece: never empty, never half of a surrogate pair. */
  text = "";
  /** True when every character of the piece is one byte. */
  ascii = true;
  /** How many bytes the piece was. */
  bytes = 0;

  readonly #maxPieceBytes: number;
  #queue: Uint8Array[] = [];
  #first = 0;
  #offset = 0;
  /** The first bytes of a character whose others have not come yet. */
  #tail: Uint8Array = NONE;
  #broken = false;
  /** Text that was given back, the next to be read last. */
  readonly #returned: { text: string; ascii: boolean; bytes: number }[] = [];

  constructor(maxPieceBytes: number) {
    this.#maxPieceBytes = maxPieceBytes;
  }

  /** Adds bytes. They are not copied: the caller must leave them as they are until they were read. */
  write(chunk: Uint8Array): void {
    if (chunk.length > 0 && !this.#broken) this.#queue.push(chunk);
  }

  /** Puts text in front of what is unread: the rest of a piece, or a document that is a string already. */
  giveBack(text: string, ascii: boolean, bytes: number): void {
    if (text !== "") this.#returned.push({ text, ascii, bytes });
  }

  /** True when broken UTF-8 is next, so that no piece will ever follow. */
  get isBroken(): boolean {
    return this.#broken && this.#returned.length === 0;
  }

  /** Gives the next piece; false when more bytes are needed, or the next are broken. */
  advance(): boolean {
    const returned = this.#returned.pop();
    if (returned !== undefined) {
      ({ text: this.text, ascii: this.ascii, bytes: this.bytes } = returned);
      return true;
    }
    while (!this.#broken) {
      const piece = this.#take();
      if (piece === undefined) return false;
      if (this.#decode(piece)) return true;
    }
    return false;
  }

  /** Whether anything but white space was written and not read. */
  hasUnread(): boolean {
    if (this.#broken || this.#tail.length > 0) return true;
    if (this.#returned.some(({ text }) => text.trim() !== "")) return true;
    for (let index = this.#first; index < this.#queue.length; index++) {
      const bytes = this.#queue[index]?.subarray(index === this.#first ? this.#offset : 0) ?? NONE;
      if (!bytes.every(isSpace)) return true;
    }
    return false;
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#queue[this.#first];
    if (chunk === undefined) return undefined;
    const end = Math.min(chunk.length, this.#offset + this.#maxPieceBytes);
    const piece = this.#offset === 0 && end === chunk.length ? chunk : chunk.subarray(this.#offset, end);
    if (end < chunk.length) {
      this.#offset = end;
    } else {
      this.#offset = 0;
      if (++this.#first === this.#queue.length) {
        this.#queue = [];
        this.#first = 0;
      }
    }
    return piece;
  }

  #decode(piece: Uint8Array): boolean {
    const joined = this.#tail.length === 0 ? piece : Buffer.concat([this.#tail, piece]);
    this.#tail = NONE;
    const bytes = Buffer.isBuffer(joined) ? joined : Buffer.from(joined.buffer, joined.byteOffset, joined.length);
    this.ascii = isAscii(bytes);
    if (this.ascii) {
      this.bytes = bytes.length;
      this.text = bytes.toString("latin1");
      return true;
    }
    const lead = startOfLastCharacter(bytes);
    const from = isUtf8(bytes.subarray(0, lead)) ? lead : 0;
    const end = endOfValid(bytes, from);
    this.#broken = end.broken;
    // Copied, so that a few bytes do not keep a whole chunk alive.
    if (!end.broken && end.index < bytes.length) this.#tail = Uint8Array.from(bytes.subarray(end.index));
    this.bytes = end.index;
    this.text = bytes.toString("utf8", 0, end.index);
    return end.index > 0;
  }
}

/** Where the last character may begin: at most three bytes before the end, else the end. */
function startOfLastCharacter(bytes: Uint8Array): number {
  const stop = Math.max(0, bytes.length - 3);
  for (let index = bytes.length - 1; index >= stop; index--) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return index;
  }
  return bytes.length;
}

/** The end of the whole valid characters from `from` on, and whether what follows can never become one. */
function endOfValid(bytes: Uint8Array, from: number): { index: number; broken: boolean } {
  let index = from;
  while (index < bytes.length) {
    const lead = bytes[index] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0) return { index, broken: true };
    for (let rest = 1; rest < length; rest++) {
      const byte = bytes[index + rest];
      if (byte === undefined) return { index, broken: false };
      if (byte < lowest(lead, rest) || byte > highest(lead, rest)) return { index, broken: true };
    }
    index += length;
  }
  return { index, broken: false };
}

// RFC 3629 §4: the second byte excludes overlong forms, surrogates and what is above U+10FFFF.
function lowest(lead: number, rest: number): number {
  if (rest > 1) return 0x80;
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function highest(lead: number, rest: number): number {
  if (rest > 1) return 0xbf;
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}
