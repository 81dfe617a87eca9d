// A raw peer whose bytes slixmpp writes and reads: what it shows is what another library understood.

import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { parseDocument, type XmlElement } from "../../src/xml/index.js";
import { type CallServer, PEERS, trusting } from "./callers.js";
import { PYTHON, startProcess } from "./processes.js";
import type { RawPeer } from "./raw-peer.js";

export async function startSlixmppRawPeer(server: CallServer, jid: string, password: string): Promise<RawPeer> {
  const args = [join(PEERS, "slixmpp_raw.py"), `127.0.0.1:${server.port}`, jid, password];
  const peer = startProcess(PYTHON, args, { env: trusting(server.certificateFile) });
  const received: XmlElement[] = [];
  const arrivals = new EventEmitter();
  peer.onLine((line) => {
    // Our own peer writes nothing else.
    const said = JSON.parse(line) as string | { readonly online: string };
    if (typeof said !== "string") return;
    received.push(parseDocument(said));
    arrivals.emit("stanza");
  });
  const [, online = ""] = await peer.until("stdout", /^\{"online": "(.*)"\}\n/);
  return {
    jid: online,
    send: (stanza) => peer.write(`${JSON.stringify(stanza)}\n`),
    next: async () => {
      if (received.length === 0) await once(arrivals, "stanza");
      const stanza = received.shift();
      if (stanza === undefined) throw new Error("woken without a stanza");
      return stanza;
    },
    stop: () => peer.stop(),
  };
}
