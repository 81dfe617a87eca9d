// The codec's options and limits, with their defaults. What each reading accepts is the table at CodecOptions.reading.

import { type LimitsOf, limitDefaults } from "../limit-table.js";
import { type DateZone, MAX_VALUE_DEPTH } from "../values/index.js";

/** What a codec refuses to read or write. */
export const CODEC_LIMIT_TABLE = Object.freeze({
  maxValueDepth: {
    unit: "levels",
    default: MAX_VALUE_DEPTH,
    doc: "Arrays and structs nested in each other, in both directions.",
  },
  maxValues: { unit: "values", default: 20_000, doc: "Values in one received call or response, containers included." },
  maxMembers: { unit: "members", default: 4_096, doc: "Members of one received struct." },
  maxParams: { unit: "parameters", default: 256, doc: "Parameters of one received call." },
  maxSentBytes: {
    unit: "bytes",
    default: 200_000,
    doc: "Size of one sent stanza with its call, response or fault. Servers end streams at 262,144.",
  },
});

/** The numbers of {@link CODEC_LIMIT_TABLE}. */
export type CodecLimits = LimitsOf<typeof CODEC_LIMIT_TABLE>;

/** The limits of a codec that was told nothing else. */
export const DEFAULT_CODEC_LIMITS: CodecLimits = limitDefaults(CODEC_LIMIT_TABLE);

/** How a codec reads and writes. */
export interface CodecOptions {
  /**
   * How much is forgiven on reading. What is written is always strict.
   *
   * | on the wire | seen from | strict | lenient |
   * |---|---|---|---|
   * | white space between elements | the specifications' own examples | ignored | ignored |
   * | `<Base64>` | peers built on XEP-0009 before 2.2 | refused | base64 |
   * | `true`, `false` in `<boolean>` | strict XML-Schema writers | refused | boolean |
   * | `1e+20` in `<double>` | CPython, slixmpp, strophe | refused | double |
   * | dateTime with dashes, without colons, with fraction or zone | QXmpp, Babbler, davexmlrpc | refused | dateTime |
   * | children with `xmlns=''`, or in `jabber:iq:rpc` below a root without namespace | sloppy DOM builders | refused | read |
   * | `<value>` before `<name>` in `<member>` | hand-written peers | refused | read |
   * | `<methodName>` with characters outside `A-Za-z0-9_.:/` | hand-written peers | refused | read |
   * | `<params/>` without `<param>` in a response | pyobs | refused | nil |
   * | `<methodResponse/>` | QXmpp | refused | nil |
   * | faultCode as a string that is an int | livejournal | refused | int |
   * | further members in a fault | peers that add a trace | refused | dropped |
   *
   * Refused by both: characters around a number, numbers out of range, NaN and Infinity, bad base64, dates that no
   * calendar has, doubled members, two types in a value, text beside a type, unknown types and elements.
   */
  readonly reading: "strict" | "lenient";
  /** The zone in which a dateTime without zone is read, and every dateTime is written. */
  readonly dates: { readonly zone: DateZone };
  /**
   * Whether i8, i1, i2 and nil are read and written. They are read without prefix and as Apache's `ex:` types, matched by
   * namespace; they are written without prefix. Apache's other types are refused by name in any case.
   */
  readonly extensions: "on" | "off";
  /** What a method without result answers: an empty string, which every peer can read, or nil, which Ruby's reader refuses. */
  readonly void: "string" | "nil";
  readonly limits: CodecLimits;
}

/** What {@link CodecOptions} may leave out: everything. */
export type CodecSettings = Partial<Omit<CodecOptions, "limits">> & { readonly limits?: Partial<CodecLimits> };

/** The options of a codec that was told nothing. */
const DEFAULT_CODEC_OPTIONS: CodecOptions = {
  reading: "lenient",
  dates: { zone: "UTC" },
  extensions: "on",
  void: "string",
  limits: DEFAULT_CODEC_LIMITS,
};

/** Fills in the defaults. */
export function codecOptions(settings: CodecSettings = {}): CodecOptions {
  return {
    ...DEFAULT_CODEC_OPTIONS,
    ...settings,
    limits: { ...DEFAULT_CODEC_LIMITS, ...settings.limits },
  };
}
