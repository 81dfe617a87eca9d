// A JSON document and the references within it (RFC 6901, JSON Reference). Nothing outside the document is ever read.

import { isPlainObject } from "../values/index.js";

/** A JSON object as a document has it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** More references than this in a row is a chain that leads nowhere. */
const MAX_HOPS = 32;

/** Follows the references of one document. */
export class References {
  readonly #root: unknown;

  constructor(root: unknown) {
    this.#root = root;
  }

  /**
   * What stands behind a node: itself, or what its `$ref` names.
   *
   * @throws Error for a reference out of the document, to nothing, or to itself
   */
  follow(node: unknown): unknown {
    let current = node;
    for (let hops = 0; isReference(current); hops++) {
      if (hops >= MAX_HOPS) throw new Error(`the reference ${current.$ref} leads to itself`);
      current = this.#find(current.$ref);
    }
    return current;
  }

  /** {@link follow} to an object; undefined for anything else. */
  object(node: unknown): JsonObject | undefined {
    const found = this.follow(node);
    return isPlainObject(found) ? found : undefined;
  }

  #find(pointer: string): unknown {
    if (pointer !== "#" && !pointer.startsWith("#/"))
      throw new Error(`the reference ${pointer} leads out of the document; bundle it into one`);
    let node = this.#root;
    for (const step of pointer.split("/").slice(1)) {
      const name = unescapeStep(step);
      const isThere = typeof node === "object" && node !== null && Object.hasOwn(node, name);
      if (!isThere) throw new Error(`the reference ${pointer} leads to nothing`);
      node = Object.getOwnPropertyDescriptor(node, name)?.value;
    }
    return node;
  }
}

function isReference(node: unknown): node is { readonly $ref: string } {
  return isPlainObject(node) && typeof node["$ref"] === "string";
}

function unescapeStep(step: string): string {
  const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** The member of an object that is an object, following references. */
export function objectAt(references: References, node: JsonObject | undefined, name: string): JsonObject | undefined {
  return node !== undefined && Object.hasOwn(node, name) ? references.object(node[name]) : undefined;
}

/** The member that is a text. */
export function textAt(node: JsonObject | undefined, name: string): string | undefined {
  const value = node?.[name];
  return typeof value === "string" ? value : undefined;
}

/** The member that is a list; empty for anything else. */
export function listAt(node: JsonObject | undefined, name: string): readonly unknown[] {
  const value = node?.[name];
  return Array.isArray(value) ? value : [];
}
