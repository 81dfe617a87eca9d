// Which messages are kept for who is away, and what is added to them (RFC 6121 §8.5.2.2; XEP-0160 §3; XEP-0203; XEP-0334).

import {
  childElements,
  findChild,
  parseDocument,
  writeElement,
  type XmlElement,
  type XmlText,
} from "../../../xml/index.js";
import { NS_CLIENT, NS_DELAY, NS_HINTS, NS_OFFLINE } from "../namespaces.js";

/** Whether messages of that type are kept: ordinary ones are; headlines, messages of rooms and errors are not. */
export function isKeptType(type: string | undefined): boolean {
  return type === undefined || type === "normal" || type === "chat";
}

/**
 * Whether a message is kept. Its sender's hints count; without one, a chat message without a body, such as "is typing", is
 * worth nothing later.
 */
export function isKept(message: XmlElement): boolean {
  const { type } = message.attrs;
  const isHinted = (name: string): boolean => findChild(message, name, NS_HINTS) !== undefined;
  if (!isKeptType(type) || isHinted("no-store") || isHinted("no-permanent-store")) return false;
  return type !== "chat" || findChild(message, "body") !== undefined || isHinted("store");
}

/** The text that is kept: the message with the time it came; a time that claims to be from `domain` is a forgery and goes. */
export function writeKept(message: XmlElement, stampMs: number, domain: string): XmlText {
  const children = message.children.filter((child) => typeof child === "string" || !isDelayOf(child, domain));
  // XEP-0203 §2: one a stanza; somebody else's tells more, since it is from before.
  const isDelayed = children.some((child) => typeof child !== "string" && isDelay(child));
  const delay = makeElement("delay", NS_DELAY, { from: domain, stamp: new Date(stampMs).toISOString() });
  return writeElement({ ...message, children: isDelayed ? children : [...children, delay] }, NS_CLIENT);
}

/** A kept message as the answer to a request for it: marked with its node (XEP-0013 §2.4). */
export function writeAsked(message: XmlElement, node: string): XmlText {
  const children = message.children.filter((child) => typeof child === "string" || child.ns !== NS_OFFLINE);
  const mark = makeElement("offline", NS_OFFLINE, {}, makeElement("item", NS_OFFLINE, { node }));
  return writeElement({ ...message, children: [...children, mark] }, NS_CLIENT);
}

/** Reads what {@link writeKept} wrote, which others may have changed in a database. Undefined when it is no message. */
export function readKept(xml: string): XmlElement | undefined {
  try {
    const root = parseDocument(`<stream xmlns='${NS_CLIENT}'>${xml}</stream>`, {
      maxStanzaBytes: Number.MAX_SAFE_INTEGER,
    });
    const [message, ...more] = childElements(root);
    const isOne = more.length === 0 && message?.name === "message" && message.ns === NS_CLIENT;
    return isOne ? message : undefined;
  } catch {
    return undefined;
  }
}

function isDelay({ name, ns }: XmlElement): boolean {
  return name === "delay" && ns === NS_DELAY;
}

function isDelayOf(child: XmlElement, domain: string): boolean {
  return isDelay(child) && (child.attrs["from"] ?? domain) === domain;
}

function makeElement(
  name: string,
  ns: string,
  attrs: Readonly<Record<string, string>>,
  ...children: XmlElement[]
): XmlElement {
  return { name, ns, attrs: Object.assign(Object.create(null), attrs), children };
}
