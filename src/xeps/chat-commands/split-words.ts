// A line that somebody typed, in words: quotes hold words together, and so do the brackets of JSON.

import { ValueError } from "../../values/index.js";

const SPACE = /\s/u;
const CLOSERS: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/**
 * Splits a line: `a 'b c' {"d": [1, 2]}` is three words. Quotes of both kinds are taken off, and within double quotes a
 * backslash stands before `"` and `\`; a word that begins with a bracket goes on to its closing one, as it is.
 *
 * @throws ValueError for a quote or bracket that is not closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (SPACE.test(char)) at += 1;
    else {
      const word = CLOSERS[char] === undefined ? readPlain(line, at) : readBrackets(line, at);
      words.push(word.text);
      at = word.end;
    }
  }
  return words;
}

interface Word {
  readonly text: string;
  /** Where the line goes on. */
  readonly end: number;
}

function readPlain(line: string, start: number): Word {
  let text = "";
  let at = start;
  while (at < line.length && !SPACE.test(line.charAt(at))) {
    const char = line.charAt(at);
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at);
      text += quoted.text;
      at = quoted.end;
    } else {
      text += char;
      at += 1;
    }
  }
  return { text, end: at };
}

function readQuoted(line: string, start: number): Word {
  const quote = line.charAt(start);
  let text = "";
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === quote) return { text, end: at + 1 };
    const next = line.charAt(at + 1);
    if (quote === '"' && char === "\\" && (next === '"' || next === "\\")) {
      text += next;
      at += 1;
    } else text += char;
  }
  throw new ValueError(`the quote ${quote} is not closed`);
}

/** JSON as it is; what is in its strings closes nothing. */
function readBrackets(line: string, start: number): Word {
  const open: string[] = [];
  let isString = false;
  for (let at = start; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (isString) {
      if (char === "\\") at += 1;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (CLOSERS[char] !== undefined) open.push(CLOSERS[char]);
    else if (char === open.at(-1)) open.pop();
    if (open.length === 0) return { text: line.slice(start, at + 1), end: at + 1 };
  }
  throw new ValueError(`the bracket ${line.charAt(start)} is not closed`);
}
