// Which characters XML 1.0 (fifth edition, §2.2 and §2.3) allows, and where; comparisons only, no tables.

/** Character codes that mean something to a scanner. */
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const BANG = 0x21;
export const QUOT = 0x22;
export const HASH = 0x23;
export const AMP = 0x26;
export const APOS = 0x27;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const LT = 0x3c;
export const EQUALS = 0x3d;
export const GT = 0x3e;
export const QUESTION = 0x3f;
export const BRACKET = 0x5d;

/**
 * The UTF-16 unit at `index`, or -1 past the end. A charCodeAt past the end gives NaN, and one such call makes every
 * later call at the same place in the code slower by an order of magnitude.
 */
export function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : -1;
}

/** White space as XML means it (production S). */
export function isSpace(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR;
}

/** Production Char: what may stand in a document at all, raw or by reference. */
export function isXmlChar(codePoint: number): boolean {
  if (codePoint < SPACE) return codePoint === TAB || codePoint === LF || codePoint === CR;
  return (
    codePoint < 0xd800 || (codePoint > 0xdfff && codePoint < 0xfffe) || (codePoint > 0xffff && codePoint <= 0x10ffff)
  );
}

/** Production NameStartChar without the colon, which namespaces take for themselves. */
export function isNameStart(codePoint: number): boolean {
  if (codePoint < 0x80) {
    return (codePoint >= 0x61 && codePoint <= 0x7a) || (codePoint >= 0x41 && codePoint <= 0x5a) || codePoint === 0x5f;
  }
  if (codePoint < 0x2000) {
    return (
      codePoint >= 0xc0 &&
      codePoint !== 0xd7 &&
      codePoint !== 0xf7 &&
      codePoint !== 0x37e &&
      !inRange(codePoint, 0x300, 0x36f)
    );
  }
  return (
    inRange(codePoint, 0x200c, 0x200d) ||
    inRange(codePoint, 0x2070, 0x218f) ||
    inRange(codePoint, 0x2c00, 0x2fef) ||
    inRange(codePoint, 0x3001, 0xd7ff) ||
    inRange(codePoint, 0xf900, 0xfdcf) ||
    inRange(codePoint, 0xfdf0, 0xfffd) ||
    inRange(codePoint, 0x10000, 0xeffff)
  );
}

/** Production NameChar without the colon. */
export function isNameChar(codePoint: number): boolean {
  if (codePoint < 0x80) {
    return (
      isNameStart(codePoint) || (codePoint >= 0x30 && codePoint <= 0x39) || codePoint === 0x2d || codePoint === 0x2e
    );
  }
  return (
    isNameStart(codePoint) ||
    codePoint === 0xb7 ||
    inRange(codePoint, 0x300, 0x36f) ||
    inRange(codePoint, 0x203f, 0x2040)
  );
}

/** The end of the name without colon that begins at `from`; `from` itself when none begins there. */
export function endOfNcName(text: string, from: number): number {
  let index = from;
  for (;;) {
    const code = codeAt(text, index);
    // The lower-case letters are nearly every character of nearly every name.
    if (code >= 0x61 && code <= 0x7a) {
      index++;
      continue;
    }
    if (code < 0x80) {
      if (!(index === from ? isNameStart(code) : isNameChar(code))) return index;
      index++;
      continue;
    }
    const codePoint = text.codePointAt(index);
    if (codePoint === undefined || !(index === from ? isNameStart(codePoint) : isNameChar(codePoint))) return index;
    index += codePoint > 0xffff ? 2 : 1;
  }
}

/** The index of the first character in `[from, to)` that no XML may hold (a lone surrogate counts), or -1. */
export function findIllegal(text: string, from: number, to: number): number {
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code >= SPACE && code < 0xd800) continue;
    if (code >= 0xd800) {
      const codePoint = text.codePointAt(index) ?? 0;
      if (!isXmlChar(codePoint)) return index;
      if (codePoint > 0xffff) index++;
    } else if (code !== LF && code !== TAB && code !== CR) {
      return index;
    }
  }
  return -1;
}

function inRange(codePoint: number, first: number, last: number): boolean {
  return codePoint >= first && codePoint <= last;
}
