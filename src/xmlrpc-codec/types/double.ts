// double: sign, digits, point, digits; no exponent, no NaN, no Infinity (XML-RPC). The writer is positional and exact.

import { ValueError } from "../../values/index.js";
import { scalarText } from "../elements.js";
import type { ExactOf, WireType } from "./wire-type.js";

const STRICT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const LENIENT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads a finite double. A number beyond the range of IEEE 754 is refused, not read as Infinity. */
function parseDouble(text: string, lenient: boolean): number {
  if (!(lenient ? LENIENT : STRICT).test(text))
    throw new ValueError("double expected, got text that is not a decimal number");
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ValueError("double expected, got a number out of its range");
  return value;
}

/** Writes a finite double with a point and without exponent, so that reading gives the same bits: `3.0`, `-0.0`, `0.0000001`. */
function formatDouble(value: number): string {
  const text = String(value);
  if (text.includes("e")) return positional(text);
  if (text.includes(".")) return text;
  return Object.is(value, -0) ? "-0.0" : `${text}.0`;
}

/** Moves the point of `1.5e-7` to where it belongs. */
function positional(text: string): string {
  const sign = text.startsWith("-") ? "-" : "";
  const [mantissa = "", exponent = "0"] = text.slice(sign.length).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${"0".repeat(-shift - 1)}${whole}${fraction}`;
  // JavaScript writes an exponent only from 1e21, which is more digits than a double has.
  return `${sign}${whole}${fraction.padEnd(shift, "0")}.0`;
}

export const DOUBLE: WireType<ExactOf<"double">> = {
  elements: ["double"],
  open: "<double>",
  close: "</double>",
  decode: (element, { lenient }) => ({ type: "double", value: parseDouble(scalarText(element), lenient) }),
  encode: formatDouble,
};
