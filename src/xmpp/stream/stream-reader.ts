// Bytes of one connection to elements, over all the streams it carries (RFC 6120 §4.3.3). Nothing a peer sends makes it throw.

import { StreamParser, type XmlElement, XmlError, type XmlLimits } from "../../xml/index.js";
import type { OversizeStanza } from "../link.js";

/** Receives what {@link StreamReader} finds, in stream order. A handler may call `restart`, `stop` or `write` of the reader. */
export interface StreamReaderHandlers {
  header(root: XmlElement): void;
  element(element: XmlElement): void;
  oversize(stanza: OversizeStanza): void;
  /** The other side closed its stream. */
  footer(): void;
  /** The bytes are not XMPP; nothing more is read. */
  broken(error: XmlError): void;
}

/** One a connection. */
export class StreamReader {
  readonly #parser: StreamParser;
  readonly #handlers: StreamReaderHandlers;
  #stopped = false;
  #paused = false;

  constructor(limits: XmlLimits, handlers: StreamReaderHandlers) {
    this.#parser = new StreamParser({ limits, oversize: "skip" });
    this.#handlers = handlers;
  }

  /** Reads a chunk, which may end anywhere, also inside a character. */
  write(chunk: Uint8Array): void {
    if (this.#stopped) return;
    try {
      this.#parser.write(chunk);
    } catch (error) {
      this.#break(error);
    }
    while (this.#step());
  }

  /** Nothing is read until `resume`, also not the rest of a chunk. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (this.#step());
  }

  /** True when bytes are left that came after the last element. */
  get hasUnread(): boolean {
    return this.#parser.pending();
  }

  /** The next bytes begin a new stream. */
  restart(): void {
    this.#parser.restart();
  }

  setLimits(limits: XmlLimits): void {
    this.#parser.setLimits(limits);
  }

  /** Whatever comes from now on is dropped. */
  stop(): void {
    this.#stopped = true;
  }

  #step(): boolean {
    if (this.#stopped || this.#paused) return false;
    const item = this.#next();
    if (item?.kind === "open") this.#handlers.header(item.element);
    else if (item?.kind === "stanza") this.#handlers.element(item.element);
    else if (item?.kind === "skipped") this.#handlers.oversize({ head: item.head, limit: item.limit });
    else if (item?.kind === "close") this.#handlers.footer();
    return item !== undefined;
  }

  #next(): ReturnType<StreamParser["next"]> {
    try {
      return this.#parser.next();
    } catch (error) {
      this.#break(error);
      return undefined;
    }
  }

  #break(error: unknown): void {
    this.#stopped = true;
    this.#handlers.broken(error instanceof XmlError ? error : new XmlError("bad-format", String(error), 0));
  }
}
