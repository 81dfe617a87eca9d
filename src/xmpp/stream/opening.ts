// What is said between connecting and `online`: the one part in which the kinds of streams differ.

import type { XmlElement } from "../../xml/index.js";
import type { ConnectionEnd } from "./connection-end.js";
import type { StreamReader } from "./stream-reader.js";
import type { StreamSocket } from "./stream-socket.js";

/** Opens one stream on a connected socket. What it throws or rejects with ends the connection by `endOf`. */
export interface Opening {
  /** Resolves when the socket is connected and, for direct TLS, encrypted. */
  connect(): Promise<void>;
  /** Sends the stream header. */
  open(): Promise<void>;
  readHeader(root: XmlElement): void;
  readElement(element: XmlElement): void;
  /** What something that was thrown on the way means. */
  endOf(thrown: unknown): ConnectionEnd;
  /** The connection is over: ends every wait and timer of its own. */
  release(reason: Error): void;
}

/** What an {@link Opening} works with, and whom it tells. */
export interface OpeningHost {
  readonly socket: StreamSocket;
  readonly reader: StreamReader;
  opened(opened: Opened): void;
  failed(thrown: unknown): void;
  end(end: ConnectionEnd): void;
  /** Ends the connection with a stream error. */
  refuse(condition: string, message: string): void;
}

/** A stream that stanzas can be sent on. */
export interface Opened {
  /** Our address, as the server wrote it. */
  readonly address: string;
  /** How we proved who we are, for the log. */
  readonly mechanism: string;
  /** Whether the server offers stream management, or what the resumption of the old session came to (XEP-0198 §5). */
  readonly management: "none" | "offered" | Resumed;
}

/** The old session goes on; `handled` is the server's count of our stanzas, as it wrote it. */
interface Resumed {
  readonly handled: string | undefined;
}

/** How to ask for the old session (XEP-0198 §5). */
export interface Resumption {
  readonly id: string;
  /** How many of the server's stanzas we handled. */
  readonly handled: number;
  /** The address of that session. */
  readonly address: string;
}
