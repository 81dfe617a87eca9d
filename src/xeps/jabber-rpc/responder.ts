// The responder's side of Jabber-RPC: a request in, exactly one response out (XEP-0009 §2, §4, §5).

import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import {
  type Access,
  type Dispatcher,
  exactArguments,
  type MethodTable,
  type Outcome,
  type RefusedOutcome,
} from "../../rpc/index.js";
import type { XmlText } from "../../xml/index.js";
import { type Codec, CodecError, type MethodCall } from "../../xmlrpc-codec/index.js";
import { type IqRequest, StanzaError } from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import type { RoomServices } from "../room-services.js";
import { type AnswerLimits, Answers, requestKey } from "./answers.js";
import { readCallQuery, writeQuery } from "./query.js";

/** What the responder stands on. */
export interface ResponderOptions {
  readonly table: MethodTable;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  /** `maxSentBytes`: no result stanza is larger, whoever it is for; over it the caller gets fault -32300. */
  readonly limits: AnswerLimits & { readonly maxSentBytes: number };
  /** What an unknown method is answered with: a fault, or the stanza error item-not-found that some peers prefer. */
  readonly unknownMethod: "fault" | "item-not-found";
  /** Finds out whether a requester that a wide rule admits is an occupant of a room; then the rule does not admit him. */
  readonly rooms?: RoomServices;
  readonly log: Logger;
  readonly now?: () => number;
  /** Who asks when the link stamps no sender: the own account. */
  ownJid(): Jid | undefined;
}

/** Attributes and tags of the iq and query around a response; addresses and id come on top. */
const ENVELOPE_BYTES = 128;

/** Serves the methods of a table at the link's address, and advertises that (XEP-0009 §4). */
export function createResponder(options: ResponderOptions): Feature {
  const { table, access, dispatcher, codec, log } = options;
  const { maxSentBytes } = options.limits;
  const answers = new Answers(options.limits, options.now ?? (() => performance.now()));

  const serve = (iq: IqRequest): XmlText | Promise<XmlText> => {
    const requester = iq.from ?? options.ownJid();
    if (requester === undefined) throw new StanzaError("bad-request", { text: "the request has no sender" });
    const looking = access.dependsOnRooms(requester) ? options.rooms?.look(requester) : undefined;
    return looking === undefined ? serveFor(iq, requester) : looking.then(() => serveFor(iq, requester));
  };

  const serveFor = (iq: IqRequest, requester: Jid): XmlText | Promise<XmlText> => {
    if (!access.mayCallAny(requester).allowed) {
      throw forbidden(`${requester.bare} may not call methods of this responder`);
    }
    const { methodCall, callKey } = readCallQuery(iq.payload);
    let call: MethodCall;
    try {
      call = codec.decodeMethodCall(methodCall);
    } catch (error) {
      return undecodable(error);
    }
    const isOnce = table.find(call.methodName)?.spec.atMostOnce === true;
    const key = callKey === undefined ? (isOnce ? requestKey(iq) : undefined) : `key ${callKey}`;
    return answers.once({ from: requester.full, id: iq.id, payload: iq.payload }, key, () => run(iq, requester, call));
  };

  const run = (iq: IqRequest, requester: Jid, call: MethodCall): XmlText | Promise<XmlText> => {
    const args = exactArguments(call.params);
    const outcome = dispatcher.dispatch({ method: call.methodName, requester: { jid: requester }, args, via: "xmpp" });
    return outcome instanceof Promise ? outcome.then((later) => answer(iq, later)) : answer(iq, outcome);
  };

  const answer = (iq: IqRequest, outcome: Outcome): XmlText => {
    switch (outcome.kind) {
      case "value":
        return answerValue(iq, outcome);
      case "fault":
        return fault(outcome.code, outcome.string);
      case "refused":
        return refuse(outcome);
    }
  };

  /** A result that cannot be sent becomes a fault that can: a broken or oversize stanza would end the whole stream. */
  const answerValue = (iq: IqRequest, { value, returns, call }: Extract<Outcome, { kind: "value" }>): XmlText => {
    try {
      const query = writeQuery(codec.encodeMethodResponse(value, returns));
      const maxBytes = maxSentBytes - envelopeBytes(iq);
      // No character takes more than three bytes for each of its UTF-16 units.
      if (query.length * 3 <= maxBytes || Buffer.byteLength(query) <= maxBytes) return query;
      log.warn("call.result-oversize", { call: call.id, method: call.method, maxSentBytes });
      return fault(-32300, `the result makes a stanza over the limit of ${maxSentBytes} bytes [call ${call.id}]`);
    } catch (error) {
      if (!CodecError.is(error)) throw error;
      log.error("call.result-unsendable", { call: call.id, method: call.method, problem: error.message });
      return fault(error.code, `${error.message} [call ${call.id}]`);
    }
  };

  /** What is no XML-RPC is answered by a fault, since the iq itself was fine (contract: -32600, -32602, -32300). */
  const undecodable = (error: unknown): XmlText => {
    if (!CodecError.is(error)) throw error;
    const callId = dispatcher.newCallId();
    log.warn("call.undecodable", { call: callId, code: error.code, problem: error.message });
    return fault(error.code, `${error.message} [call ${callId}]`);
  };

  const refuse = ({ reason, text, callId }: RefusedOutcome): XmlText => {
    switch (reason) {
      case "forbidden":
        throw forbidden(text);
      case "overloaded":
        throw new StanzaError("resource-constraint", { text });
      case "shutting-down":
        throw new StanzaError("recipient-unavailable", { text });
      case "not-found":
        if (options.unknownMethod === "item-not-found") throw new StanzaError("item-not-found", { text });
        return fault(-32601, `${text} [call ${callId}]`);
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

function forbidden(text: string): StanzaError {
  return new StanzaError("forbidden", { text, code: 403 });
}

function envelopeBytes(iq: IqRequest): number {
  // Escaping makes at most six bytes of a character.
  return ENVELOPE_BYTES + 6 * (iq.id.length + (iq.fromText?.length ?? 0) + (iq.toText?.length ?? 0));
}
