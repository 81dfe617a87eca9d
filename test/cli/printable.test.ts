// What others wrote must not steer a terminal.
import { describe, expect, it } from "vitest";
import { printable, table } from "../../src/cli/printable.js";

describe("printable", () => {
  it.each([
    ["\u001b[31mred", "\\u001b[31mred"],
    ["a\u0007\u0000b", "a\\u0007\\u0000b"],
    ["\u009b31m", "\\u009b31m"],
    ["abc\u202edef", "abc\\u202edef"],
    ["a\u2066b\u200fc", "a\\u2066b\\u200fc"],
    ["line\nfeed", "line\\u000afeed"],
    ["lone \ud800", "lone \\ud800"],
    ["añ€😀", "añ€😀"],
  ])("shows %j as %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
  it("keeps lines where asked", () => {
    expect(printable("a\n\tb\r\u001b", "lines")).toBe("a\n\tb\\u000d\\u001b");
  });
});

describe("table", () => {
  it("pads columns and makes cells safe", () => {
    expect(
      table([
        ["A", "B"],
        ["long\u001b", "x"],
      ]),
    ).toBe("A           B\nlong\\u001b  x");
  });
});
