// Answers to commands are marked, and never look like commands: two programs must not keep each other busy with them.

import { element, findChild, isXmlText, sendable, type XmlElement, type XmlText } from "../../xml/index.js";
import { NS } from "../namespaces.js";

/** True for a message that is such an answer. */
export function isChatAnswer(stanza: XmlElement): boolean {
  return findChild(stanza, "answer", NS.chatAnswer) !== undefined;
}

/** The mark. */
export function writeAnswerMark(): XmlText {
  return element("answer", { xmlns: NS.chatAnswer });
}

/** The text as it may be sent: XML can carry it, and it does not begin as a command does. */
export function answerText(text: string, prefix: string): string {
  const written = isXmlText(text) ? text : sendable(text);
  return written.trimStart().startsWith(prefix) ? `» ${written}` : written;
}
