// Text that is known to be well-formed XML. Only the serialiser makes it; everything that is sent is made of it.

declare const xmlText: unique symbol;

/** Well-formed XML as text: one or more complete elements, or escaped character data. */
export type XmlText = string & { readonly [xmlText]: true };
