// base64: bytes as text (XML-RPC; RFC 4648 §4). XEP-0009 spelled it `Base64` until version 2.2.

import { formatBase64, parseBase64 } from "../../values/index.js";
import { scalarText } from "../elements.js";
import type { ExactOf, WireType } from "./wire-type.js";

export const BASE64: WireType<ExactOf<"base64">> = {
  elements: ["base64"],
  lenientElements: ["Base64"],
  open: "<base64>",
  close: "</base64>",
  decode: (element) => ({ type: "base64", value: parseBase64(scalarText(element)) }),
  encode: formatBase64,
};
