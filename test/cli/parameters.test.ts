// Parameters as typed: by signature, as JSON, with a type before them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonParameters, readParameters, saysItsTypes } from "../../src/cli/parameters.js";

const read = (words: string[], types?: string[], literal = false) => readParameters(words, { types, literal });
const one = (word: string, type?: string, literal = false) =>
  read([word], type === undefined ? undefined : [type], literal)[0];

describe("readParameters", () => {
  it.each([
    ["6", "int", { type: "int", value: 6 }],
    ["-2147483648", "int", { type: "int", value: -2147483648 }],
    ["6", "i4", { type: "int", value: 6 }],
    ["6", "string", { type: "string", value: "6" }],
    ["two words", "string", { type: "string", value: "two words" }],
    ["9007199254740993", "i8", { type: "i8", value: 9007199254740993n }],
    ["3", "double", { type: "double", value: 3 }],
    ["1e3", "double", { type: "double", value: 1000 }],
    ["true", "boolean", { type: "boolean", value: true }],
    ["0", "boolean", { type: "boolean", value: false }],
    ["[1]", "array", { type: "array", value: [{ type: "int", value: 1 }] }],
    ["{}", "struct", { type: "struct", value: {} }],
    ["6", undefined, { type: "int", value: 6 }],
    ['"6"', undefined, { type: "string", value: "6" }],
    ["null", undefined, { type: "nil", value: null }],
    ["6", "undef", { type: "int", value: 6 }],
    ["int:6", undefined, { type: "int", value: 6 }],
    ["string:6", "int", { type: "string", value: "6" }],
    ["double:2", undefined, { type: "double", value: 2 }],
    ["i8:-9223372036854775808", undefined, { type: "i8", value: -(2n ** 63n) }],
    ["boolean:1", undefined, { type: "boolean", value: true }],
    ["date:2026-11-22T10:00:00Z", undefined, { type: "dateTime.iso8601", value: new Date("2026-11-22T10:00:00Z") }],
    ["20261122T10:00:00", "dateTime.iso8601", { type: "dateTime.iso8601", value: new Date("2026-11-22T10:00:00Z") }],
    ["nil:", undefined, { type: "nil", value: null }],
    ["string:a\nb", undefined, { type: "string", value: "a\nb" }],
  ])("reads %j as %s", (word, type, expected) => {
    expect(one(word, type)).toEqual(expected);
  });

  it("reads base64 as bytes", () => {
    expect(one("base64:AAEC")).toEqual({ type: "base64", value: new Uint8Array([0, 1, 2]) });
    expect(one("AAEC", "base64")).toEqual({ type: "base64", value: new Uint8Array([0, 1, 2]) });
  });

  it("takes prefixes as text with --literal", () => {
    expect(one("int:6", "string", true)).toEqual({ type: "string", value: "int:6" });
    expect(saysItsTypes(["int:6"], true)).toBe(false);
    expect(saysItsTypes(["int:6", "string:x"], false)).toBe(true);
    expect(saysItsTypes(["int:6", "x"], false)).toBe(false);
  });

  it.each([
    ["12abc", "int", /parameter 1: int expected, got "12abc"/],
    ["", "int", /parameter 1: int expected, got ""/],
    ["2147483648", "int", /parameter 1: 2147483648 is outside the range of int/],
    ["9223372036854775808", "i8", /outside the range of i8/],
    ["128", "i1", /outside the range of i1/],
    ["x", "double", /double expected, got "x"/],
    ["", "double", /double expected/],
    ["Infinity", "double", /double expected/],
    ["yes", "boolean", /boolean expected \(true, false, 1, 0\), got "yes"/],
    ["2026-02-30T00:00:00Z", "dateTime.iso8601", /parameter 1: /],
    ["@@@", "base64", /parameter 1: /],
    ["Colorado", undefined, /parameter 1: "Colorado" is not JSON.*string:/],
    ["[1", "array", /parameter 1: JSON for array expected/],
    ["string:@/nonexistent/file", undefined, /parameter 1: the file cannot be read/],
  ])("refuses %j as %s", (word, type, expected) => {
    expect(() => one(word, type)).toThrow(expected);
  });

  it("names the right parameter", () => {
    expect(() => read(["1", "x"], ["int", "int"])).toThrow(/^parameter 2: /);
  });

  describe("files", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "jabber-rpc-parameters-"));
      writeFileSync(join(folder, "x"), "[1,2]");
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    it("are read behind @", () => {
      expect(one(`string:@${folder}/x`)).toEqual({ type: "string", value: "[1,2]" });
      expect(one(`json:@${folder}/x`)).toMatchObject({ type: "array" });
      expect(one(`base64:@${folder}/x`)).toMatchObject({ value: Buffer.from("[1,2]") });
    });
  });
});

describe("readJsonParameters", () => {
  it("reads a JSON array", () => {
    expect(readJsonParameters('[1, "a", {"b": [true]}]')).toHaveLength(3);
  });
  it.each(["", "{}", "1", "[1"])("refuses %j", (text) => {
    expect(() => readJsonParameters(text)).toThrow(/a JSON array of parameters expected/);
  });
});
