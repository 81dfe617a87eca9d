// Start tags seen before, so that the same few tags of a stream are recognised instead of read again (measured in bench/xml.bench.ts).

import { MAX_CACHED_CHARS, SLOTS, slotOf } from "./name-cache.js";

/** What a start tag says that has no attributes but, perhaps, a default namespace. */
export interface KnownTag {
  /** What stands between its `<` and its `>`. */
  readonly text: string;
  readonly name: string;
  readonly colon: number;
  readonly selfClosing: boolean;
  readonly defaultNs: string | undefined;
}

/** Remembers such tags: those of a call or of a list of records come over and over. */
export class TagCache {
  readonly #tags: (KnownTag | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  /** The tag whose text is `text.slice(start, end)`, if it is known. A text that was a tag once always is one. */
  find(text: string, start: number, end: number): KnownTag | undefined {
    if (end - start > MAX_CACHED_CHARS || end <= start) return undefined;
    const tag = this.#tags[slotOf(text, start, end)];
    return tag !== undefined && tag.text.length === end - start && tag.text === text.slice(start, end)
      ? tag
      : undefined;
  }

  add(tag: KnownTag): void {
    const { length } = tag.text;
    if (length > 0 && length <= MAX_CACHED_CHARS) this.#tags[slotOf(tag.text, 0, length)] = tag;
  }

  /** Forgets all: what is a tag depends on the limits. */
  clear(): void {
    this.#tags.fill(undefined);
  }
}
