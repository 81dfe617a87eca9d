// Chat messages to the gateway: `help` and the handlers of messages, under the same access list as calls (RFC 6121 §5).

import { type Jid, tryParseJid } from "../jid.js";
import type { Logger } from "../observe/index.js";
import {
  type Access,
  type ChatMessage,
  type Dispatcher,
  firstReply,
  type MessageHandler,
  type MethodSpec,
  type MethodTable,
  type Outcome,
  RESERVED_PREFIX,
  type RefusalReason,
  typeNameOf,
} from "../rpc/index.js";
import { element, escapeText, findChild, textOf, type XmlElement, type XmlText, XmlWriteError } from "../xml/index.js";
import { createIdSource, type Link, type StanzaCondition, StanzaError, writeStanzaError } from "../xmpp/index.js";
import type { Feature } from "./feature.js";
import { NS } from "./namespaces.js";
import type { RoomServices } from "./room-services.js";

/** What messages stand on. */
export interface MessagesOptions {
  /** Asked one after the other until one has an answer. */
  readonly handlers: readonly MessageHandler[];
  readonly table: Pick<MethodTable, "list">;
  readonly access: Pick<Access, "mayCall" | "dependsOnRooms">;
  readonly dispatcher: Pick<Dispatcher, "runHandler">;
  readonly rooms: RoomServices;
  readonly link: Pick<Link, "mode" | "jid" | "addresses" | "send">;
  readonly maxSentBytes: number;
  readonly log: Logger;
}

/** A message that may be answered. */
interface Incoming {
  readonly message: ChatMessage;
  readonly type: string | undefined;
  readonly id: string | undefined;
  /** The address that was written to; undefined where the server writes who answers. */
  readonly to: string | undefined;
}

/** More methods are not listed in a message. */
const MAX_LISTED = 50;

const CONDITIONS = {
  forbidden: "forbidden",
  "not-found": "item-not-found",
  overloaded: "resource-constraint",
  "shutting-down": "recipient-unavailable",
} as const satisfies Record<RefusalReason, StanzaCondition>;

