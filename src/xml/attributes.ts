// The record that attributes are kept in.

import type { XmlElement } from "./element.js";

/**
 * An empty record that inherits nothing, so that any attribute name is safe as a key (`constructor`, `__proto__`).
 * Its prototype is an empty frozen object without a prototype: V8 keeps a record without any as a hash table, which
 * takes three times as long to fill.
 */
export function createAttributes(): Record<string, string> {
  return new (Attributes as unknown as new () => Record<string, string>)();
}

/** The element with one attribute set; the other is left as it was. */
export function withAttribute(element: XmlElement, name: string, value: string): XmlElement {
  const attrs = createAttributes();
  for (const key of Object.keys(element.attrs)) attrs[key] = element.attrs[key] ?? "";
  attrs[name] = value;
  return { name: element.name, ns: element.ns, attrs, children: element.children };
}

/** The attributes of an element that has none; one for all. */
export const NO_ATTRS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function Attributes(): void {}
Attributes.prototype = Object.freeze(Object.create(null));
