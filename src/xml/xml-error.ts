// The one error of this folder, with the stream error condition of RFC 6120 §4.9.3 that answers it.

/** Conditions that a byte sequence can cause (RFC 6120 §4.9.3). */
export type XmlCondition =
  | "not-well-formed"
  | "restricted-xml"
  | "unsupported-encoding"
  | "bad-format"
  | "policy-violation";

/** Bytes that are not what RFC 6120 §11 allows, or too many of them; `byteOffset` counts from the start of the stream. */
export class XmlError extends Error {
  override readonly name = "XmlError";
  readonly condition: XmlCondition;
  readonly byteOffset: number;

  constructor(condition: XmlCondition, message: string, byteOffset: number) {
    super(`${message} (byte ${byteOffset})`);
    this.condition = condition;
    this.byteOffset = byteOffset;
  }
}
