// From tags and text to elements: nesting, namespaces, and the limits that count elements.

import { createAttributes, NO_ATTRS } from "./attributes.js";
import type { XmlElement, XmlNode } from "./element.js";
import { LimitFault, malformed } from "./fault.js";
import type { XmlLimits } from "./limits.js";
import {
  checkDefaultNamespace,
  createRootScope,
  createScope,
  declarePrefix,
  resolvePrefix,
  type Scope,
} from "./namespaces.js";
import { Rope } from "./rope.js";
import type { TagReader } from "./tag-reader.js";

interface OpenElement {
  /** Its name as written. */
  readonly name: string;
  readonly scope: Scope;
  readonly defaultNs: string;
  readonly element: BuiltElement;
}

interface BuiltElement {
  name: string;
  ns: string;
  readonly attrs: Readonly<Record<string, string>>;
  children: XmlNode[];
}

/** Stands for no children until there is one; frozen, so never added to by mistake. */
const NO_CHILDREN: XmlNode[] = Object.freeze([]) as unknown as XmlNode[];

/** Fewer pieces of text are quicker joined one by one. */
const ROPE_FROM_PIECES = 32;

/** The open elements, and the tree below the outermost one that is being built. */
export class TreeBuilder {
  limits: XmlLimits;
  /** The open elements that belong to no stanza: 1 inside a stream, 0 in a document. */
  readonly #outside: number;
  readonly #open: OpenElement[] = [];
  #contentNs = "";
  #elements = 0;
  #text = "";
  #pieces = 0;
  readonly #rope = new Rope();

  constructor(limits: XmlLimits, outside: 0 | 1) {
    this.limits = limits;
    this.#outside = outside;
  }

  /** How many elements are open. */
  get level(): number {
    return this.#open.length;
  }

  /** The name, as written, of the innermost open element. */
  get innermost(): string {
    return this.#open[this.#open.length - 1]?.name ?? "";
  }

  /** The outermost element of the stanza that is being built. */
  get stanza(): XmlElement | undefined {
    return this.#open[this.#outside]?.element;
  }

  /** The default namespace inside the stream's header (RFC 6120 §4.8.2), also of one that closes itself. */
  get contentNamespace(): string {
    return this.#contentNs;
  }

  /** The names, as written, of the open elements of the stanza, the outermost first. */
  stanzaNames(): string[] {
    return this.#open.slice(this.#outside).map((open) => open.name);
  }

  /** The namespace that `prefix` ("" for none) has outside the stanza; "" when it has none. */
  outsideNamespace(prefix: string): string {
    const outer = this.#open[this.#outside - 1];
    return (prefix === "" ? outer?.defaultNs : outer?.scope[prefix]) ?? "";
  }

