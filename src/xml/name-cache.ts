// Names seen before, so that the same few names of a stream are neither copied nor hashed again for each element.

/** Slots of the cache; a name has one slot, and the latest name stays. */
const SLOTS = 256;
const MAX_CACHED_CHARS = 32;

/** Gives slices of text; equal short names are one and the same string. */
export class NameCache {
  readonly #names: string[] = new Array<string>(SLOTS).fill("");

  /** `text.slice(start, end)`. */
  slice(text: string, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > MAX_CACHED_CHARS) return text.slice(start, end);
    const middle = text.charCodeAt(start + (length >> 1));
    const slot = (text.charCodeAt(start) * 5 + text.charCodeAt(end - 1) * 31 + middle * 3 + length * 7) % SLOTS;
    const known = this.#names[slot] ?? "";
    if (known.length === length && isAt(text, known, start)) return known;
    // As a key of an object it is the engine's own copy: quick to compare and as a key again, and not a slice that would
    // keep the whole piece of the stream alive that it was cut from.
    const [name = ""] = Object.keys({ [text.slice(start, end)]: 0 });
    this.#names[slot] = name;
    return name;
  }
}

/** `text.startsWith(word, start)`, faster for short words. */
export function isAt(text: string, word: string, start: number): boolean {
  if (start + word.length > text.length) return false;
  for (let index = 0; index < word.length; index++) {
    if (text.charCodeAt(start + index) !== word.charCodeAt(index)) return false;
  }
  return true;
}