/** Answers messages of people; what is an error, delayed, of a room, without text or from the gateway itself is not looked at. */
export function createMessages(options: MessagesOptions): Feature {
  const { table, access, dispatcher, rooms, link, log } = options;
  const newId = createIdSource();
  const lookUp = (from: Jid) => (access.dependsOnRooms(from) ? rooms.look(from) : undefined);
  const handle = options.handlers.length === 0 ? undefined : firstReply(options.handlers);

  const take = (incoming: Incoming): void => {
    const { message } = incoming;
    const isHelp = message.body.trim().toLowerCase() === "help";
    if (!isHelp && handle === undefined) return;
    const outcome = dispatcher.runHandler({
      name: isHelp ? "help" : "onMessage",
      requester: { jid: message.from },
      via: "message",
      handler: (call) => (isHelp ? help(message.from, incoming.to) : handle?.(message, call)),
    });
    if (outcome instanceof Promise) void outcome.then((later) => answer(incoming, later));
    else answer(incoming, outcome);
  };

  const answer = (incoming: Incoming, outcome: Outcome): void => {
    switch (outcome.kind) {
      case "value":
        if (typeof outcome.value === "string" && outcome.value !== "")
          reply(incoming, outcome.value, `[call ${outcome.call.id}]`);
        return;
      case "fault":
        reply(incoming, outcome.string, "");
        return;
      case "refused":
        refuse(incoming, new StanzaError(CONDITIONS[outcome.reason], { text: outcome.text }));
    }
  };

  const reply = (incoming: Incoming, text: string, mark: string): void => {
    const { to, type, message } = incoming;
    const { thread } = message;
    const addresses = { type, id: newId(), from: to, to: message.from.full };
    const write = (body: string): XmlText =>
      element(
        "message",
        addresses,
        element("body", {}, escapeText(body)),
        ...(thread === undefined ? [] : [element("thread", {}, escapeText(thread))]),
      );
    let stanza: XmlText;
    try {
      stanza = write(text);
    } catch (error) {
      if (!(error instanceof XmlWriteError)) throw error;
      log.error("message.answer-unsendable", { to: message.from.full, problem: error.message });
      stanza = write(`internal error ${mark}`);
    }
    if (Buffer.byteLength(stanza) > options.maxSentBytes) {
      log.warn("message.answer-oversize", { to: message.from.full, maxSentBytes: options.maxSentBytes });
      stanza = write(`the answer is over the limit of ${options.maxSentBytes} bytes ${mark}`);
    }
    send(stanza, message.from);
  };

  /** An error says that the message was not taken; nobody answers it, so two programs cannot keep each other busy with it. */
  const refuse = ({ id, to, message }: Incoming, error: StanzaError): void => {
    send(
      element("message", { type: "error", id, from: to, to: message.from.full }, writeStanzaError(error)),
      message.from,
    );
  };

  const send = (stanza: XmlText, to: Jid): void => {
    if (!link.send(stanza)) log.warn("message.answer-lost", { to: to.full });
  };

  const help = (requester: Jid, address: string | undefined): string => {
    const methods = table
      .list()
      .filter(({ name }) => !name.startsWith(RESERVED_PREFIX) && access.mayCall(requester, name).allowed);
    const where = address ?? link.jid?.full ?? "";
    if (methods.length === 0) return `You may call no method of ${where}.`;
    const more = methods.length - MAX_LISTED;
    return [
      `Methods of ${where} that you may call by Jabber-RPC (XEP-0009):`,
      ...methods.slice(0, MAX_LISTED).map(lineOf),
      ...(more > 0 ? [`and ${more} more, which system.listMethods tells`] : []),
    ].join("\n");
  };

  return {
    name: "messages",
    message: (stanza) => {
      const incoming = readIncoming(stanza, link);
      if (incoming === undefined) return false;
      let looking: Promise<void> | undefined;
      try {
        looking = lookUp(incoming.message.from);
      } catch (error) {
        if (!StanzaError.is(error)) throw error;
        refuse(incoming, error);
        return true;
      }
      if (looking === undefined) take(incoming);
      else void looking.then(() => take(incoming));
      return true;
    },
  };
}

/** The message that a person, or a program in his place, has just written to us; undefined for all else. */
function readIncoming(stanza: XmlElement, link: MessagesOptions["link"]): Incoming | undefined {
  const { type, id, to } = stanza.attrs;
  const from = tryParseJid(stanza.attrs["from"]);
  const [body, subject, thread] = ["body", "subject", "thread"].map((name) => findChild(stanza, name));
  if (type === "error" || type === "groupchat" || type === "headline") return undefined;
  if (from === undefined || body === undefined || isOwn(from, link) || isDelayed(stanza)) return undefined;
  const message: ChatMessage = {
    from,
    body: textOf(body),
    ...(subject === undefined ? {} : { subject: textOf(subject) }),
    ...(thread === undefined ? {} : { thread: textOf(thread) }),
  };
  // A server stamps its clients itself; everywhere else the answer comes from the address that was written to.
  return { message, type, id, to: link.mode === "client" ? undefined : (to ?? link.jid?.full) };
}

function isOwn(from: Jid, { jid, addresses = [] }: MessagesOptions["link"]): boolean {
  return from.bare === jid?.bare || addresses.includes(from.bare);
}

/** XEP-0203, and XEP-0091 before it: it was written some time ago, so the writer no longer waits. */
function isDelayed(stanza: XmlElement): boolean {
  return findChild(stanza, "delay", NS.delay) !== undefined || findChild(stanza, "x", NS.legacyDelay) !== undefined;
}

/** `orders.total(int): The total of an order.` */
function lineOf({ name, params, doc = "" }: MethodSpec): string {
  const types = params.map(({ shape }) => typeNameOf(shape)).join(", ");
  const [summary = ""] = doc.split("\n", 1);
  return summary === "" ? `${name}(${types})` : `${name}(${types}): ${summary}`;
}
