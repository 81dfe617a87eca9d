// A stanza that waited somewhere, as a message that is shown (RFC 6121 §5.2; XEP-0203).

import type { OfflineMessage } from "../../ports/index.js";
import { findChild, textOf, writeElement, type XmlElement } from "../../xml/index.js";
import { NS } from "../namespaces.js";

/**
 * Reads a message; undefined when it is none that a person or program wrote to somebody: without a sender, an error, of a room.
 *
 * @param stamp when it was written, if its envelope says so; otherwise the message itself does
 */
export function readOfflineMessage(id: string, message: XmlElement, stamp?: string): OfflineMessage | undefined {
  const { from, type = "normal" } = message.attrs;
  if (from === undefined || (type !== "normal" && type !== "chat")) return undefined;
  const written = readStamp(stamp ?? findChild(message, "delay", NS.delay)?.attrs["stamp"]);
  return {
    id,
    from,
    ...(written === undefined ? {} : { stamp: written }),
    type,
    ...textIn(message, "body"),
    ...textIn(message, "subject"),
    ...textIn(message, "thread"),
    xml: writeElement(message),
  };
}

function readStamp(text: string | undefined): Date | undefined {
  const stamp = new Date(text ?? Number.NaN);
  return Number.isNaN(stamp.getTime()) ? undefined : stamp;
}

function textIn<Name extends string>(message: XmlElement, name: Name): { readonly [N in Name]?: string } {
  const child = findChild(message, name);
  // The computed key is Name.
  return child === undefined ? {} : ({ [name]: textOf(child) } as { readonly [N in Name]?: string });
}
