// A TCP connection with the framing of RFC 6120 §4: one long document each way; STARTTLS replaces the socket underneath (§5).

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { escapeAttribute, StreamParser, type XmlElement, type XmlLimits, type XmlText } from "../../xml/index.js";
import type { Channel, ChannelEvent, ChannelListener, HeaderAddresses } from "./channel.js";
import { NS_CLIENT, NS_STREAM } from "./namespaces.js";
import { isLoopbackAddress } from "./peer-address.js";
import type { StreamProblem } from "./stream-error.js";

/** Encrypts an accepted socket; `secured` is not called when the handshake fails, the socket is then destroyed. */
export type TlsUpgrade = (socket: Socket, secured: (socket: TLSSocket) => void) => void;

/** An accepted TCP connection. */
export class TcpChannel implements Channel {
  readonly address: string;
  readonly isLoopback: boolean;
  isEncrypted = false;
  #socket: Socket;
  readonly #upgrade: TlsUpgrade | undefined;
  readonly #limits: Partial<XmlLimits>;
  #parser: StreamParser;
  #listener: ChannelListener | undefined;
  #out = "";

  constructor(
    socket: Socket,
    options: { readonly limits: Partial<XmlLimits>; readonly upgrade: TlsUpgrade | undefined },
  ) {
    this.address = socket.remoteAddress ?? "";
    this.isLoopback = isLoopbackAddress(this.address);
    this.#socket = socket;
    this.#upgrade = options.upgrade;
    this.#limits = options.limits;
    this.#parser = new StreamParser({ limits: options.limits, oversize: "error" });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    // Every error is followed by close, which is what matters.
    socket.on("error", ignore);
    socket.on("close", this.#gone);
    socket.on("data", this.#data);
  }

  get canStartTls(): boolean {
    return this.#upgrade !== undefined && !this.isEncrypted;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + this.#out.length;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  next(): ChannelEvent | undefined {
    const event = this.#parser.next();
    if (event?.kind === "stanza") return { kind: "element", element: event.element };
    if (event?.kind === "open") {
      return { kind: "open", header: event.element, problem: problemOf(event.element, event.contentNs) };
    }
    // The parser was told to end the stream for a limit, so it skips nothing.
    return event?.kind === "close" ? event : undefined;
  }

  hasUnread(): boolean {
    return this.#parser.pending();
  }

  restart(): void {
    this.#parser.restart();
  }

  setLimits(limits: Partial<XmlLimits>): void {
    this.#parser.setLimits(limits);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  startTls(done: () => void): void {
    const raw = this.#socket;
    this.flush();
    raw.off("data", this.#data);
    // Parser state of the stream in clear must not reach into the encrypted one (RFC 6120 §5.4.3.3).
    this.#parser = new StreamParser({ limits: this.#limits, oversize: "error" });
    this.#upgrade?.(raw, (socket) => {
      raw.off("close", this.#gone);
      this.#socket = socket;
      this.isEncrypted = true;
      socket.on("error", ignore);
      socket.on("close", this.#gone);
      done();
      socket.on("data", this.#data);
    });
  }

  header({ from, to, id }: HeaderAddresses): void {
    const addressed = to === undefined ? "" : ` to='${escapeAttribute(to)}'`;
    this.#out += `<?xml version='1.0'?><stream:stream xmlns='${NS_CLIENT}' xmlns:stream='${NS_STREAM}' id='${id}' from='${escapeAttribute(from)}'${addressed} version='1.0' xml:lang='en'>`;
  }

  streamElement(name: "features" | "error", content: XmlText): void {
    this.#out += `<stream:${name}>${content}</stream:${name}>`;
  }

  foreign(text: string): void {
    this.#out += text;
  }

  stanza(text: string): void {
    this.#out += text;
  }

  footer(): void {
    this.#out += "</stream:stream>";
  }

  flush(): void {
    if (this.#out === "") return;
    const text = this.#out;
    this.#out = "";
    if (this.#socket.writable) this.#socket.write(text);
  }

  whenDrained(run: () => void): void {
    if (this.#socket.writableLength === 0 || !this.#socket.writable) run();
    else this.#socket.write("", () => run());
  }

  discardInput(): void {
    this.#socket.off("data", this.#data);
    this.#socket.on("data", ignore);
    this.#socket.resume();
  }

  end(): void {
    this.flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #data = (chunk: Buffer): void => {
    try {
      this.#parser.write(chunk);
    } catch {
      // The parser has failed before; `next` says so.
    }
    this.#listener?.readable(chunk.length);
  };

  readonly #gone = (): void => {
    this.#listener?.gone();
  };
}

/** RFC 6120 §4.8, §4.9.3: what a header must be, seen without its addresses. */
function problemOf(header: XmlElement, contentNs: string): StreamProblem | undefined {
  if (header.ns !== NS_STREAM) {
    return { condition: "invalid-namespace", text: `the stream's namespace is ${NS_STREAM}` };
  }
  if (header.name !== "stream") return { condition: "bad-format", text: "a stream begins with <stream:stream>" };
  if (contentNs === NS_STREAM) {
    return { condition: "bad-namespace-prefix", text: "the stream element needs a prefix" };
  }
  if (contentNs !== NS_CLIENT) {
    return { condition: "invalid-namespace", text: `the content's namespace is ${NS_CLIENT}` };
  }
  return undefined;
}

function ignore(): void {}
