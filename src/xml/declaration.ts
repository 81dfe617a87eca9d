// The XML declaration (XML 1.0 §2.8; RFC 6120 §11.4 to §11.6).

import { Fault, malformed } from "./fault.js";

const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.0\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])([A-Za-z][\w.-]*)\2)?([ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\5)?[ \t\r\n]*\?>$/;

/** Reads the declaration at `start` and returns the index after it. Streams must not say `standalone` (§11.4). */
export function readDeclaration(text: string, start: number, kind: "stream" | "document"): number {
  const end = text.indexOf(">", start) + 1;
  const match = DECLARATION.exec(text.slice(start, end));
  if (match === null) throw malformed("a bad XML declaration", start);
  const [, , , encoding, standalone] = match;
  if (encoding !== undefined && encoding.toLowerCase() !== "utf-8") {
    throw new Fault("unsupported-encoding", `the encoding ${encoding} is not UTF-8`, start);
  }
  if (standalone !== undefined && kind === "stream")
    throw new Fault("restricted-xml", "a standalone declaration", start);
  return end;
}
