// XML of strangers to elements: fast-xml-parser, with everything that it lets through refused before or after. Its parser accepts
// nearly any text and expands entities, and its validator passes two roots: neither is enough alone.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import { messageOf } from "../message-of.js";
import { isXmlText, type XmlElement, type XmlNode } from "../xml/index.js";
import { FeedProblem } from "./feed-problem.js";

const MAX_DEPTH = 64;
const XML_NS = "http://www.w3.org/XML/1998/namespace";

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Five names and legal characters; a document that brings entities of its own is refused. */
const strictDecoder = {
  reset: () => undefined,
  setXmlVersion: () => undefined,
  setExternalEntities: () => undefined,
  addExternalEntity: () => undefined,
  addInputEntities: () => {
    throw new FeedProblem("malformed", "a DOCTYPE, which no feed needs");
  },
  decode: (text: string): string =>
    text.includes("&") ? text.replace(/&([^;&\s<]{0,32});?/g, (all, name: string) => decodeOne(all, name)) : text,
};

const parser = new XMLParser({
  preserveOrder: true,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreAttributes: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
  onDangerousProperty: (name: string) => name,
  entityDecoder: strictDecoder,
});

/**
 * Reads a document of one root. Prefixes that are not declared stay with the names.
 *
 * @throws FeedProblem for a DOCTYPE, unknown entities, what is not well-formed, more than 64 levels
 */
export function parseFeedXml(source: string): XmlElement {
  if (!isXmlText(source)) throw new FeedProblem("malformed", "a character that XML has not");
  const isValid = XMLValidator.validate(source);
  if (isValid !== true) {
    const { msg, line, col } = isValid.err;
    throw new FeedProblem("malformed", `line ${line}, column ${col}: ${msg.slice(0, 200)}`);
  }
  let nodes: unknown;
  try {
    nodes = parser.parse(source);
  } catch (error) {
    if (error instanceof FeedProblem) throw error;
    throw new FeedProblem("malformed", messageOf(error).slice(0, 200));
  }
  const roots = toNodes(nodes, { declared: new Map([["xml", XML_NS]]) });
  const [root, ...others] = roots.filter((node) => typeof node !== "string" || node.trim() !== "");
  if (root === undefined || typeof root === "string" || others.length > 0)
    throw new FeedProblem("malformed", "exactly one root element expected");
  return root;
}

function decodeOne(all: string, name: string): string {
  if (!all.endsWith(";")) throw new FeedProblem("malformed", "an & that begins no entity");
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named !== undefined) return named;
  const digits = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))$/.exec(name);
  const code =
    digits === null ? Number.NaN : digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : "\0";
  if (isXmlText(character)) return character;
  throw new FeedProblem("malformed", `the unknown entity &${name};`);
}

/** What an element declares, and what those around it do: a copy for each would be quadratic. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer?: Scope;
}

/** The parser's own tree: lists of objects whose one key beside `:@` is the tag, or `#text`. */
function toNodes(list: unknown, scope: Scope): XmlNode[] {
  const nodes: XmlNode[] = [];
  for (const item of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    if (typeof item !== "object" || item === null) continue;
    const { ":@": attributes, ...rest } = item as Readonly<Record<string, unknown>>;
    const [entry] = Object.entries(rest);
    if (entry === undefined) continue;
    const [tag, content] = entry;
    if (tag !== "#text") nodes.push(toElement(tag, content, attributesOf(attributes), scope));
    else addText(nodes, String(content));
  }
  return nodes;
}

/** Adjacent pieces of text, around comments and CDATA, are one; so is a text and the line ends of every system. */
function addText(nodes: XmlNode[], text: string): void {
  const last = nodes.at(-1);
  if (text === "") return;
  if (typeof last === "string") nodes[nodes.length - 1] = last + text;
  else nodes.push(text);
}

function attributesOf(attributes: unknown): readonly (readonly [name: string, value: string])[] {
  if (typeof attributes !== "object" || attributes === null) return [];
  return Object.entries(attributes).map(([key, value]) => [key.replace(/^@_/, ""), String(value)] as const);
}

function toElement(
  tag: string,
  content: unknown,
  attributes: readonly (readonly [name: string, value: string])[],
  outer: Scope,
): XmlElement {
  const scope = scopeOf(attributes, outer);
  const { name, ns } = resolve(tag, scope, lookUp("", scope) ?? "");
  const attrs: Record<string, string> = Object.create(null);
  for (const [key, value] of attributes) {
    if (key === "xmlns" || key.startsWith("xmlns:")) continue;
    const { name: local, ns: space } = resolve(key, scope, "");
    attrs[space === "" || space === XML_NS ? key : `{${space}}${local}`] = value;
  }
  return { name, ns, attrs, children: toNodes(content, scope) };
}

function scopeOf(attributes: readonly (readonly [name: string, value: string])[], outer: Scope): Scope {
  const declared = attributes.filter(([key]) => key === "xmlns" || key.startsWith("xmlns:"));
  if (declared.length === 0) return outer;
  return { declared: new Map(declared.map(([key, value]) => [key.slice("xmlns:".length), value] as const)), outer };
}

function lookUp(prefix: string, { declared, outer }: Scope): string | undefined {
  return declared.get(prefix) ?? (outer === undefined ? undefined : lookUp(prefix, outer));
}

function resolve(name: string, scope: Scope, defaultNs: string): { readonly name: string; readonly ns: string } {
  const colon = name.indexOf(":");
  if (colon < 0) return { name, ns: defaultNs };
  const ns = lookUp(name.slice(0, colon), scope);
  return ns === undefined ? { name, ns: "" } : { name: name.slice(colon + 1), ns };
}
