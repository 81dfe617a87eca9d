// The requester's side of ad-hoc commands: lists those of others, and takes them step by step (XEP-0050 §2).

import { tryParseJid } from "../../jid.js";
import { element } from "../../xml/index.js";
import { type IqRouter, type RequestOptions, StanzaError } from "../../xmpp/index.js";
import type { Form } from "../data-forms/index.js";
import { readDiscoItems } from "../disco.js";
import { NS } from "../namespaces.js";
import { type Action, type CommandReply, decodeCommandReply, encodeCommandRequest } from "./command.js";

/** A command that an entity lists. */
export interface ListedCommand {
  readonly node: string;
  /** For people; the node where the entity gives no name. */
  readonly name: string;
}

/** What is sent to a command: the first time nothing, then the reply's session and a form of type submit. */
export interface CommandStep {
  readonly action?: Action;
  readonly sessionId?: string;
  readonly form?: Form;
}

/** The commands of others. Both reject with `StanzaError`, `CallTimeout` or `Disconnected`. */
export interface CommandClient {
  /** The commands that `jid` lists for us; items at other addresses are left out (XEP-0050 §5). */
  list(jid: string, options?: RequestOptions): Promise<ListedCommand[]>;
  /** Starts a command, or takes it a step further. */
  step(jid: string, node: string, step?: CommandStep, options?: RequestOptions): Promise<CommandReply>;
}

/** Makes the calling side over a router. */
export function createCommandClient(router: Pick<IqRouter, "request">): CommandClient {
  return {
    list: async (jid, options) => {
      const query = element("query", { xmlns: NS.discoItems, node: NS.commands });
      const items = readDiscoItems(await router.request("get", jid, query, options));
      const asked = tryParseJid(jid)?.full;
      return items.flatMap(({ jid: at, node, name }) =>
        node === undefined || tryParseJid(at)?.full !== asked ? [] : [{ node, name: name ?? node }],
      );
    },
    step: async (jid, node, { action = "execute", sessionId, form } = {}, options = {}) => {
      const request = encodeCommandRequest({ node, action, sessionId, form });
      const reply = decodeCommandReply(await router.request("set", jid, request, options));
      if (reply !== undefined) return reply;
      throw new StanzaError("undefined-condition", { text: `${jid} answered without a <command/>` });
    },
  };
}
