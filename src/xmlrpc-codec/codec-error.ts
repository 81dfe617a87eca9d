// The one error of this folder; its code is the fault code that answers it (Fault Code Interoperability 20010516).

import { hasBrand } from "../brand.js";

const CODEC_ERROR = Symbol.for("jabber-rpc.CodecError");

/**
 * | code | meaning |
 * |---|---|
 * | -32600 | the document is not an XML-RPC call or response: structure outside `<param>`, or a malformed fault |
 * | -32602 | something inside a `<param>` cannot be read; the message starts with its path |
 * | -32603 | a value cannot be encoded; the message starts with its path |
 * | -32300 | the encoded text is over the byte limit; the message names the limit |
 */
export type CodecErrorCode = -32600 | -32602 | -32603 | -32300;

/** A document that cannot be decoded or a value that cannot be encoded. The message holds no values, only types, names and paths. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly [CODEC_ERROR] = true;
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True for an error of this class, also of another copy of the package in the same process. */
  static is(error: unknown): error is CodecError {
    return hasBrand(error, CODEC_ERROR);
  }
}
