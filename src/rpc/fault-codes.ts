// The fault codes of the responder itself, as data. Fault Code Interoperability 20010516; -32000..-32099 are ours to define.

/** The codes that applications may not use. */
export const RESERVED_CODES = Object.freeze({ lowest: -32768, highest: -32000 });

/** One code: what it is called here, and when a caller sees it. */
export interface FaultCodeRow {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
}

/** Every code that the responder gives by itself. docs/errors.md shows this table. */
export const faultCodes = Object.freeze({
  parseError: row(-32700, "parseError", "the document is not well-formed XML (HTTP only)"),
  unsupportedEncoding: row(-32701, "unsupportedEncoding", "the document's encoding is not supported (HTTP only)"),
  invalidCharacter: row(-32702, "invalidCharacter", "a byte that the document's encoding does not allow (HTTP only)"),
  invalidCall: row(-32600, "invalidCall", "something outside <param> is not XML-RPC"),
  methodNotFound: row(-32601, "methodNotFound", "there is no such method, or it is not the caller's to see"),
  invalidParams: row(
    -32602,
    "invalidParams",
    "a parameter is missing, surplus or of the wrong type; the text starts with its path",
  ),
  internalError: row(-32603, "internalError", "the result cannot be encoded; the fault is the responder's"),
  applicationError: row(
    -32500,
    "applicationError",
    "the method failed in a way it did not declare; the log has the cause under the call's id",
  ),
  deadlinePassed: row(
    -32400,
    "deadlinePassed",
    "the method did not answer in time, or the responder stopped while it ran",
  ),
  transportError: row(
    -32300,
    "transportError",
    "a web function behind the method was not reached, or a message is over a size limit",
  ),
  forbidden: row(-32001, "forbidden", "the caller may not call this method (where no stanza error can say so)"),
  overloaded: row(-32002, "overloaded", "too many calls are in flight (where no stanza error can say so)"),
  shuttingDown: row(-32003, "shuttingDown", "the responder is stopping (where no stanza error can say so)"),
  outcomeUnknown: row(-32004, "outcomeUnknown", "the call was forwarded and its outcome is not known"),
});

/** The name of a code of {@link faultCodes}. */
export type FaultCodeName = keyof typeof faultCodes;

/** True for a code that a method may give: a 32-bit integer outside the reserved range. */
export function isApplicationCode(code: unknown): code is number {
  if (typeof code !== "number" || (code | 0) !== code) return false;
  return code < RESERVED_CODES.lowest || code > RESERVED_CODES.highest;
}

function row(code: number, name: string, meaning: string): FaultCodeRow {
  return Object.freeze({ code, name, meaning });
}
