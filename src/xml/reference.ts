// Character and entity references (XML 1.0 §4.1): numbers and the five names; RFC 6120 §11.1 forbids every other name.

import { COLON, codeAt, endOfNcName, HASH, isNameChar, isXmlChar, SEMICOLON } from "./chars.js";
import { Fault, malformed } from "./fault.js";

/** A longer one is only ever zeros; without a bound a reference would have to be kept while it is scanned. */
const MAX_REFERENCE_CHARS = 64;

/** The index of the `;` that ends the reference at `start`, or -1 when it is not there yet. */
export function endOfReference(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = codeAt(text, index);
    if (code === SEMICOLON) return index;
    const isBody = code > 0x7f || isNameChar(code) || code === COLON || code === HASH;
    if (!isBody) throw malformed("a bare & (write &amp;)", start);
    if (index - start > MAX_REFERENCE_CHARS) {
      throw new Fault("policy-violation", `a reference of more than ${MAX_REFERENCE_CHARS} characters`, start);
    }
  }
  return -1;
}

/** The character that the reference from `start` to its `;` at `end` stands for. */
export function resolveReference(text: string, start: number, end: number): string {
  if (codeAt(text, start + 1) === HASH) return numericReference(text, start, end);
  const name = text.slice(start + 1, end);
  switch (name) {
    case "amp":
      return "&";
    case "lt":
      return "<";
    case "gt":
      return ">";
    case "quot":
      return '"';
    case "apos":
      return "'";
    default:
      if (name === "" || endOfNcName(name, 0) !== name.length) throw malformed("a bare & (write &amp;)", start);
      throw new Fault("restricted-xml", `the entity &${name}; is not one of the five`, start);
  }
}

function numericReference(text: string, start: number, end: number): string {
  const isHex = codeAt(text, start + 2) === 0x78;
  const first = start + (isHex ? 3 : 2);
  let codePoint = 0;
  for (let index = first; index < end; index++) {
    const digit = digitOf(codeAt(text, index), isHex);
    if (digit < 0) throw malformed("a numeric reference with a bad digit", start);
    codePoint = Math.min(codePoint * (isHex ? 16 : 10) + digit, 0x110000);
  }
  if (first === end) throw malformed("a numeric reference without a number", start);
  if (!isXmlChar(codePoint)) throw malformed("a numeric reference to an illegal character", start);
  return String.fromCodePoint(codePoint);
}

function digitOf(code: number, isHex: boolean): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return isHex && letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
