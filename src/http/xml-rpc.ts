// XML-RPC as text: a document in, the document of its answer out (XML-RPC; contract: docs/errors.md for the codes).

import type { Logger } from "../observe/index.js";
import { type FaultOutcome, faultCodes, faultOfRefusal, type Outcome, type ValueOutcome } from "../rpc/index.js";
import { parseDocument, type XmlCondition, XmlError, type XmlLimits } from "../xml/index.js";
import { type Codec, CodecError, type MethodCall } from "../xmlrpc-codec/index.js";

/** Reads calls and writes answers. */
export interface XmlRpc {
  /** The answer to a document; `run` is asked for the outcome of the call in it. Never throws for what the document holds. */
  answer(document: Uint8Array, run: (call: MethodCall) => Outcome | Promise<Outcome>): string | Promise<string>;
}

/** What {@link createXmlRpc} stands on. */
export interface XmlRpcOptions {
  readonly codec: Codec;
  readonly limits: XmlLimits;
  readonly log: Logger;
  readonly newCallId: () => string;
}

const DECLARATION = "<?xml version='1.0'?>";

/** Makes the XML-RPC side of the doors. */
export function createXmlRpc({ codec, limits, log, newCallId }: XmlRpcOptions): XmlRpc {
  const fault = ({ code, string }: Omit<FaultOutcome, "kind">): string => DECLARATION + codec.encodeFault(code, string);

  const write = (outcome: Outcome): string => {
    switch (outcome.kind) {
      case "value":
        return writeValue(outcome);
      case "fault":
        return fault(outcome);
      case "refused":
        return fault(faultOfRefusal(outcome));
    }
  };

  const writeValue = ({ value, returns, call }: ValueOutcome): string => {
    try {
      return DECLARATION + codec.encodeMethodResponse(value, returns);
    } catch (error) {
      if (!CodecError.is(error)) throw error;
      log.error("call.result-unsendable", { call: call.id, method: call.method, problem: error.message });
      return fault({ code: error.code, string: `${error.message} [call ${call.id}]` });
    }
  };

  return {
    answer: (document, run) => {
      let call: MethodCall;
      try {
        call = codec.decodeMethodCall(parseDocument(document, limits));
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        const callId = newCallId();
        log.warn("call.undecodable", { call: callId, code: problem.code, problem: problem.text });
        return fault({ code: problem.code, string: `${problem.text} [call ${callId}]` });
      }
      const outcome = run(call);
      return outcome instanceof Promise ? outcome.then(write) : write(outcome);
    },
  };
}

/** The fault code for each way that bytes are not the XML that is wanted. */
const CODES: Readonly<Record<XmlCondition, number>> = {
  "not-well-formed": faultCodes.parseError.code,
  "bad-format": faultCodes.parseError.code,
  "restricted-xml": faultCodes.parseError.code,
  "unsupported-encoding": faultCodes.unsupportedEncoding.code,
  "policy-violation": faultCodes.transportError.code,
};

function problemOf(error: unknown): { readonly code: number; readonly text: string } | undefined {
  if (error instanceof XmlError) return { code: CODES[error.condition], text: error.message };
  if (CodecError.is(error)) return { code: error.code, text: error.message };
  return undefined;
}
