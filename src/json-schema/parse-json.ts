// JSON text to values without losing integers: JSON.parse rounds what is beyond 2^53 (RFC 8259 §6).

import { setOwn } from "../values/index.js";

/** A run of digits that a double may not hold; where there is none, JSON.parse loses nothing. */
const LONG_DIGITS = /\d{16}/;
const INTEGER = /^-?\d+$/;
const MAX_DEPTH = 256;

/**
 * Parses JSON; an integer that is not safe as a number is a bigint.
 *
 * @throws SyntaxError for anything that is not one JSON value
 */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  return LONG_DIGITS.test(text) ? new Parser(text).parse() : plain;
}

/** Reads text that JSON.parse has accepted, so that it need not check the grammar again. */
class Parser {
  readonly #text: string;
  readonly #space = /[ \t\r\n]*/y;
  readonly #number = /[-+.\deE]+/y;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    return this.#value(0);
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new SyntaxError(`JSON nested more than ${MAX_DEPTH} deep`);
    this.#take(this.#space);
    switch (this.#text[this.#at] ?? "") {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#readString();
      case "t":
        this.#at += 4;
        return true;
      case "f":
        this.#at += 5;
        return false;
      case "n":
        this.#at += 4;
        return null;
      default:
        return this.#readNumber();
    }
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {};
    this.#at += 1;
    while (this.#next() !== "}") {
      const name = this.#readString();
      this.#next();
      setOwn(object, name, this.#value(depth + 1));
    }
    return object;
  }

  #array(depth: number): unknown {
    const items: unknown[] = [];
    this.#at += 1;
    while (this.#next() !== "]") items.push(this.#value(depth + 1));
    return items;
  }

  /** Passes white space and the comma or colon behind it; what ends a container is passed and told. */
  #next(): string | undefined {
    for (;;) {
      this.#take(this.#space);
      const character = this.#text[this.#at];
      if (character === "]" || character === "}") {
        this.#at += 1;
        return character;
      }
      if (character !== "," && character !== ":") return character;
      this.#at += 1;
    }
  }

  #readString(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return String(JSON.parse(this.#text.slice(start, this.#at)));
  }

  /** Behind an odd number of backslashes. */
  #isEscaped(at: number): boolean {
    let before = at;
    while (this.#text[before - 1] === "\\") before -= 1;
    return (at - before) % 2 === 1;
  }

  #readNumber(): number | bigint {
    const text = this.#take(this.#number);
    const number = Number(text);
    return Number.isSafeInteger(number) || !INTEGER.test(text) ? number : BigInt(text);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }
}
