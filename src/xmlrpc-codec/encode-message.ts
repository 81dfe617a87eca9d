// Calls, responses and faults to text (XML-RPC; XEP-0009 §2): no declaration, no namespace, no insignificant white space.

import { type Shape, unnamed, ValueError } from "../values/index.js";
import { sendable, type XmlText } from "../xml/index.js";
import { CodecError } from "./codec-error.js";
import type { ShapeEncoders } from "./compile-encoder.js";
import { METHOD_NAME } from "./decode-message.js";
import { openMember } from "./types/containers.js";
import { WIRE_TYPES } from "./types/table.js";
import { encodeText } from "./types/text.js";
import { encodeElement } from "./types/wire-type.js";

const ANY: Shape = { kind: "any" };
/** The most bytes that one UTF-16 code unit of text becomes: `&#xD;`, `&amp;`. */
const MAX_ESCAPED_BYTES = 5;

/** Writes a `<methodCall>`. Throws CodecError -32603 or -32300. */
export function encodeMethodCall(
  methodName: string,
  params: readonly unknown[],
  shapes: readonly Shape[] | undefined,
  encoders: ShapeEncoders,
): XmlText {
  if (!METHOD_NAME.test(methodName)) {
    throw new CodecError(-32603, "methodName: one or more of A-Z a-z 0-9 _ . : / expected");
  }
  const content = encodeParams(params, shapes, encoders);
  const text = `<methodCall><methodName>${methodName}</methodName><params>${content}</params></methodCall>`;
  return withinBytes(text, "call", encoders.options.limits.maxSentBytes);
}

function encodeParams(
  params: readonly unknown[],
  shapes: readonly Shape[] | undefined,
  encoders: ShapeEncoders,
): string {
  const sent = shapes === undefined ? params.length : sentCount(params, shapes);
  let text = "";
  for (let index = 0; index < sent; index++) {
    const shape = shapes?.[index] ?? ANY;
    text += `<param><value>${encodeAt(`params[${index}]`, params[index], shape, encoders)}</value></param>`;
  }
  return text;
}

/** How many parameters are sent: optional ones at the end are left out while they are undefined. */
function sentCount(params: readonly unknown[], shapes: readonly Shape[]): number {
  if (params.length > shapes.length) {
    throw new CodecError(-32603, `params: at most ${shapes.length} expected, got ${params.length}`);
  }
  let count = shapes.length;
  for (const shape of [...shapes].reverse()) {
    if (params[count - 1] !== undefined || unnamed(shape).kind !== "optional") break;
    count--;
  }
  return count;
}

/** Writes a `<methodResponse>` with a result. Throws CodecError -32603 or -32300. */
export function encodeMethodResponse(value: unknown, shape: Shape | undefined, encoders: ShapeEncoders): XmlText {
  const { limits } = encoders.options;
  const content = isVoid(value, shape) ? encodeVoid(encoders) : encodeAt("result", value, shape ?? ANY, encoders);
  const text = `<methodResponse><params><param><value>${content}</value></param></params></methodResponse>`;
  return withinBytes(text, "result", limits.maxSentBytes);
}

/** A method without result: it returned undefined, and nothing else was declared. */
function isVoid(value: unknown, declared: Shape | undefined): boolean {
  if (value !== undefined) return false;
  const kind = declared === undefined ? "any" : unnamed(declared).kind;
  return kind === "any" || kind === "nil" || kind === "optional";
}

function encodeVoid(encoders: ShapeEncoders): string {
  return encoders.options.void === "nil"
    ? encodeAt("result", null, ANY, encoders)
    : encodeElement(WIRE_TYPES.string, "", encoders);
}

/**
 * Writes a `<methodResponse>` with a fault. The answer to an error must not fail itself: characters that XML cannot carry
 * become U+FFFD, and a text over the byte limit is cut.
 *
 * @throws CodecError -32603 only for a code that is not a 32-bit integer
 */
export function encodeFault(code: number, string: string, encoders: ShapeEncoders): XmlText {
  const { maxSentBytes: maxBytes } = encoders.options.limits;
  const faultCode = encodeAt("faultCode", code, { kind: "int" }, encoders);
  const [before, after] = [
    `<methodResponse><fault><value><struct>${openMember("faultCode")}${faultCode}</value></member>${openMember("faultString")}<string>`,
    "</string></value></member></struct></value></fault></methodResponse>",
  ];
  const whole = before + encodeText(sendable(string)) + after;
  // The parts are well-formed: constant markup, a checked number and escaped text.
  if (Buffer.byteLength(whole) <= maxBytes) return whole as XmlText;
  const room = Math.max(0, Math.floor((maxBytes - before.length - after.length) / MAX_ESCAPED_BYTES));
  return (before + encodeText(sendable(string.slice(0, room))) + after) as XmlText;
}

function encodeAt(path: string, value: unknown, shape: Shape, encoders: ShapeEncoders): string {
  try {
    return encoders.encodeShape(value, shape, 0);
  } catch (error) {
    if (ValueError.is(error)) throw new CodecError(-32603, error.within(path).message);
    // An accessor of the value threw: what it said is for the log, not for the peer.
    throw new CodecError(-32603, `${path}: reading the value failed`, { cause: error });
  }
}

function withinBytes(text: string, what: string, maxBytes: number): XmlText {
  // One UTF-16 code unit is at most three bytes, so most texts need no counting.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) {
      throw new CodecError(-32300, `the encoded ${what} has ${bytes} bytes, the limit is ${maxBytes} (maxSentBytes)`);
    }
  }
  // Every part is well-formed: constant markup, checked names and numbers, escaped text.
  return text as XmlText;
}
