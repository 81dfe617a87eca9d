// string: any characters that XML can carry, white space included; the type of a value without type (XML-RPC).

import { ValueError } from "../../values/index.js";
import { escapeText, XmlWriteError } from "../../xml/index.js";
import { scalarText } from "../elements.js";
import type { ExactOf, WireType } from "./wire-type.js";

/** Escapes text for XML. Throws ValueError for characters that XML cannot carry. */
export function encodeText(text: string): string {
  try {
    return escapeText(text);
  } catch (error) {
    throw error instanceof XmlWriteError ? new ValueError(error.message) : error;
  }
}

export const STRING: WireType<ExactOf<"string">> = {
  elements: ["string"],
  open: "<string>",
  close: "</string>",
  decode: (element) => ({ type: "string", value: scalarText(element) }),
  encode: encodeText,
};
