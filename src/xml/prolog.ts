// The XML declaration, comments and processing instructions (XML 1.0 §2.5, §2.6, §2.8; RFC 6120 §11.4 to §11.6).

import { codeAt, endOfNcName, findIllegal, isSpace } from "./chars.js";
import { Fault, illegalCharacter, malformed } from "./fault.js";

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

/** Reads the comment at `start` of a whole document and returns the index after it. */
export function readComment(text: string, start: number): number {
  const end = text.indexOf("--", start + 4);
  if (end < 0) throw malformed("a comment that does not end", start);
  if (!text.startsWith("-->", end)) throw malformed("-- inside a comment", end);
  checkLegal(text, start, end);
  return end + 3;
}

/** Reads the processing instruction at `start` of a whole document and returns the index after it. */
export function readInstruction(text: string, start: number): number {
  const end = text.indexOf("?>", start + 2);
  if (end < 0) throw malformed("a processing instruction that does not end", start);
  const endOfTarget = endOfNcName(text, start + 2);
  const hasTarget = endOfTarget > start + 2 && (endOfTarget === end || isSpace(codeAt(text, endOfTarget)));
  if (!hasTarget) throw malformed("a processing instruction without a target", start);
  if (text.slice(start + 2, endOfTarget).toLowerCase() === "xml") throw malformed("a late XML declaration", start);
  checkLegal(text, start, end);
  return end + 2;
}

function checkLegal(text: string, start: number, end: number): void {
  const illegal = findIllegal(text, start, end);
  if (illegal >= 0) throw illegalCharacter(text, illegal);
}
