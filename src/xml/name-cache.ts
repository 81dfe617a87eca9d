// Names seen before, so that the same few names of a stream are neither copied nor hashed again for each element.

/** Slots of a cache, of which each parser has its own; a text has one slot, and the latest stays. */
export const SLOTS = 128;
/** Longer texts are not kept. */
export const MAX_CACHED_CHARS = 48;

/** Gives slices of text; equal short names are one and the same string. */
export class NameCache {
  readonly #names: string[] = Array.from({ length: SLOTS }, () => "");

  /** `text.slice(start, end)`. */
  slice(text: string, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > MAX_CACHED_CHARS) return text.slice(start, end);
    const slot = slotOf(text, start, end);
    const known = this.#names[slot] ?? "";
    if (known.length === length && isAt(text, known, start)) return known;
    const name = copyOf(text.slice(start, end));
    this.#names[slot] = name;
    return name;
  }
}

/** The slot of `text.slice(start, end)`. With these factors hardly two names of XML-RPC and of stanzas have the same. */
export function slotOf(text: string, start: number, end: number): number {
  const length = end - start;
  const middle = text.charCodeAt(start + (length >> 1));
  return (text.charCodeAt(start) * 13 + text.charCodeAt(end - 1) * 33 + middle * 17 + length * 17) % SLOTS;
}

/**
 * The same text as the engine's own copy, which keys of objects are: quick to compare and as a key again, and not a slice
 * that would keep the whole piece of the stream alive that it was cut from.
 */
export function copyOf(slice: string): string {
  const [copy = ""] = Object.keys({ [slice]: 0 });
  return copy;
}

/** `text.startsWith(word, start)`, faster for short words. */
export function isAt(text: string, word: string, start: number): boolean {
  if (start + word.length > text.length) return false;
  for (let index = 0; index < word.length; index++) {
    if (text.charCodeAt(start + index) !== word.charCodeAt(index)) return false;
  }
  return true;
}
