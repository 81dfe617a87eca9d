// Parameters as typed on a command line: by the method's signature, as JSON, or with their type written before them.

import { readFileSync } from "node:fs";
import { messageOf } from "../message-of.js";
import { type ExactValue, exactFromJson, isTypedWord, readWord, ValueError } from "../values/index.js";
import { UsageError } from "./exit.js";

/** How words become values. */
export interface ParameterOptions {
  /** The types of the parameters as system.methodSignature names them; undefined when they are not known. */
  readonly types: readonly string[] | undefined;
  /** Takes prefixes such as `int:` and `@file` as plain text. */
  readonly literal: boolean;
}

/** Reads the words after the method's name. Throws {@link UsageError} naming the parameter and what was expected. */
export function readParameters(words: readonly string[], { types, literal }: ParameterOptions): ExactValue[] {
  return words.map((word, index) => {
    try {
      return readWord(word, { type: types?.[index], literal, readFile });
    } catch (error) {
      if (!(error instanceof UsageError) && !ValueError.is(error)) throw error;
      throw new UsageError(`parameter ${index + 1}: ${error.message}`, { cause: error });
    }
  });
}

/** Reads a JSON array of parameters, as `-` and `--lines` take them. */
export function readJsonParameters(text: string): ExactValue[] {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`a JSON array of parameters expected: ${messageOf(error)}`);
  }
  if (!Array.isArray(params)) throw new UsageError("a JSON array of parameters expected");
  return params.map((value) => exactFromJson(value));
}

/** True when every word says its own type, so that no signature is needed. */
export function saysItsTypes(words: readonly string[], literal: boolean): boolean {
  return !literal && words.every(isTypedWord);
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`the file cannot be read: ${messageOf(error)}`);
  }
}
