// What every kind of row does that sends a stanza: gives it to the link, and says what it means when that is not possible.

import type { XmlText } from "../../xml/index.js";
import { Disconnected, type Link } from "../../xmpp/index.js";
import { OutboxProblem, type Sending } from "../outbox-kind.js";

/**
 * Sends a stanza for a row.
 *
 * @param maxSentBytes the limit of that name
 * @throws OutboxProblem when it is too large; Disconnected when the link takes nothing
 */
export function handOver(link: Pick<Link, "send">, stanza: XmlText, maxSentBytes: number): Sending {
  const bytes = Buffer.byteLength(stanza);
  if (bytes > maxSentBytes)
    throw new OutboxProblem(`it makes a stanza of ${bytes} bytes, and the limit maxSentBytes is ${maxSentBytes}`);
  if (!link.send(stanza)) throw new Disconnected("the link takes nothing now", false);
  return "handed over";
}
