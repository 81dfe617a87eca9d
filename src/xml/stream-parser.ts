// A strict pull parser for XML streams (RFC 6120 §4, §11): bytes in, one event at a time out.

import { XML_LIMITS, type XmlLimits } from "./limits.js";
import { Scanner } from "./scanner.js";
import type { StreamEvent } from "./stream-event.js";

/** How a stream is read. */
export interface StreamParserOptions {
  /** What differs from the defaults in XML_LIMITS. */
  readonly limits?: Partial<XmlLimits>;
  /** What a stanza over a limit does: end the stream (`error`, the default), or be passed over and reported (`skip`). */
  readonly oversize?: "error" | "skip";
}

/**
 * Reads one stream at a time. It stops exactly after each event: what follows is not looked at before the next `next()`,
 * so every complete stanza before a broken byte is given out, however the bytes were cut.
 *
 * Errors are XmlErrors: not-well-formed, restricted-xml (comments, processing instructions, DOCTYPE, entities),
 * unsupported-encoding, policy-violation (a limit). After an error every call throws the same one.
 * White space before the XML declaration is let through; a byte order mark is not (RFC 6120 §11.6).
 */
export class StreamParser {
  readonly #scanner: Scanner;
  #limits: XmlLimits;

  constructor(options: StreamParserOptions = {}) {
    this.#limits = { ...XML_LIMITS, ...options.limits };
    this.#scanner = new Scanner({
      limits: this.#limits,
      oversize: options.oversize ?? "error",
      kind: "stream",
      comments: "refuse",
    });
  }

  /** Adds bytes. They are not copied: the caller must not change them until `next()` returned undefined. */
  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  /** The next event; undefined when it needs more bytes. */
  next(): StreamEvent | undefined {
    return this.#scanner.next();
  }

  /** Changes limits from the next stanza on; what is not named stays. */
  setLimits(limits: Partial<XmlLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#scanner.setLimits(this.#limits);
  }

  /** Whether anything but white space was written that no event has told of. After `<starttls/>` that is an attack. */
  pending(): boolean {
    return this.#scanner.pending();
  }

  /** Begins a new stream with the bytes that are still unread (SASL, RFC 6120 §6.4.6). */
  restart(): void {
    this.#scanner.restart();
  }
}
