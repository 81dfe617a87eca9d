// Commands in one-to-one chat: `!examples.getStateName 6` runs the method under the access list, for the address that the
// sender's server stamped. An occupant who writes in private is judged by his address in the room (XEP-0045 §7.5).

import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import type { Access } from "../../rpc/index.js";
import { element, escapeText } from "../../xml/index.js";
import { type Clock, createIdSource, type Link } from "../../xmpp/index.js";
import type { Feature } from "../feature.js";
import { type IncomingMessage, readIncoming } from "../notes/index.js";
import type { RoomServices } from "../room-services.js";
import { answerText, isChatAnswer, writeAnswerMark } from "./answer.js";
import { type ChatCommand, type CommandRunner, readCommand } from "./command.js";
import type { ChatCommandLimits } from "./limits.js";
import { createPace } from "./pace.js";

/** What the feature stands on. */
export interface ChatCommandsOptions {
  readonly run: CommandRunner;
  readonly prefix: string;
  readonly access: Pick<Access, "dependsOnRooms">;
  readonly rooms: RoomServices;
  readonly link: Pick<Link, "mode" | "jid" | "addresses" | "send">;
  readonly limits: ChatCommandLimits;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
  /** True for an address of the gateway's own, such as its nick in a room. */
  isOwn(jid: Jid): boolean;
}

/** Takes commands, and leaves every other message to later features. */
export function createChatCommands(options: ChatCommandsOptions): Feature {
  const { run, prefix, access, rooms, link, limits, log } = options;
  const newId = createIdSource();
  const pace = createPace(limits.chatCommandsPerMinute, () => options.clock.now());

  const isOwn = (jid: Jid): boolean =>
    jid.bare === link.jid?.bare || (link.addresses ?? []).includes(jid.bare) || options.isOwn(jid);

  const answer = async (type: string | undefined, { from, to, thread }: IncomingMessage, command: ChatCommand) => {
    if (access.dependsOnRooms(from)) await rooms.look(from);
    const text = answerText(await run(command, { jid: from, via: "chat" }), prefix);
    const addresses = {
      type,
      id: newId(),
      // A server stamps its clients itself; everywhere else the answer comes from the address that was written to.
      from: link.mode === "client" ? undefined : (to ?? link.jid?.full),
      to: from.full,
    };
    const reply = element(
      "message",
      addresses,
      element("body", {}, escapeText(text)),
      ...(thread === undefined ? [] : [element("thread", {}, escapeText(thread))]),
      writeAnswerMark(),
    );
    if (!link.send(reply)) log.warn("chat-command.answer-lost", { to: from.full });
  };

  return {
    name: "chat-commands",
    message: (stanza) => {
      const incoming = readIncoming(stanza);
      if (incoming?.content.kind !== "text") return false;
      const command = readCommand(incoming.content.body, prefix);
      if (command === undefined || isChatAnswer(stanza) || isOwn(incoming.from)) return false;
      const { from } = incoming;
      const counted = pace.count(from.full);
      if (counted === "last")
        log.warn("chat-command.too-many", { from: from.full, perMinute: limits.chatCommandsPerMinute });
      if (counted === "fine")
        answer(stanza.attrs["type"], incoming, command).catch((error: unknown) =>
          log.error("chat-command.failed", { from: from.full, cause: String(error) }),
        );
      return true;
    },
  };
}
