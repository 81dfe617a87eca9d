// What a handler of chat messages is: text in, and text out if there is something to say. It runs as a call does.

import type { Jid } from "../jid.js";
import type { CallContext } from "./call.js";
import type { Returned } from "./handler-types.js";

/** A message that somebody wrote to the gateway. */
export interface ChatMessage {
  /** Who wrote it, as the server stamped it; the same as the context's requester. */
  readonly from: Jid;
  readonly body: string;
  readonly subject?: string;
  /** Groups messages to a conversation (RFC 6121 §5.2.5); answers carry it too. */
  readonly thread?: string;
}

/** What a handler of messages may answer: a text, or nothing. */
export type MessageReply = string | undefined | Returned<undefined>;

/** Takes a message. A text that it returns is sent back, and no later handler is asked. */
export type MessageHandler = (message: ChatMessage, call: CallContext) => MessageReply | Promise<MessageReply>;

/** One handler that asks several, one after the other, until one has an answer. */
export function firstReply(handlers: readonly MessageHandler[]): MessageHandler {
  return async (message, call) => {
    for (const handler of handlers) {
      const reply = await handler(message, call);
      if (typeof reply === "string" && reply !== "") return reply;
    }
    return undefined;
  };
}
