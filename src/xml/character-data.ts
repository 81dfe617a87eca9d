// Text and CDATA sections (XML 1.0 §2.4, §2.7, §2.11), read as far as they can be judged.

import { AMP, BRACKET, CR, codeAt, findIllegal, LF, LT, SPACE, TAB } from "./chars.js";
import { illegalCharacter, malformed } from "./fault.js";
import { endOfReference, resolveReference } from "./reference.js";

export const CDATA_START = "<![CDATA[";
export const CDATA_END = "]]>";

/** Who takes the text. */
interface TextSink {
  addText(text: string): void;
}

/**
 * Reads text up to the next `<` and returns its index. When the text ends before, returns where to go on once there is
 * more: the end, or the beginning of what cannot be judged yet (a reference, a CR, brackets that may become `]]>`).
 */
export function readCharacters(text: string, start: number, sink: TextSink): number {
  let from = start;
  let index = start;
  for (;;) {
    index = endOfPlain(text, index);
    const code = codeAt(text, index);
    if (code === LT || index >= text.length || isCut(text, code, index)) {
      if (index > from) sink.addText(text.slice(from, index));
      return index;
    } else if (code === AMP) {
      const end = endOfReference(text, index);
      sink.addText(text.slice(from, index) + resolveReference(text, index, end));
      index = from = end + 1;
    } else if (code === CR) {
      sink.addText(`${text.slice(from, index)}\n`);
      index += codeAt(text, index + 1) === LF ? 2 : 1;
      from = index;
    } else if (code === BRACKET) {
      if (text.startsWith(CDATA_END, index)) throw malformed("]]> in text", index);
      index++;
    } else {
      if (findIllegal(text, index, index + 1) >= 0) throw illegalCharacter(text, index);
      index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    }
  }
}

/**
 * What is no plain character, but for `&`, `<` and `]`: a line end to normalise, half a pair, or nothing that XML knows. The class of all
 * others is searched half as fast; \cH, \cK and \c_ are U+0008, U+000B and U+001F.
 */
const UNPLAIN = /[\0-\cH\cK-\c_\ud800-\uffff]/;

/** The engine's own searches start slowly and then are several times as fast as a loop; measured in bench/xml.bench.ts. */
const SEARCH_FROM_CHARS = 96;
/** Not more is searched at once, so that text with many special characters is not searched to its end for each of them. */
const SEARCHED_CHARS = 2_048;

/** The index of the first special character from `start` on, or the end of what was searched. */
function endOfPlain(text: string, start: number): number {
  const stop = Math.min(start + SEARCH_FROM_CHARS, text.length);
  for (let index = start; index < stop; index++) {
    const code = text.charCodeAt(index);
    const isPlain =
      code > BRACKET
        ? code < 0xd800
        : (code >= SPACE && code !== AMP && code !== LT && code !== BRACKET) || code === LF || code === TAB;
    if (!isPlain) return index;
  }
  return stop === text.length ? stop : searchPlain(text, stop);
}

/** The same for long text. One search for each mark and one for a class is quicker than one for a class with the marks. */
function searchPlain(text: string, start: number): number {
  let plain = text.slice(start, start + SEARCHED_CHARS);
  for (const mark of "<&]") {
    const length = plain.indexOf(mark);
    if (length >= 0) plain = plain.slice(0, length);
  }
  const length = plain.search(UNPLAIN);
  return start + (length < 0 ? plain.length : length);
}

/** Reads the content of a CDATA section up to its `]]>`, and returns its index, or where to go on once there is more. */
export function readCdata(text: string, start: number, sink: TextSink): number {
  const close = text.indexOf(CDATA_END, start);
  const end = close < 0 ? Math.max(start, text.length - lengthOfUnjudged(text)) : close;
  const illegal = findIllegal(text, start, end);
  if (illegal >= 0) throw illegalCharacter(text, illegal);
  const content = text.slice(start, end);
  if (content !== "") sink.addText(content.includes("\r") ? content.replace(/\r\n?/g, "\n") : content);
  return end;
}

/** Whether what begins at `index` can only be judged with the text that follows. */
function isCut(text: string, code: number, index: number): boolean {
  if (code === AMP) return endOfReference(text, index) < 0;
  if (code === CR) return index + 1 === text.length;
  return code === BRACKET && index + 2 >= text.length && CDATA_END.startsWith(text.slice(index));
}

/** How much at the end of CDATA may belong to `]]>` or CRLF. */
function lengthOfUnjudged(text: string): number {
  if (text.endsWith("]]")) return 2;
  return text.endsWith("]") || text.endsWith("\r") ? 1 : 0;
}
