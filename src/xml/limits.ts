// The limits of the parser (RFC 6120 §13.12; contract: limits) and their defaults.

import { type LimitsOf, limitDefaults } from "../limit-table.js";

/** What one stanza or document may cost. Every limit is checked while scanning, before anything is kept. */
export const XML_LIMIT_TABLE = Object.freeze({
  maxStanzaBytes: {
    unit: "bytes",
    default: 262_144,
    doc: "Size of one received stanza, from its first < to its last >; stream header and whole documents count alike.",
  },
  maxDepth: {
    unit: "levels",
    default: 272,
    doc: "Levels of elements in one stanza: room for values nested 64 deep and the elements around them.",
  },
  maxElements: { unit: "elements", default: 20_000, doc: "Elements in one stanza, itself included." },
  maxAttributes: {
    unit: "attributes",
    default: 64,
    doc: "Attributes of one element, namespace declarations included.",
  },
  maxNameBytes: { unit: "bytes", default: 1_024, doc: "Size of one element or attribute name, its prefix included." },
});

/** The numbers of {@link XML_LIMIT_TABLE}. */
export type XmlLimits = LimitsOf<typeof XML_LIMIT_TABLE>;

/** The defaults. */
export const XML_LIMITS: XmlLimits = limitDefaults(XML_LIMIT_TABLE);
