// The limits of the parser (RFC 6120 §13.12; contract: limits) and their defaults.

/** What one stanza or document may cost. Every limit is checked while scanning, before anything is kept. */
export interface XmlLimits {
  /** Bytes of one stanza, from its first `<` to its last `>`; the stream header and a whole document count alike. */
  readonly maxStanzaBytes: number;
  /** Levels of elements in one stanza; the stanza itself is the first. */
  readonly maxDepth: number;
  /** Elements in one stanza, itself included. */
  readonly maxElements: number;
  /** Attributes of one element, namespace declarations included. */
  readonly maxAttributes: number;
  /** Bytes of one element or attribute name, its prefix included. */
  readonly maxNameBytes: number;
}

/**
 * The defaults. 272 levels are values nested 64 deep in XML-RPC (four elements a level) and the elements around them;
 * 262,144 bytes of XML-RPC hold about 15,000 elements.
 */
export const XML_LIMITS: XmlLimits = Object.freeze({
  maxStanzaBytes: 262_144,
  maxDepth: 272,
  maxElements: 20_000,
  maxAttributes: 64,
  maxNameBytes: 1_024,
});
