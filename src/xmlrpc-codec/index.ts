// XML-RPC elements to typed values, and values to text: methodCall, methodResponse, fault.
export { type Codec, createCodec } from "./codec.js";
export { CodecError, type CodecErrorCode } from "./codec-error.js";
export type { MethodCall, MethodResponse } from "./decode-message.js";
export { NS_EXTENSIONS } from "./elements.js";
export {
  CODEC_LIMIT_TABLE,
  type CodecLimits,
  type CodecOptions,
  type CodecSettings,
  DEFAULT_CODEC_LIMITS,
} from "./options.js";
