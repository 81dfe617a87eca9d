// The record that attributes are kept in.

/**
 * An empty record that inherits nothing, so that any attribute name is safe as a key (`constructor`, `__proto__`).
 * Its prototype is an empty frozen object without a prototype: V8 keeps a record without any as a hash table, which
 * takes three times as long to fill.
 */
export function createAttributes(): Record<string, string> {
  return new (Attributes as unknown as new () => Record<string, string>)();
}

/** The attributes of an element that has none; one for all. */
export const NO_ATTRS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function Attributes(): void {}
Attributes.prototype = Object.freeze(Object.create(null));
