// The responder's side of Jabber-RPC: a request in, exactly one response out (XEP-0009 §2, §4, §5).

import { createHash } from "node:crypto";
import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import { type Access, type Dispatcher, exactArguments, type MethodTable, type Outcome } from "../../rpc/index.js";
import { writeElement, type XmlText } from "../../xml/index.js";
import { type Codec, CodecError, type MethodCall } from "../../xmlrpc-codec/index.js";
import { type IqRequest, StanzaError } from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import { type AnswerLimits, Answers } from "./answers.js";
import { type CallQuery, readCallQuery, writeQuery } from "./query.js";

/** What the responder stands on. */
export interface ResponderOptions {
  readonly table: MethodTable;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly answerLimits: AnswerLimits;
  /** No result stanza is larger; over it the caller gets fault -32300 (contract: every destination, 200 000 bytes). */
  readonly maxStanzaBytes: number;
  /** What an unknown method is answered with: a fault, or the stanza error item-not-found that some peers prefer. */
  readonly unknownMethod: "fault" | "item-not-found";
  readonly log: Logger;
  readonly now: () => number;
  /** Who asks when the link stamps no sender: the own account. */
  ownJid(): Jid | undefined;
}

/** Attributes and tags of the iq and query around a response; addresses and id come on top. */
const ENVELOPE_BYTES = 128;

/** Serves the methods of a table at the link's address, and advertises that (XEP-0009 §4). */
export function createResponder(options: ResponderOptions): Feature {
  const { table, access, dispatcher, codec, maxStanzaBytes } = options;
  const answers = new Answers(options.answerLimits, options.now);

  const serve = (iq: IqRequest): XmlText | Promise<XmlText> => {
    const requester = iq.from ?? options.ownJid();
    if (requester === undefined) throw new StanzaError("bad-request", { text: "the request has no sender" });
    if (!access.mayCallAny(requester)) throw forbidden(`${requester.bare} may not call methods of this responder`);
    const query = readCallQuery(iq.payload);
    const run = () => {
      const call = decode(query);
      if (typeof call === "string") return call;
      const outcome = dispatcher.dispatch({
        method: call.methodName,
        requester,
        args: exactArguments(call.params),
        via: "jabber-rpc",
      });
      return outcome instanceof Promise
        ? outcome.then((later) => answer(iq, requester, call.methodName, later))
        : answer(iq, requester, call.methodName, outcome);
    };
    return answers.once({ from: requester.full, id: iq.id, payload: iq.payload }, repeatKey(iq, query, table), run);
  };

  /** A call that is not XML-RPC is a fault, since the iq itself was fine (contract: -32600, -32602). */
  const decode = ({ methodCall }: CallQuery): MethodCall | XmlText => {
    try {
      return codec.decodeMethodCall(methodCall);
    } catch (error) {
      if (!CodecError.is(error)) throw error;
      const callId = dispatcher.newCallId();
      options.log.warn("call.undecodable", { call: callId, code: error.code, problem: error.message });
      return fault(error.code, `${error.message} [call ${callId}]`);
    }
  };

  const answer = (iq: IqRequest, requester: Jid, method: string, outcome: Outcome): XmlText => {
    switch (outcome.kind) {
      case "value":
        return withinLimits(iq, outcome.callId, () => codec.encodeMethodResponse(outcome.value, outcome.returns));
      case "fault":
        return withinLimits(iq, outcome.callId, () => codec.encodeFault(outcome.code, outcome.string));
      case "refused":
        return refuse(requester, method, outcome);
    }
  };

  const refuse = (requester: Jid, method: string, outcome: Extract<Outcome, { kind: "refused" }>): XmlText => {
    switch (outcome.reason) {
      case "forbidden":
        throw forbidden(`${requester.bare} may not call this responder's ${method}`);
      case "overloaded":
        throw new StanzaError("resource-constraint", { text: "too many calls are in flight; try again later" });
      case "shutting-down":
        throw new StanzaError("recipient-unavailable", { text: "the responder is shutting down; try again later" });
      case "not-found":
        if (options.unknownMethod === "fault") return fault(-32601, `no method ${method} [call ${outcome.callId}]`);
        throw new StanzaError("item-not-found", { text: `no method ${method}` });
    }
  };

  /** A result that cannot be sent becomes a fault that can: a broken or oversize stanza would end the whole stream. */
  const withinLimits = (iq: IqRequest, callId: string, encode: () => XmlText): XmlText => {
    try {
      const query = writeQuery(encode());
      const maxBytes = maxStanzaBytes - envelopeBytes(iq);
      if (query.length * 3 <= maxBytes || Buffer.byteLength(query) <= maxBytes) return query;
      options.log.warn("call.result-oversize", { call: callId, maxBytes: maxStanzaBytes });
      return fault(-32300, `the result makes a stanza over the limit of ${maxStanzaBytes} bytes [call ${callId}]`);
    } catch (error) {
      if (!CodecError.is(error)) throw error;
      options.log.error("call.result-unencodable", { call: callId, problem: error.message });
      return fault(error.code, `${error.message} [call ${callId}]`);
    }
  };

  const fault = (code: number, string: string): XmlText => writeQuery(codec.encodeFault(code, string));

  return {
    name: "jabber-rpc",
    identities: [{ category: "automation", type: "rpc" }],
    features: [NS.rpc, NS.call],
    routes: [
      { type: "set", ns: NS.rpc, name: "query", handle: serve },
      {
        type: "get",
        ns: NS.rpc,
        name: "query",
        handle: () => {
          throw new StanzaError("bad-request", { text: "Jabber-RPC requests are of type set (XEP-0009 §2)" });
        },
      },
    ],
  };
}

/** What makes a finished call repeatable: its key, or the method's own promise to run at most once per equal request. */
function repeatKey(iq: IqRequest, { callKey, methodCall }: CallQuery, table: MethodTable): string | undefined {
  if (callKey !== undefined) return `key ${callKey}`;
  if (!table.hasAtMostOnce) return undefined;
  const [first] = methodCall.children.filter((child) => typeof child !== "string" && child.name === "methodName");
  const name = typeof first === "object" ? first.children.join("") : "";
  if (table.find(name)?.atMostOnce !== true) return undefined;
  return `request ${createHash("sha256").update(iq.id).update(writeElement(iq.payload)).digest("base64")}`;
}

function forbidden(text: string): StanzaError {
  return new StanzaError("forbidden", { text, code: 403 });
}

function envelopeBytes(iq: IqRequest): number {
  // Escaping makes a character at most six bytes.
  return ENVELOPE_BYTES + 6 * (iq.id.length + (iq.fromText?.length ?? 0) + (iq.toText?.length ?? 0));
}
