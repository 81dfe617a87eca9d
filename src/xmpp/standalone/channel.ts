// One connection as a session sees it: a framing (RFC 6120 §4 or RFC 7395) over a socket. The session does not know which.

import type { XmlElement, XmlLimits, XmlText } from "../../xml/index.js";
import type { StreamProblem } from "./stream-error.js";

/** What the other side sent, in stream order. */
export type ChannelEvent =
  /** A stream header; `problem` says what is wrong with its form. */
  | { readonly kind: "open"; readonly header: XmlElement; readonly problem: StreamProblem | undefined }
  | { readonly kind: "element"; readonly element: XmlElement }
  | { readonly kind: "close" };

/** The attributes of our header (RFC 6120 §4.7). */
export interface HeaderAddresses {
  readonly from: string;
  readonly to: string | undefined;
  readonly id: string;
}

/** What a channel tells its session. */
export interface ChannelListener {
  /** Something arrived, `bytes` on the wire: it is read with {@link Channel.next}. */
  readable(bytes: number): void;
  /** The connection is gone. */
  gone(): void;
}

/** One connection. */
export interface Channel {
  readonly address: string;
  readonly isLoopback: boolean;
  /** TLS is there already. */
  readonly isEncrypted: boolean;
  /** STARTTLS could be had. */
  readonly canStartTls: boolean;
  /** Output that the peer has not taken. */
  readonly unsentBytes: number;
  listen(listener: ChannelListener): void;
  /** The next event that is complete. Throws `XmlError`; then nothing more is read. */
  next(): ChannelEvent | undefined;
  /** Input is there that no event has told of. */
  hasUnread(): boolean;
  /** What follows is a new stream (after SASL); unread input belongs to it. */
  restart(): void;
  setLimits(limits: Partial<XmlLimits>): void;
  /** Reading stops until `resume`. */
  pause(): void;
  resume(): void;
  /** Encrypts from here on; unread input is thrown away. `done` runs when TLS is up. */
  startTls(done: () => void): void;
  header(addresses: HeaderAddresses): void;
  /** Features or an error: elements of the streams namespace. */
  streamElement(name: "features" | "error", content: XmlText): void;
  /** An element that declares its own namespace. */
  foreign(text: string): void;
  /** A stanza in `jabber:client`. */
  stanza(text: string): void;
  /** The end of our stream. */
  footer(): void;
  /** Hands all that was written to the system. */
  flush(): void;
  /** Runs when all that was flushed is with the system, or the connection is gone. */
  whenDrained(run: () => void): void;
  /** Whatever comes from now on is dropped unread. */
  discardInput(): void;
  /** Flushes, and closes our half. */
  end(): void;
  destroy(): void;
}
