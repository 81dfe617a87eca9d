// Compressed answers (RFC 9110 §8.4): the limit holds for what they become, so that a small bomb stays small.

import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { UpstreamFailure } from "../failure.js";

/** What one answer can be compressed with; one coding, not a chain of them. */
const CODINGS: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> =
  Object.freeze({
    gzip: promisify(gunzip),
    "x-gzip": promisify(gunzip),
    deflate: promisify(inflate),
    br: promisify(brotliDecompress),
  });

/**
 * The body behind its content coding.
 *
 * @throws UpstreamFailure `too-large` above `maxBytes`, `malformed` for what cannot be decompressed
 */
export async function decompress(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  if (body.length === 0) return body;
  const decode = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
  if (decode === undefined) throw new UpstreamFailure("malformed", "its answer is compressed in an unknown way");
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError)
      throw new UpstreamFailure("too-large", `its answer has more than ${maxBytes} bytes`);
    throw new UpstreamFailure("malformed", "its answer cannot be decompressed", { cause: error });
  }
}
