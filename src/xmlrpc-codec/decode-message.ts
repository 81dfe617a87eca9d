// Elements to calls, responses and faults (XML-RPC; XEP-0009 §2). Which fault code answers what: contract, docs/errors.md.

import { compileReader, type ExactValue, ValueError } from "../values/index.js";
import type { XmlElement } from "../xml/index.js";
import { CodecError, type CodecErrorCode } from "./codec-error.js";
import { type Grammar, NS_RPC, nameOf, onlyChild, scalarText, structuralChildren } from "./elements.js";
import type { CodecOptions } from "./options.js";
import { type KnownTypes, ValueDecoder } from "./value-decoder.js";

/** A call as it came: the name of the method and the parameters with their wire types. */
export interface MethodCall {
  readonly methodName: string;
  readonly params: readonly ExactValue[];
}

/** A response as it came: a result, or a fault. */
export type MethodResponse =
  | { readonly kind: "value"; readonly value: ExactValue }
  | { readonly kind: "fault"; readonly code: number; readonly string: string };

/** The characters of a method name (XML-RPC, "Payload format"). */
export const METHOD_NAME = /^[A-Za-z0-9_.:/]+$/;

const NIL: MethodResponse = { kind: "value", value: { type: "nil", value: null } };
const readInt = compileReader({ kind: "int" });
const INTEGER_TEXT = /^[+-]?\d{1,10}$/;

/** Reads a `<methodCall>`. Throws CodecError -32600 or -32602. */
export function decodeMethodCall(root: XmlElement, options: CodecOptions, types: KnownTypes): MethodCall {
  const decoder = openRoot(root, "methodCall", options, types);
  const { methodName, params } = withCode(-32600, () => {
    const [first, second, third] = structuralChildren(root, decoder);
    if (first?.name !== "methodName") throw new ValueError("<methodName> missing at the start of <methodCall>");
    if (second !== undefined && second.name !== "params")
      throw new ValueError(`<params> expected, got ${nameOf(second)}`);
    if (third !== undefined) throw new ValueError(`unexpected ${nameOf(third)} in <methodCall>`);
    return {
      methodName: methodNameOf(first, decoder),
      params: second === undefined ? [] : paramsOf(second, decoder, options.limits.maxParams),
    };
  });
  return {
    methodName,
    params: params.map((param, index) => decodeParam(param, decoder, `params[${index}]`)),
  };
}

/** Reads a `<methodResponse>`, a result or a fault. Throws CodecError -32600 or -32602. */
export function decodeMethodResponse(root: XmlElement, options: CodecOptions, types: KnownTypes): MethodResponse {
  const decoder = openRoot(root, "methodResponse", options, types);
  const content = withCode(-32600, () => {
    const [first, second] = structuralChildren(root, decoder);
    if (second !== undefined)
      throw new ValueError(`unexpected ${nameOf(second)} in <methodResponse>, after ${nameOf(first ?? second)}`);
    if (first === undefined || first.name === "params" || first.name === "fault") return first;
    throw new ValueError(`<params> or <fault> expected, got ${nameOf(first)}`);
  });
  // COMPAT(QXmpp): a method without result is answered with an empty methodResponse.
  if (content === undefined) return emptyResponse(decoder, "<params> or <fault> missing in <methodResponse>");
  if (content.name === "fault") return withCode(-32600, () => decodeFault(content, decoder));
  const [param, ...others] = withCode(-32600, () => paramsOf(content, decoder, 1));
  // COMPAT(pyobs): a method without result is answered with empty params.
  if (param === undefined || others.length > 0) return emptyResponse(decoder, "<param> missing in <params>");
  return { kind: "value", value: decodeParam(param, decoder, "result") };
}

function emptyResponse({ lenient }: Grammar, problem: string): MethodResponse {
  if (lenient) return NIL;
  throw new CodecError(-32600, problem);
}

function openRoot(root: XmlElement, name: string, options: CodecOptions, types: KnownTypes): ValueDecoder {
  const known = root.ns === "" || root.ns === NS_RPC;
  if (!known || root.name !== name) throw new CodecError(-32600, `<${name}> expected, got ${nameOf(root)}`);
  return new ValueDecoder(root.ns, options, types);
}

function methodNameOf(element: XmlElement, { lenient }: Grammar): string {
  const name = scalarText(element);
  if (name === "") throw new ValueError("<methodName> is empty");
  if (!lenient && !METHOD_NAME.test(name))
    throw new ValueError("<methodName> has characters outside A-Z a-z 0-9 _ . : /");
  return name;
}

function paramsOf(element: XmlElement, grammar: Grammar, maxParams: number): readonly XmlElement[] {
  const params = structuralChildren(element, grammar);
  const odd = params.find((child) => child.name !== "param");
  if (odd !== undefined) throw new ValueError(`<param> expected in <params>, got ${nameOf(odd)}`);
  if (params.length > maxParams) throw new ValueError(`more than ${maxParams} <param>`);
  return params;
}

function decodeParam(param: XmlElement, decoder: ValueDecoder, path: string): ExactValue {
  return withCode(-32602, () => {
    try {
      return decoder.decodeValue(onlyChild(param, "value", decoder), 0);
    } catch (error) {
      throw ValueError.is(error) ? error.within(path) : error;
    }
  });
}

function decodeFault(element: XmlElement, decoder: ValueDecoder): MethodResponse {
  try {
    const fault = decoder.decodeValue(onlyChild(element, "value", decoder), 0);
    if (fault.type !== "struct") throw new ValueError(`struct expected, got ${fault.type}`);
    const { faultCode, faultString, ...others } = fault.value;
    if (!decoder.lenient && Object.keys(others).length > 0)
      throw new ValueError("members other than faultCode and faultString");
    if (faultCode === undefined) throw new ValueError("faultCode is missing");
    if (faultString?.type !== "string") throw new ValueError("faultString is missing, or not a string");
    return { kind: "fault", code: faultCodeOf(faultCode, decoder), string: faultString.value };
  } catch (error) {
    throw ValueError.is(error) ? error.within("fault") : error;
  }
}

function faultCodeOf(code: ExactValue, { lenient }: Grammar): number {
  // COMPAT(livejournal): the code has been sent as a string for fifteen years.
  const isText = lenient && code.type === "string" && INTEGER_TEXT.test(code.value);
  try {
    return Number(readInt(isText ? { type: "i8", value: BigInt(Number(code.value)) } : code));
  } catch (error) {
    throw ValueError.is(error) ? error.within("faultCode") : error;
  }
}

/** Runs one step of decoding; what it refuses becomes a CodecError with this code. */
function withCode<T>(code: CodecErrorCode, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw ValueError.is(error) ? new CodecError(code, error.message) : error;
  }
}
