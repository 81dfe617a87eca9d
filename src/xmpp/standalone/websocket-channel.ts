// A WebSocket with the framing of RFC 7395: each message is one element that can be read alone.

import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import {
  escapeAttribute,
  parseDocument,
  type XmlElement,
  XmlError,
  type XmlLimits,
  type XmlText,
} from "../../xml/index.js";
import type { Channel, ChannelEvent, ChannelListener, HeaderAddresses } from "./channel.js";
import { NS_CLIENT, NS_FRAMING, NS_STREAM } from "./namespaces.js";
import { isLoopbackAddress } from "./peer-address.js";

/** RFC 6455 §7.4.1. */
const UNSUPPORTED_DATA = 1003;

/** An accepted WebSocket connection. */
export class WebSocketChannel implements Channel {
  readonly address: string;
  readonly isLoopback: boolean;
  readonly isEncrypted: boolean;
  /** RFC 7395 §3.9: TLS is below WebSocket, or not there. */
  readonly canStartTls = false;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  #limits: Partial<XmlLimits>;
  #listener: ChannelListener | undefined;
  #messages: Buffer[] = [];
  #error: XmlError | undefined;
  #isDiscarding = false;
  #out: string[] = [];
  #outLength = 0;

  constructor(
    webSocket: WebSocket,
    socket: Socket,
    options: { readonly limits: Partial<XmlLimits>; readonly isEncrypted: boolean },
  ) {
    this.address = socket.remoteAddress ?? "";
    this.isLoopback = isLoopbackAddress(this.address);
    this.isEncrypted = options.isEncrypted;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#limits = options.limits;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    webSocket.binaryType = "nodebuffer";
    webSocket.on("message", this.#message);
    // Every error is followed by close, which is what matters.
    webSocket.on("error", () => undefined);
    webSocket.on("close", () => this.#listener?.gone());
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + this.#outLength;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  next(): ChannelEvent | undefined {
    if (this.#error !== undefined) throw this.#error;
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    try {
      return eventOf(readMessage(message, this.#limits));
    } catch (error) {
      // What a peer sends after something broken is not read either.
      if (error instanceof XmlError) this.#error = error;
      throw error;
    }
  }

  hasUnread(): boolean {
    return this.#messages.length > 0;
  }

  /** Every message stands alone, so there is no state to forget (RFC 7395 §3.7). */
  restart(): void {}

  setLimits(limits: Partial<XmlLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  startTls(): void {}

  header({ from, to, id }: HeaderAddresses): void {
    const addressed = to === undefined ? "" : ` to='${escapeAttribute(to)}'`;
    this.#write(
      `<open xmlns='${NS_FRAMING}' id='${id}' from='${escapeAttribute(from)}'${addressed} version='1.0' xml:lang='en'/>`,
    );
  }

  streamElement(name: "features" | "error", content: XmlText): void {
    this.#write(`<stream:${name} xmlns:stream='${NS_STREAM}'>${content}</stream:${name}>`);
  }

  foreign(text: string): void {
    this.#write(text);
  }

  stanza(text: string): void {
    const nameEnd = text.search(/[\s/>]/);
    this.#write(`${text.slice(0, nameEnd)} xmlns='${NS_CLIENT}'${text.slice(nameEnd)}`);
  }

  footer(): void {
    this.#write(`<close xmlns='${NS_FRAMING}'/>`);
  }

  flush(): void {
    if (this.#out.length === 0) return;
    const messages = this.#out;
    this.#out = [];
    this.#outLength = 0;
    this.#socket.cork();
    for (const message of messages) this.#webSocket.send(message);
    this.#socket.uncork();
  }

  whenDrained(run: () => void): void {
    if (this.#socket.writableLength === 0 || !this.#socket.writable) run();
    else this.#socket.write("", () => run());
  }

  discardInput(): void {
    this.#isDiscarding = true;
    this.#messages = [];
    this.#webSocket.resume();
  }

  /** RFC 7395 §3.6: our `<close/>` was sent, the closing handshake of WebSocket follows. */
  end(): void {
    this.flush();
    this.#webSocket.close(1000);
  }

  destroy(): void {
    this.#webSocket.terminate();
  }

  #write(message: string): void {
    this.#out.push(message);
    this.#outLength += message.length;
  }

  readonly #message = (data: Buffer, isBinary: boolean): void => {
    if (this.#isDiscarding) return;
    if (isBinary) {
      this.#isDiscarding = true;
      this.#webSocket.close(UNSUPPORTED_DATA, "text only");
      return;
    }
    this.#messages.push(data);
    this.#listener?.readable(data.length);
  };
}

/** RFC 7395 §3.3: one element, and nothing before it. */
function readMessage(message: Buffer, limits: Partial<XmlLimits>): XmlElement {
  if (message[0] !== LESS_THAN) throw new XmlError("not-well-formed", "a message begins with <", 0);
  return parseDocument(message, { ...limits, comments: "refuse" });
}

const LESS_THAN = 0x3c;

function eventOf(element: XmlElement): ChannelEvent {
  if (element.ns === NS_FRAMING && element.name === "open")
    return { kind: "open", header: element, problem: undefined };
  if (element.ns === NS_FRAMING && element.name === "close") return { kind: "close" };
  return { kind: "element", element };
}
