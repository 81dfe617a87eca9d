// Addresses: RFC 7622 §3.5 (its table of valid and invalid JIDs) and more.
import { describe, expect, it } from "vitest";
import { bareJid, createJidReader, JidError, parseJid, tryParseJid, withResource } from "../src/jid.js";

describe("parseJid", () => {
  const accepted: readonly [text: string, full: string][] = [
    ["juliet@example.com", "juliet@example.com"],
    ["juliet@example.com/foo", "juliet@example.com/foo"],
    ["juliet@example.com/foo bar", "juliet@example.com/foo bar"],
    ["juliet@example.com/foo@bar", "juliet@example.com/foo@bar"],
    ["foo\\20bar@example.com", "foo\\20bar@example.com"],
    ["fussball@example.com", "fussball@example.com"],
    ["fu\u00dfball@example.com", "fu\u00dfball@example.com"],
    ["\u03c0@example.com", "\u03c0@example.com"],
    ["\u03a3@example.com/foo", "\u03c3@example.com/foo"],
    ["king@example.com/\u265a", "king@example.com/\u265a"],
    ["example.com", "example.com"],
    ["example.com/foobar", "example.com/foobar"],
    ["a.example.com/b@example.net", "a.example.com/b@example.net"],
    ["Juliet@EXAMPLE.com/Balcony", "juliet@example.com/Balcony"],
    ["b\u00fccher.example", "b\u00fccher.example"],
    ["xn--bcher-kva.example", "b\u00fccher.example"],
    ["example.com.", "example.com"],
    ["[::1]/x", "[::1]/x"],
    ["127.0.0.1", "127.0.0.1"],
    ["a@b/test@xmpp.org/unit", "a@b/test@xmpp.org/unit"],
    ["\uff41@example.com", "a@example.com"],
  ];
  it.each(accepted)("reads %j", (text, full) => {
    expect(parseJid(text).full).toBe(full);
    expect(parseJid(full).full).toBe(full);
  });

  const refused: readonly [text: string, part: RegExp][] = [
    ['"juliet"@example.com', /localpart/],
    ["foo bar@example.com", /localpart/],
    ["@example.com", /localpart is empty/],
    ["@example.com/", /localpart is empty/],
    ["juliet@example.com/", /resourcepart is empty/],
    ["henry\u2163@example.com", /localpart/],
    ["\u265a@example.com", /localpart/],
    ["juliet@", /domainpart is empty/],
    ["/foobar", /domainpart is empty/],
    ["", /domainpart is empty/],
    ["@", /localpart is empty/],
    ["/", /domainpart is empty/],
    ["a@b@c", /domainpart/],
    ["a\u0000@b", /localpart/],
    ["a@b/c\u0000", /resourcepart/],
    ["a@b/c\ud800", /resourcepart/],
    ["a@exa mple.com", /domainpart/],
    ["a@b:5222", /domainpart/],
    ["a@b?c", /domainpart/],
    ["a@b%2ec", /domainpart/],
  ];
  it.each(refused)("refuses %j", (text, part) => {
    expect(() => parseJid(text)).toThrow(part);
    expect(() => parseJid(text)).toThrow(JidError);
    expect(tryParseJid(text)).toBeUndefined();
  });

  it("holds the length limit at its edge, in bytes", () => {
    expect(parseJid(`${"a".repeat(1023)}@b`).local).toHaveLength(1023);
    expect(() => parseJid(`${"a".repeat(1024)}@b`)).toThrow(/localpart is longer than 1023 bytes/);
    expect(() => parseJid(`a@b/${"é".repeat(512)}`)).toThrow(/resourcepart is longer/);
    expect(parseJid(`a@b/${"é".repeat(511)}`).resource).toHaveLength(511);
  });

  it("gives a frozen value", () => {
    const jid = parseJid("a@b/c");
    expect(Object.isFrozen(jid)).toBe(true);
    expect(jid).toEqual({ local: "a", domain: "b", resource: "c", bare: "a@b", full: "a@b/c" });
    expect(bareJid(jid).full).toBe("a@b");
    expect(withResource(jid, "d").full).toBe("a@b/d");
    expect(() => withResource(jid, "")).toThrow(JidError);
  });

  it("cuts what it shows of a long address", () => {
    expect(() => parseJid(`@${"x".repeat(5000)}`)).toThrow(/^.{0,200}$/);
  });
});

describe("createJidReader", () => {
  it("reads as tryParseJid does, the first time and again", () => {
    const read = createJidReader();
    for (const text of ["Alice@Example.ORG/Desk", "alice@example.org/desk", "@example.org", "a b@c", "example.org"]) {
      expect(read(text)).toEqual(tryParseJid(text));
      expect(read(text)).toEqual(tryParseJid(text));
    }
  });

  it("keeps a bounded number of addresses", () => {
    const read = createJidReader();
    const first = read("user0@example.org");
    expect(read("user0@example.org")).toBe(first);
    for (let user = 1; user < 1_024; user++) read(`user${user}@example.org`);
    expect(read("user0@example.org")).toBe(first);
    read("user1024@example.org");
    expect(read("user0@example.org")).not.toBe(first);
    expect(read("user0@example.org")).toEqual(first);
  });
});
