// Which prefix means which namespace (Namespaces in XML 1.0). Scopes are linked by prototype, never copied.

import { malformed } from "./fault.js";

export const XML_NS = "http://www.w3.org/XML/1998/namespace";
export const XMLNS_NS = "http://www.w3.org/2000/xmlns/";

/** Prefixes in force; a deeper scope inherits from the one around it. */
export type Scope = { [prefix: string]: string };

/** The scope outside the root element. */
export function createRootScope(): Scope {
  const scope: Scope = Object.create(null);
  scope.xml = XML_NS;
  return scope;
}

/** A scope inside `outer` that can be added to. */
export function createScope(outer: Scope): Scope {
  return Object.create(outer);
}

/** Binds a prefix in a scope that this element owns. Throws a Fault for what Namespaces §3 forbids. */
export function declarePrefix(scope: Scope, prefix: string, uri: string, index: number): void {
  if (Object.hasOwn(scope, prefix)) throw malformed(`the prefix ${prefix} is declared twice`, index);
  if (uri === "") throw malformed(`the prefix ${prefix} is declared without a namespace`, index);
  if (prefix === "xmlns" || uri === XMLNS_NS || (prefix === "xml") !== (uri === XML_NS)) {
    throw malformed(`the prefix ${prefix} cannot be bound to ${uri}`, index);
  }
  scope[prefix] = uri;
}

/** Checks the namespace of an `xmlns` attribute. */
export function checkDefaultNamespace(uri: string, index: number): void {
  if (uri === XML_NS || uri === XMLNS_NS) throw malformed(`${uri} cannot be the default namespace`, index);
}

/** The namespace of a prefix. Throws a Fault when it is not declared. */
export function resolvePrefix(scope: Scope, prefix: string, index: number): string {
  const uri = scope[prefix];
  if (uri === undefined) throw malformed(`the prefix ${prefix} is not declared`, index);
  return uri;
}
