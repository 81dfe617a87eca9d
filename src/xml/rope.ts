// Text collected from many small pieces, in linear time and without one object per byte of a slow drip.

const PIECES_JOINED_AT_ONCE = 512;

/** Collects pieces; `take` gives them as one string and begins anew. */
export class Rope {
  #joined = "";
  #pieces: string[] = [];

  get isEmpty(): boolean {
    return this.#joined === "" && this.#pieces.length === 0;
  }

  add(piece: string): void {
    if (this.#pieces.push(piece) === PIECES_JOINED_AT_ONCE) this.#join();
  }

  take(): string {
    this.#join();
    const text = this.#joined;
    this.#joined = "";
    return text;
  }

  // join() copies into a flat string, whereas += alone would keep a chain of every piece.
  #join(): void {
    if (this.#pieces.length === 0) return;
    this.#joined += this.#pieces.length === 1 ? (this.#pieces[0] ?? "") : this.#pieces.join("");
    this.#pieces = [];
  }
}
