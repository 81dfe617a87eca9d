// A link that a test closes and opens: full, lost, or without a confirmation of what was sent.

import { type Link, LinkError, type LinkListener } from "../../src/xmpp/index.js";

export interface GatedLink extends Link {
  /** It takes so many stanzas more until `flushed` has made room for as many again. Default: any number. */
  room: number;
  /** What was sent is lost, whatever `flushed` waits for. */
  losesAll: boolean;
  /** The link is lost, and comes back. */
  lose(): void;
  comeBack(): void;
}

/** Stands in front of a link on a memory network. */
export function gateLink(link: Link): GatedLink {
  let listener: LinkListener | undefined;
  let isLost = false;
  let roomAfterFlush = Number.POSITIVE_INFINITY;
  let room = Number.POSITIVE_INFINITY;
  return {
    mode: link.mode,
    losesAll: false,
    get jid() {
      return link.jid;
    },
    get isOnline() {
      return link.isOnline && !isLost;
    },
    get room() {
      return room;
    },
    set room(stanzas) {
      room = stanzas;
      roomAfterFlush = stanzas;
    },
    start: (owner) => {
      listener = owner;
      return link.start(owner);
    },
    send: (stanza) => {
      if (isLost || room <= 0) return false;
      room -= 1;
      return link.send(stanza);
    },
    async flushed() {
      if (this.losesAll) throw new LinkError("stream-error", "the link was lost");
      await link.flushed();
      room = roomAfterFlush;
    },
    stop: () => link.stop(),
    lose: () => {
      isLost = true;
      listener?.offline("lost");
    },
    comeBack: () => {
      isLost = false;
      if (link.jid !== undefined) listener?.online(link.jid);
    },
  };
}
