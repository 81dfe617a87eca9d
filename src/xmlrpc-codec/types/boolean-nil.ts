// boolean: `0` or `1` (XML-RPC). nil: an empty element (the ontosys extension, Apache's ex:nil).

import { ValueError } from "../../values/index.js";
import { isBlank, scalarText } from "../elements.js";
import { type ExactOf, extension, type WireType } from "./wire-type.js";

function parseBoolean(text: string, lenient: boolean): boolean {
  if (text === "1") return true;
  if (text === "0") return false;
  if (lenient && text === "true") return true;
  if (lenient && text === "false") return false;
  throw new ValueError("boolean expected, got text that is not 0 or 1");
}

export const BOOLEAN: WireType<ExactOf<"boolean">> = {
  elements: ["boolean"],
  open: "<boolean>",
  close: "</boolean>",
  decode: (element, { lenient }) => ({ type: "boolean", value: parseBoolean(scalarText(element), lenient) }),
  encode: (value) => (value ? "1" : "0"),
};

export const NIL: WireType<ExactOf<"nil">> = {
  elements: ["nil"],
  extension: true,
  open: "<nil/>",
  close: "",
  decode: (element) => {
    if (!isBlank(scalarText(element))) throw new ValueError("nil expected, got text inside it");
    return { type: "nil", value: null };
  },
  encode: (_value, scope) => extension("nil", scope, ""),
};
