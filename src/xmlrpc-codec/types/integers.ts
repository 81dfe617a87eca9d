// int (also i4), i1, i2, i8: `/^[+-]?\d+$/` within the range of the type (XML-RPC; Apache's extensions for the others).

import { ValueError } from "../../values/index.js";
import { scalarText } from "../elements.js";
import { type ExactOf, extension, type WireType } from "./wire-type.js";

const INT_MAX = 0x7fff_ffff;
const INT64_MAX = 2n ** 63n - 1n;
/** Digits of 2^53 - 1 and fewer: no loss in summing them up as a number. */
const SAFE_DIGITS = 15;

/** Reads a decimal integer of at most `max`, at least `-max - 1`. */
function parseInteger(text: string, type: string, max: number): number {
  const digits = digitsFrom(text, type);
  let magnitude = 0;
  for (let index = digits; index < text.length; index++) {
    magnitude = magnitude * 10 + (text.charCodeAt(index) - 0x30);
    if (magnitude > max + 1) throw outOfRange(type);
  }
  const value = text.charCodeAt(0) === 0x2d ? -magnitude : magnitude;
  if (value > max) throw outOfRange(type);
  // Not -0.
  return value | 0;
}

/** Where the digits start. Throws unless the text is an optional sign and at least one digit. */
function digitsFrom(text: string, type: string): number {
  const first = text.charCodeAt(0);
  const start = first === 0x2d || first === 0x2b ? 1 : 0;
  let correct = text.length > start;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) correct = false;
  }
  if (!correct) throw new ValueError(`${type} expected, got text that is not a decimal integer`);
  return start;
}

function outOfRange(type: string): ValueError {
  return new ValueError(`${type} expected, got an integer out of its range`);
}

function parseLong(text: string): bigint {
  const start = digitsFrom(text, "i8");
  if (text.length - start <= SAFE_DIGITS) return BigInt(Number(text));
  // BigInt takes quadratic time, and no number of leading zeros is worth it.
  const digits = text.slice(start).replace(/^0+(?=\d)/, "");
  if (digits.length > 19) throw outOfRange("i8");
  const value = text.charCodeAt(0) === 0x2d ? -BigInt(digits) : BigInt(digits);
  if (value > INT64_MAX || value < -INT64_MAX - 1n) throw outOfRange("i8");
  return value;
}

export const INT: WireType<ExactOf<"int">> = {
  elements: ["int", "i4"],
  open: "<int>",
  close: "</int>",
  decode: (element) => ({ type: "int", value: parseInteger(scalarText(element), "int", INT_MAX) }),
  encode: String,
};

export const I1: WireType<ExactOf<"i1">> = {
  elements: ["i1"],
  extension: true,
  open: "<i1>",
  close: "</i1>",
  decode: (element) => ({ type: "i1", value: parseInteger(scalarText(element), "i1", 0x7f) }),
  encode: (value, scope) => extension("i1", scope, String(value)),
};

export const I2: WireType<ExactOf<"i2">> = {
  elements: ["i2"],
  extension: true,
  open: "<i2>",
  close: "</i2>",
  decode: (element) => ({ type: "i2", value: parseInteger(scalarText(element), "i2", 0x7fff) }),
  encode: (value, scope) => extension("i2", scope, String(value)),
};

export const I8: WireType<ExactOf<"i8">> = {
  elements: ["i8"],
  extension: true,
  open: "<i8>",
  close: "</i8>",
  decode: (element) => ({ type: "i8", value: parseLong(scalarText(element)) }),
  encode: (value, scope) => extension("i8", scope, String(value)),
};
