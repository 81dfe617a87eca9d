// Commands in a room. A nick is nobody's, so they run only where the room's service is trusted to say who is behind it
// (XEP-0045 §7.2.3, §13.3); elsewhere whoever gives one is told so once.

import { bareJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { XmlElement } from "../../xml/index.js";
import type { Clock } from "../../xmpp/index.js";
import { Disconnected } from "../../xmpp/index.js";
import {
  answerText,
  type ChatCommandLimits,
  type CommandRunner,
  createPace,
  isChatAnswer,
  readCommand,
  writeAnswerMark,
} from "../chat-commands/index.js";
import type { RoomMessage } from "./read-message.js";
import type { Room } from "./room.js";

/** What commands in rooms stand on. */
export interface RoomCommandsOptions {
  /** What runs commands with that prefix. */
  readonly runner: (prefix: string) => CommandRunner;
  readonly limits: ChatCommandLimits;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
}

/** Takes what was said in a room, just now and by somebody else. */
export type RoomCommands = (room: Room, nick: string, message: RoomMessage, stanza: XmlElement) => void;

/** More who were told are not remembered; the oldest are told again. */
const MAX_TOLD = 1_000;

/** Makes what hears commands in all rooms. */
export function createRoomCommands({ runner, limits, clock, log }: RoomCommandsOptions): RoomCommands {
  const pace = createPace(limits.chatCommandsPerMinute, () => clock.now());
  const told = new Set<string>();

  const isFirst = (name: string): boolean => {
    if (told.has(name)) return false;
    const [oldest] = told;
    if (told.size >= MAX_TOLD && oldest !== undefined) told.delete(oldest);
    told.add(name);
    return true;
  };

  const answer = async (room: Room, nick: string, text: string): Promise<void> => {
    const { jid, commandPrefix } = room.settings;
    try {
      await room.say(answerText(`${nick}: ${text}`, commandPrefix), { more: [writeAnswerMark()] });
    } catch (error) {
      const level = Disconnected.is(error) ? "info" : "warn";
      log[level]("room.answer-lost", { room: jid.bare, nick, cause: messageOf(error) });
    }
  };

  return (room, nick, { body, hasSubject, isPast }, stanza) => {
    const { commandPrefix: prefix, trustRealJids, jid } = room.settings;
    const command = body === undefined || hasSubject ? undefined : readCommand(body, prefix);
    if (command === undefined || isChatAnswer(stanza)) return;
    const name = `${jid.bare}/${nick}`;
    const counted = pace.count(name);
    if (counted === "last")
      log.warn("room.too-many-commands", { room: jid.bare, nick, perMinute: limits.chatCommandsPerMinute });
    if (counted !== "fine") return;
    if (isPast) {
      log.info("room.command-ignored", { room: jid.bare, nick, problem: "delayed, forwarded or copied" });
      return;
    }
    const occupant = room.findOccupant(nick);
    if (occupant === undefined) {
      log.warn("room.unknown-occupant", { room: jid.bare, nick });
      return;
    }
    const refuse = (event: string, text: string): void => {
      log.info(event, { room: jid.bare, nick, method: command.name });
      if (isFirst(`${event} ${name}`)) void answer(room, nick, text);
    };
    if (!trustRealJids) {
      refuse(
        "room.command-refused",
        "commands are not run in this room, since anybody can take a nick. Write to me in a chat of your own account.",
      );
      return;
    }
    const { realJid } = occupant;
    if (realJid === undefined) {
      refuse("room.command-anonymous", "commands are not run for you, since the room does not tell me your address.");
      return;
    }
    void runner(prefix)(command, { jid: bareJid(realJid), via: "room" }).then((text) => answer(room, nick, text));
  };
}
