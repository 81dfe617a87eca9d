// What the codec's tests share: documents to elements, and the text of the error of a step.

import { readFileSync } from "node:fs";
import type { ExactValue } from "../../src/values/index.js";
import { parseDocument, type XmlElement } from "../../src/xml/index.js";
import { type Codec, CodecError } from "../../src/xmlrpc-codec/index.js";

const FIXTURES = new URL("../../../test/fixtures/xmlrpc/", import.meta.url);

/** The text of one file of test/fixtures/xmlrpc. */
export function fixture(path: string): string {
  return readFileSync(new URL(path, FIXTURES), "utf8");
}

/** The root element of a document. */
export function parse(text: string): XmlElement {
  return parseDocument(text);
}

/** A call of one parameter whose `<value>` is given as text. */
export function callOf(value: string): XmlElement {
  return parse(`<methodCall><methodName>a</methodName><params><param>${value}</param></params></methodCall>`);
}

/** A response with one `<value>` as text. */
export function responseOf(value: string): XmlElement {
  return parse(`<methodResponse><params><param>${value}</param></params></methodResponse>`);
}

/** The one parameter of a call, decoded. */
export function decodeOne(codec: Codec, value: string): ExactValue | undefined {
  return codec.decodeMethodCall(callOf(value)).params[0];
}

/** The result of a response text, decoded. */
export function decodeResult(codec: Codec, text: string): ExactValue {
  const response = codec.decodeMethodResponse(parse(text));
  if (response.kind === "fault") throw new Error(`fault ${response.code}`);
  return response.value;
}

/** What a step threw, as `code message`; or its value as it is. */
export function outcomeOf<T>(step: () => T): T | string {
  try {
    return step();
  } catch (error) {
    if (CodecError.is(error)) return `${error.code} ${error.message}`;
    throw error;
  }
}
