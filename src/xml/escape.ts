// Text and attribute values as XML. A value that needs no escape is returned as it is.

import { AMP, APOS, CR, findIllegal, GT, LF, LT, QUOT, SPACE, TAB } from "./chars.js";
import type { XmlText } from "./xml-text.js";
import { unsendable } from "./xml-write-error.js";

/**
 * Character data. Every `>` is escaped, so that no two texts can be joined to `]]>`; CR is a reference, since a reader
 * would make LF of it. Throws XmlWriteError for what XML 1.0 cannot carry: control characters, lone surrogates, U+FFFE, U+FFFF.
 */
export function escapeText(value: string): XmlText {
  return escapeValue(value, false);
}

/** An attribute value for either kind of quotes, without them; tab and line end as references. Throws as escapeText. */
export function escapeAttribute(value: string): XmlText {
  return escapeValue(value, true);
}

/** Whether XML 1.0 can carry the value at all. */
export function isXmlText(value: string): boolean {
  return findIllegal(value, 0, value.length) < 0;
}

/** The value with U+FFFD for all that XML 1.0 cannot carry: for texts that must arrive, such as those of errors. */
export function sendable(value: string): string {
  return value.replace(NOT_XML, "\ufffd");
}

/** What is no Char of XML 1.0 §2.2; with the flag `u`, a lone surrogate is a character of its own. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
/** What may have to be written otherwise, or cannot be written: the surrogates, and all that is not plain text. */
const TEXT_SPECIAL = /[^\t\n\x20-\x25\x27-\x3b\x3d\x3f-\ud7ff\ue000-\ufffd]/;
const ATTRIBUTE_SPECIAL = /[^\x20\x21\x23-\x25\x28-\x3b\x3d\x3f-\ud7ff\ue000-\ufffd]/;

/** The same as TEXT_SPECIAL, but for the markup, and found in half the time; \cH, \cK and \c_ are U+0008, U+000B and U+001F. */
const UNPLAIN = /[\0-\cH\cK-\c_\ud800-\udfff\ufffe\uffff]/;
const LONG_TEXT_CHARS = 1_024;

/** The index of the first special character of a long text, or -1: four simple searches take less time than one for all. */
function searchLong(text: string): number {
  let first = text.search(UNPLAIN);
  for (const markup of "&<>") {
    const at = text.indexOf(markup);
    if (at >= 0 && (first < 0 || at < first)) first = at;
  }
  return first;
}

function escapeValue(value: string, isAttribute: boolean): XmlText {
  // Most values are clean. Measured: the engine's search takes half the time of a loop for 10 characters, a sixth for many.
  const isLong = !isAttribute && value.length >= LONG_TEXT_CHARS;
  const first = isLong ? searchLong(value) : value.search(isAttribute ? ATTRIBUTE_SPECIAL : TEXT_SPECIAL);
  // Nothing in it has to be escaped, so it is XmlText already.
  if (first < 0) return value as XmlText;
  let escaped = "";
  let from = 0;
  for (let index = first; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (
      code > GT
        ? code < 0xd800
        : code >= SPACE && code !== AMP && code !== LT && code !== GT && code !== QUOT && code !== APOS
    )
      continue;
    const reference = referenceFor(code, isAttribute);
    if (reference !== "") {
      escaped += value.slice(from, index) + reference;
      from = index + 1;
    } else if (code < SPACE ? code !== TAB && code !== LF : code >= 0xd800) {
      if (findIllegal(value, index, index + 1) >= 0) throw unsendable(value, index);
      if ((value.codePointAt(index) ?? 0) > 0xffff) index++;
    }
  }
  // Everything in it was checked or escaped above.
  return (from === 0 ? value : escaped + value.slice(from)) as XmlText;
}

function referenceFor(code: number, isAttribute: boolean): string {
  switch (code) {
    case AMP:
      return "&amp;";
    case LT:
      return "&lt;";
    case GT:
      return "&gt;";
    case CR:
      return "&#xD;";
    case QUOT:
      return isAttribute ? "&quot;" : "";
    case APOS:
      return isAttribute ? "&apos;" : "";
    case TAB:
      return isAttribute ? "&#x9;" : "";
    case LF:
      return isAttribute ? "&#xA;" : "";
    default:
      return "";
  }
}
