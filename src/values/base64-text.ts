// The text of a base64 value (RFC 4648 §4). Node's own decoder skips what it does not know, so the text is checked first.

import { ValueError } from "./value-error.js";

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/;
const WHITE_SPACE = /[ \t\r\n]+/g;

/**
 * Reads base64 text, in which white space and line breaks mean nothing.
 *
 * @throws ValueError for any other character outside the alphabet, and for wrong padding
 */
export function parseBase64(text: string): Uint8Array {
  const packed = text.replace(WHITE_SPACE, "");
  if (!ALPHABET.test(packed)) throw new ValueError("base64 expected, got characters outside its alphabet");
  if (packed.length % 4 !== 0) throw new ValueError("base64 expected, got text with wrong padding");
  // A copy of its own: a small Buffer would show its neighbours in the shared pool through `.buffer`.
  return new Uint8Array(Buffer.from(packed, "base64"));
}

/** Writes bytes as base64 without line breaks. */
export function formatBase64(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("base64");
}
