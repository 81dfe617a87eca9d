// A network inside the process: links that exchange real bytes through the real parser, with no server between them.
// It routes as a server does (RFC 6120 §10.5): by full address, `from` stamped, a clear error when nobody is there.

import { type Jid, parseJid, tryParseJid } from "../jid.js";
import { StreamParser, withAttribute, writeElement, type XmlElement, type XmlText } from "../xml/index.js";
import { type Link, LinkError, type LinkListener } from "./link.js";
import { readIq, writeIq } from "./stanza.js";
import { StanzaError, writeStanzaError } from "./stanza-error.js";

const STREAM_HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/** Several addresses in one process that can send stanzas to each other. */
export interface MemoryNetwork {
  /** A link that is reached at `jid`, a domain or a full address. Starting a second one there rejects. */
  link(jid: string): Link;
}

/** Makes an empty network. */
export function createMemoryNetwork(): MemoryNetwork {
  const links = new Map<string, MemoryLink>();
  return { link: (jid) => new MemoryLink(parseJid(jid), links) };
}

class MemoryLink implements Link {
  readonly mode = "memory";
  readonly jid: Jid;
  readonly #links: Map<string, MemoryLink>;
  readonly #outgoing = createStanzaPipe();
  readonly #incoming = createStanzaPipe();
  #listener: LinkListener | undefined;

  constructor(jid: Jid, links: Map<string, MemoryLink>) {
    this.jid = jid;
    this.#links = links;
  }

  get isOnline(): boolean {
    return this.#links.get(this.jid.full) === this;
  }

  async start(listener: LinkListener): Promise<Jid> {
    if (this.#links.has(this.jid.full)) throw new LinkError("stream-error", `${this.jid.full} is taken`);
    this.#listener = listener;
    this.#links.set(this.jid.full, this);
    listener.online(this.jid);
    return this.jid;
  }

  send(stanza: XmlText): boolean {
    if (!this.isOnline) return false;
    // Delivery waits for the sender to finish, as on a socket.
    queueMicrotask(() => {
      for (const { element, limit } of this.#outgoing(stanza)) this.#route(element, limit);
    });
    return true;
  }

  async flushed(): Promise<void> {
    if (!this.isOnline) throw new LinkError("stopped", "the memory link is stopped");
  }

  async stop(): Promise<void> {
    if (!this.isOnline) return;
    this.#links.delete(this.jid.full);
    this.#listener?.offline("stopped");
  }

  #deliver(text: string): void {
    if (!this.isOnline) return;
    for (const { element, limit } of this.#incoming(text)) this.#hand(element, limit);
  }

  #hand(element: XmlElement, limit: string | undefined): void {
    if (limit === undefined) this.#listener?.stanza(element);
    else this.#listener?.oversize({ head: element, limit });
  }

  #route(stanza: XmlElement, limit: string | undefined): void {
    const to = tryParseJid(stanza.attrs["to"]);
    const stamped = withAttribute(stanza, "from", this.#stamp(stanza.attrs["from"]));
    const target = to && (this.#links.get(to.full) ?? this.#links.get(to.domain));
    if (target === undefined) this.#bounce(stanza);
    else if (limit === undefined) target.#deliver(writeElement(stamped, "jabber:client"));
    else if (target.isOnline) target.#hand(stamped, limit);
  }

  /** A link may write an address of its own, as a component may; anybody else's is replaced. */
  #stamp(claimed: string | undefined): string {
    const from = tryParseJid(claimed);
    const own = from?.full === this.jid.full || (from !== undefined && this.jid.full === from.domain);
    return own && claimed !== undefined ? claimed : this.jid.full;
  }

  #bounce(stanza: XmlElement): void {
    if (stanza.name !== "iq") return;
    const iq = readIq(stanza);
    if (iq.kind !== "request") return;
    const error = writeStanzaError(new StanzaError("service-unavailable"));
    this.#deliver(writeIq("error", { id: iq.id, to: this.jid.full, from: iq.toText }, error));
  }
}

/** A stanza that arrived, or the head of one that went past a limit. */
interface Piped {
  readonly element: XmlElement;
  readonly limit: string | undefined;
}

/** Turns what is written into what is read on the other side: through bytes and the stream parser. */
function createStanzaPipe(): (text: string) => Piped[] {
  const parser = new StreamParser({ oversize: "skip" });
  parser.write(Buffer.from(STREAM_HEADER));
  parser.next();
  return (text) => {
    parser.write(Buffer.from(text));
    const piped: Piped[] = [];
    for (let event = parser.next(); event !== undefined; event = parser.next()) {
      if (event.kind === "stanza") piped.push({ element: event.element, limit: undefined });
      else if (event.kind === "skipped") piped.push({ element: event.head, limit: event.limit });
    }
    return piped;
  };
}