  /** Adds text to the innermost element. */
  addText(text: string): void {
    if (++this.#pieces < ROPE_FROM_PIECES) {
      this.#text += text;
    } else {
      if (this.#pieces === ROPE_FROM_PIECES) this.#rope.add(this.#text);
      this.#rope.add(text);
    }
  }

  /** Opens the element of the tag that was just read at `index`, and closes it again when the tag does. */
  open(tag: TagReader, index: number): XmlElement {
    const inStanza = this.#open.length >= this.#outside;
    if (inStanza) this.#countElement(index);
    const parent = this.#open[this.#open.length - 1];
    let scope = parent?.scope ?? createRootScope();
    let defaultNs = parent?.defaultNs ?? "";
    let attrs = NO_ATTRS;
    if (tag.defaultNs !== undefined) {
      defaultNs = tag.defaultNs;
      checkDefaultNamespace(defaultNs, index);
    }
    if (tag.hasPrefixes) {
      scope = declarePrefixes(tag, scope, index);
      attrs = resolveAttributes(tag, scope, index);
    } else if (tag.count > 0) {
      attrs = plainAttributes(tag, index);
    }
    const element: BuiltElement = { name: tag.name, ns: defaultNs, attrs, children: NO_CHILDREN };
    if (tag.colon > 0) {
      const prefix = tag.name.slice(0, tag.colon);
      element.name = tag.name.slice(tag.colon + 1);
      element.ns = resolvePrefix(scope, prefix, index);
    }
    if (inStanza && parent !== undefined && this.#open.length > this.#outside) {
      this.#flushText(parent.element);
      addChild(parent.element, element);
    }
    if (!inStanza) this.#contentNs = defaultNs;
    if (!tag.selfClosing) this.#open.push({ name: tag.name, scope, defaultNs, element });
    return element;
  }

  /** Closes the innermost element and returns it. */
  close(): XmlElement | undefined {
    const open = this.#open.pop();
    if (open === undefined) return undefined;
    this.#flushText(open.element);
    return open.element;
  }

  /** Forgets the stanza that is being built, and its text. */
  dropStanza(): void {
    this.#open.length = Math.min(this.#open.length, this.#outside);
    this.#takeText();
    this.#elements = 0;
  }

  /** Begins a new stanza's count. */
  endStanza(): void {
    this.#elements = 0;
  }

  /** Forgets everything. */
  reset(): void {
    this.dropStanza();
    this.#open.length = 0;
  }

  #countElement(index: number): void {
    if (this.#open.length - this.#outside >= this.limits.maxDepth)
      throw new LimitFault(`${this.limits.maxDepth} levels`, index);
    if (this.#elements >= this.limits.maxElements) throw new LimitFault(`${this.limits.maxElements} elements`, index);
    this.#elements++;
  }

  #flushText(element: BuiltElement): void {
    if (this.#text !== "") addChild(element, this.#takeText());
  }

  #takeText(): string {
    const text = this.#pieces < ROPE_FROM_PIECES ? this.#text : this.#rope.take();
    this.#text = "";
    this.#pieces = 0;
    return text;
  }
}

function addChild(element: BuiltElement, child: XmlNode): void {
  const { children } = element;
  if (children === NO_CHILDREN) {
    element.children = [child];
    return;
  }
  // A literal array has just the room it needs; the first push makes room for sixteen more. Most elements have one or two.
  const first = children[0];
  if (children.length === 1 && first !== undefined) element.children = [first, child];
  else children.push(child);
}

/** The scope inside the tag: the one around it, or a new one when the tag declares prefixes. */
function declarePrefixes(tag: TagReader, outer: Scope, index: number): Scope {
  let scope = outer;
  for (let at = 0; at < tag.count; at++) {
    const name = tag.names[at] ?? "";
    if (tag.colons[at] !== 5 || !name.startsWith("xmlns")) continue;
    if (scope === outer) scope = createScope(outer);
    declarePrefix(scope, name.slice(6), tag.values[at] ?? "", index);
  }
  return scope;
}

function plainAttributes(tag: TagReader, index: number): Readonly<Record<string, string>> {
  const attrs = createAttributes();
  for (let at = 0; at < tag.count; at++) {
    const name = tag.names[at] ?? "";
    // Few names are compared sooner than looked up.
    if (at > 8 ? name in attrs : tag.names.indexOf(name) < at)
      throw malformed(`the attribute ${name} is there twice`, index);
    attrs[name] = tag.values[at] ?? "";
  }
  return attrs;
}

function resolveAttributes(tag: TagReader, scope: Scope, index: number): Readonly<Record<string, string>> {
  let attrs: Record<string, string> | undefined;
  for (let at = 0; at < tag.count; at++) {
    const name = tag.names[at] ?? "";
    const colon = tag.colons[at] ?? -1;
    let key = name;
    if (colon > 0) {
      const prefix = name.slice(0, colon);
      if (prefix === "xmlns") continue;
      const uri = resolvePrefix(scope, prefix, index);
      if (prefix !== "xml") key = `{${uri}}${name.slice(colon + 1)}`;
    }
    attrs ??= createAttributes();
    setAttribute(attrs, key, tag.values[at] ?? "", index);
  }
  return attrs ?? NO_ATTRS;
}

function setAttribute(attrs: Record<string, string>, key: string, value: string, index: number): void {
  if (key in attrs) throw malformed(`the attribute ${key} is there twice`, index);
  attrs[key] = value;
}
