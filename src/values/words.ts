// Words as people type them, read as exact values: by a type, as JSON, or with the type written before them.

import { parseDateTime } from "./date-text.js";
import type { ExactValue } from "./exact-value.js";
import { exactFromJson } from "./from-json.js";
import { ValueError } from "./value-error.js";

/** How a word becomes a value. */
export interface WordOptions {
  /** The type as system.methodSignature names it; undefined when it is not known. */
  readonly type: string | undefined;
  /** Takes prefixes such as `int:` as plain text. Default false. */
  readonly literal?: boolean;
  /** What `base64:@FILE` and the like stand for. Default: `@` is plain text, as it must be for words that others typed. */
  readonly readFile?: (path: string) => Buffer;
}

const TYPED = /^(int|i4|i1|i2|i8|double|boolean|string|date|dateTime|base64|nil|json):/s;
const INTEGER_BITS = { int: 32, i4: 32, i2: 16, i1: 8 } as const;

/** True for a word that says its own type, such as `int:6`. */
export function isTypedWord(word: string): boolean {
  return TYPED.test(word);
}

/** Reads one word. Throws {@link ValueError} that says what was expected. */
export function readWord(word: string, { type, literal = false, readFile }: WordOptions): ExactValue {
  const typed = literal ? null : TYPED.exec(word);
  if (typed?.[1] !== undefined) return readPrefixed(typed[1], word.slice(typed[0].length), readFile);
  if (type === undefined || type === "undef") return readUntyped(word);
  return readTyped(type, word);
}

/** Reads text as one type: a prefix, or a type name of system.methodSignature. */
function readTyped(type: string, text: string): ExactValue {
  switch (type) {
    case "int":
    case "i4":
    case "i1":
    case "i2":
      return { type: type === "i4" ? "int" : type, value: Number(integer(text, type, INTEGER_BITS[type])) };
    case "i8":
      return { type, value: integer(text, type, 64) };
    case "double":
      return { type, value: double(text) };
    case "boolean":
      return { type, value: boolean(text) };
    case "string":
      return { type, value: text };
    case "date":
    case "dateTime":
    case "dateTime.iso8601":
      return { type: "dateTime.iso8601", value: parseDateTime(text) };
    case "base64":
      return exactFromJson(text, { kind: "base64" });
    case "nil":
      return { type, value: null };
    default:
      return exactFromJson(parseJson(text, type === "json" ? "JSON" : `JSON for ${type}`));
  }
}

function readUntyped(word: string): ExactValue {
  let json: unknown;
  try {
    json = JSON.parse(word);
  } catch {
    const text = JSON.stringify(word);
    throw new ValueError(`${text} is not JSON, and the method's signature is not known; write '${text}' or string:…`);
  }
  return exactFromJson(json);
}

/** `string:@file` and the like read the file's text, `base64:@file` its bytes. */
function readPrefixed(type: string, text: string, readFile: WordOptions["readFile"]): ExactValue {
  if (readFile === undefined || !text.startsWith("@")) return readTyped(type, text);
  const bytes = readFile(text.slice(1));
  return type === "base64" ? { type, value: bytes } : readTyped(type, bytes.toString("utf8"));
}

function integer(text: string, type: string, bits: number): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new ValueError(`${type} expected, got ${JSON.stringify(text)}`);
  const value = BigInt(text.replace("+", ""));
  if (BigInt.asIntN(bits, value) !== value) throw new ValueError(`${text} is outside the range of ${type}`);
  return value;
}

function double(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new ValueError(`double expected, got ${JSON.stringify(text)}`);
  return value;
}

function boolean(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new ValueError(`boolean expected (true, false, 1, 0), got ${JSON.stringify(text)}`);
}

function parseJson(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ValueError(`${expected} expected: ${error instanceof Error ? error.message : String(error)}`);
  }
}
