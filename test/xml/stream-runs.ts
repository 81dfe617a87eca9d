// Helpers of these tests: a stream fed in chunks of one size, and what came out of it.

import { type StreamEvent, StreamParser, type StreamParserOptions, XmlError } from "../../src/xml/index.js";

/** Chunk sizes at which every case must behave the same; the first is "all at once". */
export const CHUNK_SIZES = [Number.MAX_SAFE_INTEGER, 1, 2, 3, 7, 64];

export const HEADER =
  "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

export interface Run {
  readonly events: StreamEvent[];
  readonly error: { condition: string; message: string; byteOffset: number } | undefined;
  /** Whether half a token or stanza was left at the end. */
  readonly pending: boolean;
}

/** Feeds `input`, pulling everything after each chunk. */
export function runStream(input: string | Uint8Array, chunkBytes: number, options: StreamParserOptions = {}): Run {
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  const parser = new StreamParser(options);
  const events: StreamEvent[] = [];
  try {
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      parser.write(bytes.subarray(start, start + chunkBytes));
      for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
    }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { condition, message, byteOffset } = error;
    return { events, error: { condition, message, byteOffset }, pending: false };
  }
  return { events, error: undefined, pending: parser.pending() };
}
