// Parameters as typed on a command line: by the method's signature, as JSON, or with their type written before them.

import { readFileSync } from "node:fs";
import { messageOf } from "../message-of.js";
import { type ExactValue, exactFromJson, parseDateTime, ValueError } from "../values/index.js";
import { UsageError } from "./exit.js";

/** How words become values. */
export interface ParameterOptions {
  /** The types of the parameters as system.methodSignature names them; undefined when they are not known. */
  readonly types: readonly string[] | undefined;
  /** Takes prefixes such as `int:` and `@file` as plain text. */
  readonly literal: boolean;
}

/** Reads the words after the method's name. Throws {@link UsageError} naming the parameter and what was expected. */
export function readParameters(words: readonly string[], options: ParameterOptions): ExactValue[] {
  return words.map((word, index) => {
    try {
      return readParameter(word, options.types?.[index], options.literal);
    } catch (error) {
      if (!(error instanceof UsageError) && !ValueError.is(error)) throw error;
      throw new UsageError(`parameter ${index + 1}: ${error.message}`, { cause: error });
    }
  });
}

/** Reads a JSON array of parameters, as `-` and `--lines` take them. */
export function readJsonParameters(text: string): ExactValue[] {
  const params = parseJson(text, "a JSON array of parameters");
  if (!Array.isArray(params)) throw new UsageError("a JSON array of parameters expected");
  return params.map((value) => exactFromJson(value));
}

/** True when every word says its own type, so that no signature is needed. */
export function saysItsTypes(words: readonly string[], literal: boolean): boolean {
  return !literal && words.every((word) => TYPED.test(word));
}

const TYPED = /^(int|i4|i1|i2|i8|double|boolean|string|date|dateTime|base64|nil|json):/s;

function readParameter(word: string, type: string | undefined, literal: boolean): ExactValue {
  const typed = literal ? null : TYPED.exec(word);
  if (typed?.[1] !== undefined) return readPrefixed(typed[1], word.slice(typed[0].length));
  if (type === undefined || type === "undef") return readUntyped(word);
  return readTyped(type, word);
}

/** Reads text as one type: a prefix of the command line, or a type name of system.methodSignature. */
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

const INTEGER_BITS = { int: 32, i4: 32, i2: 16, i1: 8 } as const;

function readUntyped(word: string): ExactValue {
  try {
    return exactFromJson(JSON.parse(word));
  } catch (error) {
    if (ValueError.is(error)) throw error;
    const text = JSON.stringify(word);
    throw new UsageError(`${text} is not JSON, and the method's signature is not known; write '${text}' or string:…`);
  }
}

/** `string:@file` and the like read the file's text, `base64:@file` its bytes. */
function readPrefixed(type: string, text: string): ExactValue {
  if (!text.startsWith("@")) return readTyped(type, text);
  const bytes = readFile(text.slice(1));
  return type === "base64" ? { type, value: bytes } : readTyped(type, bytes.toString("utf8"));
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`the file cannot be read: ${messageOf(error)}`);
  }
}

function integer(text: string, type: string, bits: number): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new UsageError(`${type} expected, got ${JSON.stringify(text)}`);
  const value = BigInt(text.replace("+", ""));
  if (BigInt.asIntN(bits, value) !== value) throw new UsageError(`${text} is outside the range of ${type}`);
  return value;
}

function double(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`double expected, got ${JSON.stringify(text)}`);
  return value;
}

function boolean(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new UsageError(`boolean expected (true, false, 1, 0), got ${JSON.stringify(text)}`);
}

function parseJson(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${expected} expected: ${messageOf(error)}`);
  }
}
