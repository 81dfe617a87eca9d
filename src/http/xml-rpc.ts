// XML-RPC as text: a document in, the document of its answer out (XML-RPC; contract: docs/errors.md for the codes).

import { isUtf8 } from "node:buffer";
import type { Logger } from "../observe/index.js";
import {
  type Dispatcher,
  exactArguments,
  type FaultOutcome,
  faultCodes,
  faultOfRefusal,
  type Outcome,
  type ValueOutcome,
} from "../rpc/index.js";
import { createDocumentReader, type XmlCondition, XmlError, type XmlLimits, type XmlText } from "../xml/index.js";
import { type Codec, CodecError, type MethodCall } from "../xmlrpc-codec/index.js";
import type { ClosedDoor, DoorAnswer } from "./door.js";

/** Reads calls and writes answers. */
export interface XmlRpc {
  /** The answer to a document; `run` is asked for the outcome of the call in it. Never throws for what the document holds. */
  answer(document: Uint8Array, run: (call: MethodCall) => Outcome | Promise<Outcome>): DoorAnswer | Promise<DoorAnswer>;
}

/** What {@link createXmlRpc} stands on. */
export interface XmlRpcOptions {
  readonly codec: Codec;
  readonly limits: XmlLimits;
  readonly log: Logger;
  readonly dispatcher: Pick<Dispatcher, "newCallId">;
}

/** XML-RPC says text/xml; some clients say what RFC 7303 prefers. */
export const XML_TYPES: readonly string[] = ["text/xml", "application/xml"];
const DECLARATION = "<?xml version='1.0'?>";

/** Makes the XML-RPC side of the doors. */
export function createXmlRpc({ codec, limits, log, dispatcher }: XmlRpcOptions): XmlRpc {
  const readDocument = createDocumentReader(limits);
  const fault = ({ code, string }: Omit<FaultOutcome, "kind">): DoorAnswer => document(codec.encodeFault(code, string));

  const write = (outcome: Outcome): DoorAnswer => {
    switch (outcome.kind) {
      case "value":
        return writeValue(outcome);
      case "fault":
        return fault(outcome);
      case "refused":
        return fault(faultOfRefusal(outcome));
    }
  };

  const writeValue = ({ value, returns, call }: ValueOutcome): DoorAnswer => {
    try {
      return document(codec.encodeMethodResponse(value, returns));
    } catch (error) {
      if (!CodecError.is(error)) throw error;
      log.error("call.result-unsendable", { call: call.id, method: call.method, problem: error.message });
      return fault({ code: error.code, string: `${error.message} [call ${call.id}]` });
    }
  };

  return {
    answer: (received, run) => {
      let call: MethodCall;
      try {
        call = codec.decodeMethodCall(readDocument(received));
      } catch (error) {
        const problem = problemOf(error, received);
        if (problem === undefined) throw error;
        const callId = dispatcher.newCallId();
        log.warn("call.undecodable", { call: callId, code: problem.code, problem: problem.text });
        return fault({ code: problem.code, string: `${problem.text} [call ${callId}]` });
      }
      const outcome = run(call);
      return outcome instanceof Promise ? outcome.then(write) : write(outcome);
    },
  };
}

/** Local methods: `POST /RPC2`. */
export function createXmlRpcDoor(xmlRpc: XmlRpc, dispatcher: Dispatcher): ClosedDoor {
  return {
    path: "/RPC2",
    method: "POST",
    takes: XML_TYPES,
    open: false,
    handle: ({ body, requester }) =>
      xmlRpc.answer(body, ({ methodName, params }) =>
        dispatcher.dispatch({ method: methodName, args: exactArguments(params), requester, via: "http" }),
      ),
  };
}

function document(text: XmlText): DoorAnswer {
  return { type: "text/xml; charset=utf-8", text: DECLARATION + text };
}

/** The fault code for each way that bytes are not the XML that is wanted. */
const CODES: Readonly<Record<XmlCondition, number>> = {
  "not-well-formed": faultCodes.parseError.code,
  "bad-format": faultCodes.parseError.code,
  "restricted-xml": faultCodes.parseError.code,
  "unsupported-encoding": faultCodes.unsupportedEncoding.code,
  "policy-violation": faultCodes.transportError.code,
};

function problemOf(error: unknown, received: Uint8Array): { readonly code: number; readonly text: string } | undefined {
  if (error instanceof XmlError) {
    const code = isUtf8(received) ? CODES[error.condition] : faultCodes.invalidCharacter.code;
    return { code, text: error.message };
  }
  if (CodecError.is(error)) return { code: error.code, text: error.message };
  return undefined;
}
