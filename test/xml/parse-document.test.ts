// What one whole document may and may not be.

import { describe, expect, it } from "vitest";
import { type DocumentOptions, parseDocument, type XmlCondition, XmlError } from "../../src/xml/index.js";

const leaf = { ns: "", attrs: {}, children: [] };

function conditionOf(input: string | Uint8Array, options?: DocumentOptions): XmlCondition | undefined {
  try {
    parseDocument(input, options);
  } catch (error) {
    if (error instanceof XmlError) return error.condition;
    throw error;
  }
  return undefined;
}

describe("parseDocument", () => {
  it.each([
    ["a lone root", "<a/>"],
    ["a declaration", "<?xml version='1.0'?><a/>"],
    ["a declaration with all its parts", "<?xml version = \"1.0\" encoding='UTF-8' standalone='yes' ?>\r\n<a/>"],
    ["a byte order mark", "\ufeff<?xml version='1.0'?><a/>"],
    ["comments and instructions around", "<!-- 1 --><?pi?>\n<a/><!----><?pi some > text?>\n"],
    ["white space around", " \n<a></a>\t\r\n"],
  ])("reads %s, as text and as bytes", (_what, document) => {
    expect(parseDocument(document)).toEqual({ name: "a", ...leaf });
    expect(parseDocument(Buffer.from(document))).toEqual({ name: "a", ...leaf });
  });

  it("joins the text around a comment", () => {
    expect(parseDocument("<a>1<!-- <b> & -->2<?pi?>3<b><!--x--></b></a>").children).toEqual([
      "123",
      { name: "b", ...leaf },
    ]);
  });

  it.each<[string, string, XmlCondition]>([
    ["nothing", "", "not-well-formed"],
    ["white space", " \n", "not-well-formed"],
    ["text", "hello", "not-well-formed"],
    ["an open root", "<a><b></b>", "not-well-formed"],
    ["half a tag", "<a", "not-well-formed"],
    ["a comment alone", "<!-- a -->", "not-well-formed"],
    ["two roots", "<a/><b/>", "not-well-formed"],
    ["an end tag behind", "<a/></a>", "not-well-formed"],
    ["text behind", "<a/>x", "not-well-formed"],
    ["half a tag behind", "<a/><", "not-well-formed"],
    ["half a comment behind", "<a/><!-", "not-well-formed"],
    ["an open comment", "<a/><!-- ", "not-well-formed"],
    ["an open comment inside", "<a><!-- </a>", "not-well-formed"],
    ["-- in a comment", "<a><!-- -- --></a>", "not-well-formed"],
    ["a comment that ends in --->", "<a><!-- ---></a>", "not-well-formed"],
    ["a control character in a comment", "<a><!--\u0001--></a>", "not-well-formed"],
    ["an open instruction", "<a><?pi </a>", "not-well-formed"],
    ["an instruction without target", "<a><? pi?></a>", "not-well-formed"],
    ["an instruction named by no name", "<a><?1?></a>", "not-well-formed"],
    ["a late declaration", "<a><?xml version='1.0'?></a>", "not-well-formed"],
    ["a declaration after white space", " <?xml version='1.0'?><a/>", "not-well-formed"],
    ["a declaration after a comment", "<!----><?xml version='1.0'?><a/>", "not-well-formed"],
    ["an instruction named XML", "<?XML version='1.0'?><a/>", "not-well-formed"],
    ["two byte order marks", "\ufeff\ufeff<a/>", "not-well-formed"],
    ["a reference outside", "&#32;<a/>", "not-well-formed"],
    ["CDATA outside", "<a/><![CDATA[]]>", "not-well-formed"],
    ["a lone surrogate", "<a>\ud800</a>", "not-well-formed"],
    ["a lone low surrogate in a value", "<a b='\udc00'/>", "not-well-formed"],
    ["a DOCTYPE", "<!DOCTYPE a><a/>", "restricted-xml"],
    ["a DOCTYPE with entities", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "restricted-xml"],
    ["a DOCTYPE inside", "<a><!DOCTYPE a></a>", "restricted-xml"],
    ["an unknown entity", "<a>&nbsp;</a>", "restricted-xml"],
    ["another encoding", "<?xml version='1.0' encoding='latin1'?><a/>", "unsupported-encoding"],
  ])("refuses %s", (_what, document, condition) => {
    expect(conditionOf(document)).toBe(condition);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(conditionOf(Buffer.from([0x3c, 0x61, 0x3e, 0xff]))).toBe("not-well-formed");
    expect(conditionOf(Buffer.concat([Buffer.from("<a/>"), Buffer.from([0xc3])]))).toBe("not-well-formed");
  });

  it("refuses comments and instructions when asked to", () => {
    expect(conditionOf("<a><!-- --></a>", { comments: "refuse" })).toBe("restricted-xml");
    expect(conditionOf("<a><?pi?></a>", { comments: "refuse" })).toBe("restricted-xml");
    expect(conditionOf("<?xml version='1.0'?><a/>", { comments: "refuse" })).toBeUndefined();
  });
});
