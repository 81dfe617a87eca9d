// Long text is searched by the engine and short text by a loop: both find the same, wherever it is.

import { describe, expect, it } from "vitest";
import { textOf } from "../../src/xml/index.js";
import { HEADER, runStream } from "./stream-runs.js";

/** Around the places where one way of searching ends and another begins, and far behind. */
const LENGTHS = [0, 1, 95, 96, 97, 2_047, 2_048, 2_143, 2_144, 2_145, 4_192, 10_000];

const READ_AS: readonly [what: string, written: string, read: string][] = [
  ["a reference", "&amp;", "&"],
  ["a bracket", "]", "]"],
  ["CRLF", "\r\n", "\n"],
  ["a pair of surrogates", "😀", "😀"],
  ["a character beyond the surrogates", "\ue000", "\ue000"],
  ["CDATA", "<![CDATA[<]]>", "<"],
  ["plain white space", "\t\n", "\t\n"],
];

describe("long text", () => {
  it.each(READ_AS)("is read around %s", (_, written, read) => {
    for (const before of LENGTHS) {
      for (const after of LENGTHS) {
        const { events } = runStream(`${HEADER}<a>${"x".repeat(before)}${written}${"y".repeat(after)}</a>`, 1e6);
        const stanza = events[1];
        if (stanza?.kind !== "stanza") throw new Error(`no stanza but ${stanza?.kind}`);
        expect(textOf(stanza.element)).toBe(`${"x".repeat(before)}${read}${"y".repeat(after)}`);
      }
    }
  });

  it.each([
    ["a control character", "\u0001"],
    ["NUL", "\u0000"],
    ["the last control character", "\u001f"],
    ["U+FFFE", "\ufffe"],
    ["a bare &", "& "],
    ["]]>", "]]>"],
  ])("is refused with %s", (_, written) => {
    for (const before of LENGTHS) {
      const start = `${HEADER}<a>${"x".repeat(before)}`;
      const { error } = runStream(`${start}${written}${"y".repeat(3_000)}</a>`, 1e6);
      expect(error).toMatchObject({ condition: "not-well-formed", byteOffset: start.length });
    }
  });
});
