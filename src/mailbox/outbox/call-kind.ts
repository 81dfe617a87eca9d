// Kind `call`: a method of another responder is called, and its answer becomes a row of the inbox.

import { type Jid, tryParseJid } from "../../jid.js";
import {
  type FaultOutcome,
  type ForwardAccess,
  type Forwarder,
  faultCodes,
  faultOfRefusal,
  methodNameProblem,
} from "../../rpc/index.js";
import { type ExactValue, exactFromJson, isPlainObject, jsonOfValue, ValueError } from "../../values/index.js";
import type { Inbox } from "../inbox/inbox.js";
import { type OutboxKind, OutboxProblem, outboxKind, type Sending } from "../outbox-kind.js";

/** What calls stand on. */
export interface CallKindOptions {
  readonly access: ForwardAccess;
  readonly forwarder: () => Forwarder;
  readonly inbox: () => Pick<Inbox, "store">;
  /** On whose behalf the application calls, as the rules of `forward` know it. */
  readonly requester: () => Jid;
  readonly timeoutMs: number;
}

interface Call {
  readonly method: string;
  readonly params: readonly ExactValue[];
}

/** A call is never repeated by itself: most methods are not made for that. Whoever wrote the row is told, and decides. */
export function createCallKind({ access, forwarder, inbox, requester, timeoutMs }: CallKindOptions): OutboxKind {
  const answer = (outboxId: number, sender: string, stanzaId: string, body: unknown) =>
    inbox().store({ kind: "result", sender, stanzaId, body, outboxId });
  const faulted = ({ code, string }: Omit<FaultOutcome, "kind">) => ({ fault: { code, string } });
  return outboxKind<Call>({
    name: "call",
    isOnceOnly: true,
    read: readCall,
    send: async ({ id, recipient, stanzaId }, { method, params }): Promise<Sending> => {
      const jid = requester();
      if (!access.mayForward(jid, recipient, method))
        throw new OutboxProblem(`no rule of forward lets ${jid.bare} call ${method} of ${recipient.full}`);
      const outcome = await forwarder().forward({ requester: { jid }, to: recipient, method, params, timeoutMs });
      let body: unknown;
      if (outcome.kind === "value") body = { result: jsonOfValue(outcome.value as ExactValue) };
      else body = faulted(outcome.kind === "fault" ? outcome : faultOfRefusal(outcome));
      await answer(id, recipient.full, stanzaId, body);
      return "confirmed";
    },
    outcomeUnknown: ({ id, recipient, stanzaId }) =>
      answer(
        id,
        tryParseJid(recipient)?.full ?? recipient,
        stanzaId,
        faulted({
          code: faultCodes.outcomeUnknown.code,
          string: "the gateway ended during the call; whether it ran is unknown",
        }),
      ),
  });
}

function readCall(body: unknown): Call {
  if (!isPlainObject(body)) throw new OutboxProblem("body: an object {method, params} expected");
  const { method, params = [], ...others } = body;
  const [surplus] = Object.keys(others);
  if (surplus !== undefined) throw new OutboxProblem(`body.${surplus}: not known; there are method and params`);
  if (typeof method !== "string") throw new OutboxProblem("body.method: a text expected");
  const problem = methodNameProblem(method);
  if (problem !== undefined) throw new OutboxProblem(`body.method: ${problem}`);
  if (!Array.isArray(params)) throw new OutboxProblem("body.params: an array expected");
  return {
    method,
    params: params.map((value: unknown, index) => {
      try {
        return exactFromJson(value);
      } catch (error) {
        if (!ValueError.is(error)) throw error;
        throw new OutboxProblem(`body.${error.within(`params[${index}]`).message}`);
      }
    }),
  };
}
