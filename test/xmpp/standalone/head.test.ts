// The heads of stanzas that we write, read without a parser: whatever our own writers make of any value.

import { describe, expect, it } from "vitest";
import { element, escapeText } from "../../../src/xml/index.js";
import { writeIq } from "../../../src/xmpp/index.js";
import { readHead } from "../../../src/xmpp/standalone/head.js";

const NASTY = ["a", "it's", 'say "hi"', "a>b", "a/b", "<&>", "tab\tline\ncr\r", "é😀", "to='x'", "&amp;", "a=b", " "];

describe("the head of a stanza", () => {
  it.each(NASTY)("holds %j as it was", (value) => {
    const text = writeIq("get", { id: value, to: `to ${value}`, from: `from ${value}` }, "<a id='no'/>");
    expect(readHead(text)).toMatchObject({
      name: "iq",
      type: "get",
      id: value,
      to: `to ${value}`,
      from: `from ${value}`,
    });
    const other = element(
      "message",
      { "xml:lang": value, to: value, xmlns: "jabber:client" },
      element("b", { to: "no" }),
    );
    expect(readHead(other)).toMatchObject({
      name: "message",
      to: value,
      from: undefined,
      type: undefined,
      id: undefined,
    });
  });

  it("may be all there is", () => {
    const empty = element("presence", {});
    expect(readHead(empty)).toMatchObject({ name: "presence", nameEnd: 9, to: undefined });
    expect(readHead(element("presence", { to: "x" }, escapeText("a to='y' > b")))).toMatchObject({ to: "x" });
  });
});
