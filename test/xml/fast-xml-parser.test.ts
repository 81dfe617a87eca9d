// fast-xml-parser as a second oracle: on documents that both accept, our parser and it see the same elements and text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { parseDocument, type XmlElement } from "../../src/xml/index.js";

const folder = join(import.meta.dirname, "../../../test/fixtures/xmlrpc");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".xml"));

/** Nothing is guessed from the content: no trimming, no numbers, order kept. */
const parser = new XMLParser({
  preserveOrder: true,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  htmlEntities: true,
});

type Tree = readonly [name: string, ...content: (Tree | string)[]];

function treeOf(element: XmlElement): Tree {
  return [element.name, ...element.children.map((child) => (typeof child === "string" ? child : treeOf(child)))];
}

/** In its ordered form a node is an object with one key beside `:@`: the tag's name, or #text. */
function treeOfTheirs(node: Record<string, unknown>): Tree | string {
  const [name = ""] = Object.keys(node).filter((key) => key !== ":@");
  const content = node[name];
  if (name === "#text") return String(content);
  const children = (content as Record<string, unknown>[]).map(treeOfTheirs);
  return [name.replace(/^.*:/, ""), ...joinText(children)];
}

function joinText(children: readonly (Tree | string)[]): (Tree | string)[] {
  const joined: (Tree | string)[] = [];
  for (const child of children) {
    const last = joined.at(-1);
    if (typeof child === "string" && typeof last === "string") joined[joined.length - 1] = last + child;
    else if (child !== "") joined.push(child);
  }
  return joined;
}

/** What it reads otherwise than XML says: it joins CDATA and text in its own way, and keeps carriage returns. */
const NOT_COMPARED = /<!\[CDATA\[|\r|&#(?!\d+;|x[\da-f]+;)/i;

describe("documents that ours accepts", () => {
  const compared = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    if (NOT_COMPARED.test(text)) return [];
    try {
      return [[file, text, parseDocument(text)] as const];
    } catch {
      return [];
    }
  });

  it("are many", () => {
    expect(compared.length).toBeGreaterThan(40);
  });

  it.each(compared)("%s", (_file, text, ours) => {
    const [theirs] = (parser.parse(text) as Record<string, unknown>[]).filter((node) => !("#text" in node));
    expect(theirs && treeOfTheirs(theirs)).toEqual(treeOf(ours));
  });
});
