// The codec: XML-RPC elements to values and values to text, in both directions of call, response and fault.

import type { Shape } from "../values/index.js";
import type { XmlElement, XmlText } from "../xml/index.js";
import { ShapeEncoders } from "./compile-encoder.js";
import { decodeMethodCall, decodeMethodResponse, type MethodCall, type MethodResponse } from "./decode-message.js";
import { encodeFault, encodeMethodCall, encodeMethodResponse } from "./encode-message.js";
import { type CodecOptions, type CodecSettings, codecOptions } from "./options.js";
import { typesByElement } from "./types/table.js";
import type { KnownTypes } from "./value-decoder.js";

/** Decodes elements in the namespace `jabber:iq:rpc` or none; encodes to text without namespace. Every error is a CodecError. */
export interface Codec {
  readonly options: CodecOptions;
  /** Reads a `<methodCall>`. Throws -32600 (structure) or -32602 (parameters, with path `params[0]…`). */
  decodeMethodCall(element: XmlElement): MethodCall;
  /** Reads a `<methodResponse>`. Throws -32600 (structure, fault) or -32602 (the value, with path `result…`). */
  decodeMethodResponse(element: XmlElement): MethodResponse;
  /**
   * Writes a `<methodCall>`.
   *
   * @param shapes how the parameters are declared; without, the rules for undeclared values hold
   * @throws CodecError -32603 (with path `params[0]…`) or -32300
   */
  encodeMethodCall(methodName: string, params: readonly unknown[], shapes?: readonly Shape[]): XmlText;
  /**
   * Writes a `<methodResponse>` with a result; undefined where nothing is declared is a method without result.
   *
   * @throws CodecError -32603 (with path `result…`) or -32300
   */
  encodeMethodResponse(value: unknown, shape?: Shape): XmlText;
  /** Writes a `<methodResponse>` with a fault. Throws -32603 only for a code that is not a 32-bit integer. */
  encodeFault(code: number, string: string): XmlText;
}

/** Makes a codec. It keeps the encoders it has compiled, by shape; make one and use it for everything with these settings. */
export function createCodec(settings: CodecSettings = {}): Codec {
  const options = codecOptions(settings);
  const encoders = new ShapeEncoders(options);
  const types = knownTypes(options);
  return {
    options,
    decodeMethodCall: (element) => decodeMethodCall(element, options, types),
    decodeMethodResponse: (element) => decodeMethodResponse(element, options, types),
    encodeMethodCall: (methodName, params, shapes) => encodeMethodCall(methodName, params, shapes, encoders),
    encodeMethodResponse: (value, shape) => encodeMethodResponse(value, shape, encoders),
    encodeFault: (code, string) => encodeFault(code, string, encoders),
  };
}

function knownTypes({ reading, extensions }: CodecOptions): KnownTypes {
  const plain = typesByElement(reading === "lenient", extensions === "on");
  const apache = new Map([...plain].filter(([element]) => APACHE_TYPES.has(element) && extensions === "on"));
  return { plain, apache };
}

/** The types of Apache's extension namespace that are read. Never `serializable`, which is code from a stranger. */
const APACHE_TYPES: ReadonlySet<string> = new Set(["nil", "i1", "i2", "i8"]);
