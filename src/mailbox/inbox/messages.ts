// Chat messages to the gateway become rows of the inbox before a handler sees them (RFC 6121 §5).

import { type Jid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Access } from "../../rpc/index.js";
import { type Feature, NS, type RoomServices } from "../../xeps/index.js";
import { findChild, textOf, type XmlElement } from "../../xml/index.js";
import { type Clock, type Link, readStanzaError, type StanzaErrorType } from "../../xmpp/index.js";
import type { MailboxLimits } from "../limits.js";
import type { Inbox, InboxEntry } from "./inbox.js";

/** What messages stand on. */
export interface InboxMessagesOptions {
  readonly inbox: () => Inbox;
  /** A message that was handed over to the network has come back. */
  readonly bounced: (stanzaId: string, from: Jid | undefined, type: StanzaErrorType, problem: string) => Promise<void>;
  readonly access: Pick<Access, "mayCallAny" | "dependsOnRooms">;
  readonly rooms: Pick<RoomServices, "look">;
  readonly link: Pick<Link, "jid" | "addresses">;
  readonly limits: Pick<MailboxLimits, "inboxWaitMs">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stores what people write, if some access rule allows them anything; takes nothing, so handlers see it next. */
export function createInboxMessages(options: InboxMessagesOptions): Feature {
  const { inbox, access, rooms, link, limits, clock, log } = options;

  const store = async (from: Jid, entry: InboxEntry): Promise<boolean> => {
    await (access.dependsOnRooms(from) ? rooms.look(from) : undefined);
    if (!access.mayCallAny(from).allowed) return false;
    let cancel: (() => void) | undefined;
    const tooLong = new Promise<"late">((resolve) => {
      cancel = clock.after(limits.inboxWaitMs, () => resolve("late"));
    });
    const stored = inbox()
      .store(entry)
      .catch((error: unknown) => log.error("inbox.not-stored", { from: from.full, cause: messageOf(error) }));
    if ((await Promise.race([stored, tooLong])) === "late") log.warn("inbox.late", { from: from.full });
    cancel?.();
    return false;
  };

  return {
    name: "mailbox",
    message: (stanza) => {
      const from = tryParseJid(stanza.attrs["from"]);
      if (stanza.attrs["type"] === "error") {
        noteBounce(stanza, from, options);
        return false;
      }
      const entry = from === undefined || isOwn(from, link) ? undefined : readEntry(stanza, from);
      return from === undefined || entry === undefined ? false : store(from, entry);
    },
  };
}

function noteBounce(stanza: XmlElement, from: Jid | undefined, { bounced, log }: InboxMessagesOptions): void {
  const { id } = stanza.attrs;
  if (id === undefined || findChild(stanza, "error") === undefined) return;
  const { type, condition, text } = readStanzaError(stanza);
  const problem = `it came back: ${condition}${text === undefined ? "" : `, ${text.slice(0, 500)}`}`;
  bounced(id, from, type, problem).catch((cause: unknown) =>
    log.warn("outbox.bounce-lost", { cause: messageOf(cause) }),
  );
}

/** What a person has written to us; undefined for what rooms and programs send, and for what has no text. */
function readEntry(stanza: XmlElement, from: Jid): InboxEntry | undefined {
  const { type, id } = stanza.attrs;
  const [body, subject, thread] = ["body", "subject", "thread"].map((name) => findChild(stanza, name));
  if (type === "groupchat" || type === "headline" || body === undefined) return undefined;
  const stamp = Date.parse(findChild(stanza, "delay", NS.delay)?.attrs["stamp"] ?? "");
  return {
    kind: "message",
    sender: from.full,
    stanzaId: id,
    body: {
      text: textOf(body),
      ...(subject === undefined ? {} : { subject: textOf(subject) }),
      ...(thread === undefined ? {} : { thread: textOf(thread) }),
    },
    ...(Number.isNaN(stamp) ? {} : { stamp }),
  };
}

function isOwn(from: Jid, { jid, addresses = [] }: InboxMessagesOptions["link"]): boolean {
  return from.bare === jid?.bare || addresses.includes(from.bare);
}
