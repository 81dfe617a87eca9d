// Values of every type, to be sent to a method that answers with what it got (issue 2 §7).

import type { ExactJson } from "../../src/values/index.js";
import type { CallerName } from "../support/callers.js";

/** Values to send and to get back, and which callers cannot: slixmpp reads and writes fewer types, as its source shows. */
const ECHOES: readonly (readonly [value: ExactJson, not?: CallerName])[] = [
  [{ int: 0 }],
  [{ int: 2_147_483_647 }],
  [{ int: -2_147_483_648 }],
  [{ i8: "9223372036854775807" }, "slixmpp"],
  [{ i8: "-9007199254740993" }, "slixmpp"],
  [{ i1: -128 }, "slixmpp"],
  [{ i2: 32_767 }, "slixmpp"],
  [{ double: 3 }],
  [{ double: -0.1 }],
  [{ double: 1e-7 }],
  [{ double: 1.5e21 }],
  [{ boolean: true }],
  [{ boolean: false }],
  [{ string: "" }, "slixmpp"],
  [{ string: "  blanks,\ttabs\nand lines  " }],
  [{ string: "<a b='c'>&amp;&#65;</a> ]]> \"" }],
  [{ string: "añ€😀 \u0085\u2028\ufffd" }],
  [{ "dateTime.iso8601": "19980717T14:08:55" }],
  [{ base64: "" }, "slixmpp"],
  [{ base64: "AAEC/w==" }],
  [{ nil: null }],
  [{ array: [] }],
  [{ array: [{ array: [{ array: [{ int: 1 }, { string: "x" }] }] }, { nil: null }] }],
  [{ struct: {} }],
  [{ struct: { constructor: { int: 1 }, "a <b>": { struct: { ü: { array: [{ double: 2.5 }] } } } } }],
];

/** The values that such a caller can send and read, each after its name. */
export function echoCases(caller: CallerName): (readonly [name: string, value: ExactJson])[] {
  return ECHOES.filter(([, not]) => not !== caller).map(([value]) => [JSON.stringify(value), value] as const);
}
