// A peer that sends what a test writes and shows what it receives, over any link.
import { EventEmitter, once } from "node:events";
import type { XmlElement, XmlText } from "../../src/xml/index.js";
import type { Link } from "../../src/xmpp/index.js";

export interface RawPeer {
  readonly jid: string;
  /** Sends text as it is; it must be one well-formed stanza. */
  send(stanza: string): void;
  /** The next stanza that arrives. */
  next(): Promise<XmlElement>;
  stop(): Promise<void>;
}

export async function startRawPeer(link: Link): Promise<RawPeer> {
  const received: XmlElement[] = [];
  const arrivals = new EventEmitter();
  const jid = await link.start({
    stanza: (stanza) => {
      if (stanza.name === "presence") return;
      received.push(stanza);
      arrivals.emit("stanza");
    },
    oversize: () => undefined,
    online: () => undefined,
    offline: () => undefined,
  });
  return {
    jid: jid.full,
    send: (stanza) => {
      if (!link.send(stanza as XmlText)) throw new Error("the link is down");
    },
    next: async () => {
      if (received.length === 0) await once(arrivals, "stanza");
      const stanza = received.shift();
      if (stanza === undefined) throw new Error("woken without a stanza");
      return stanza;
    },
    stop: () => link.stop(),
  };
}
