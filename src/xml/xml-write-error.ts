// What the serialiser refuses to write.

/** A value that cannot be sent in XML 1.0; nothing was written. */
export class XmlWriteError extends Error {
  override readonly name = "XmlWriteError";
  /** Where in the value, in UTF-16 units. */
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

/** The error for the character at `index` of `value`; a lone surrogate is named by its own code. */
export function unsendable(value: string, index: number): XmlWriteError {
  const codePoint = value.codePointAt(index) ?? 0;
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
  return new XmlWriteError(`${name} at index ${index} cannot be sent in XML`, index);
}
