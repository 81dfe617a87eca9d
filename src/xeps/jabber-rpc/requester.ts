// The requester's side of Jabber-RPC: calls methods of others (XEP-0009 §2).

import { RpcFault } from "../../rpc/index.js";
import type { ExactValue, Shape } from "../../values/index.js";
import { type Codec, CodecError } from "../../xmlrpc-codec/index.js";
import { type IqRouter, type RequestOptions, StanzaError } from "../../xmpp/index.js";
import { findMethodResponse, readMethodTimeoutMs, writeQuery } from "./query.js";

/** How one call is made. */
export interface CallOptions {
  /** How long to wait for the answer. Default 30 000 ms. */
  readonly timeoutMs?: number;
  /** Ends the wait; the peer is not told. */
  readonly signal?: AbortSignal;
  /** The wire types to send the parameters with; without them each goes by its JavaScript type. */
  readonly shapes?: readonly Shape[];
  /**
   * A key, unique to this call, under which a jabber-rpc responder runs it at most once, however often it is sent.
   * Only for responders that advertise it: others may refuse the extra element.
   */
  readonly callKey?: string;
}

/** Calls one method and resolves with the result's exact form. */
export type ExactCall = (
  jid: string,
  method: string,
  params: readonly unknown[],
  options?: CallOptions,
) => Promise<ExactValue>;

/**
 * Makes the calling side over a router.
 *
 * The returned function rejects with {@link RpcFault} (the method, or the responder, said no), {@link StanzaError} (it
 * was not run: forbidden, not there), `CallTimeout` or `Disconnected` (whether it ran is unknown), or a `CodecError`
 * (a parameter cannot be sent, or the answer is no XML-RPC).
 */
export function createExactCall(router: IqRouter, codec: Codec, maxSentBytes: number): ExactCall {
  return async (jid, method, params, options = {}) => {
    const query = writeQuery(codec.encodeMethodCall(method, params, options.shapes), options.callKey);
    if (Buffer.byteLength(query) + jid.length * 6 + 256 > maxSentBytes) {
      throw new CodecError(-32300, `the call makes a stanza over the limit of ${maxSentBytes} bytes`);
    }
    const result = await router.request("set", jid, query, requestOptions(options));
    const response = findMethodResponse(result);
    if (response === undefined) {
      throw new StanzaError("undefined-condition", { text: `${jid} answered without a <methodResponse/>` });
    }
    const decoded = codec.decodeMethodResponse(response);
    if (decoded.kind === "fault") throw new RpcFault(decoded.code, decoded.string);
    return decoded.value;
  };
}

function requestOptions({ timeoutMs, signal }: CallOptions): RequestOptions {
  return {
    extend: readMethodTimeoutMs,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  };
}
