// jabber-rpc say: enters a room, says one thing to all or to one, and leaves (XEP-0045).

import type { Command } from "commander";
import type { RoomInfo, Rooms } from "../../ports/index.js";
import { type ConnectionFlags, withConnectionFlags, withGateway } from "../connection.js";
import { checkGiven } from "../given.js";
import { printable } from "../printable.js";
import { readText } from "../read-text.js";

interface SayFlags extends ConnectionFlags {
  readonly nick?: string;
  readonly to?: string;
  readonly roomPasswordFile?: string;
}

/** Adds `say` to the program. */
export function addSayCommand(program: Command): void {
  withConnectionFlags(program.command("say <room> <text>"))
    .description("say something in a room: enters, says it, and leaves")
    .option("--nick <nick>", "name to have in the room (default: the name of the account)")
    .option("--to <nick>", "say it in private, to this one only")
    .option("--room-password-file <file>", "file with the password of the room")
    .addHelpText(
      "after",
      "\nExit codes: 0 the room has shown it to all, or with --to the server has it, 1 usage, 3 refused by the room, 4 no answer or no connection.",
    )
    .action(async (room: string, text: string, flags: SayFlags) => {
      checkGiven("text", text);
      checkGiven("--nick", flags.nick);
      checkGiven("--to", flags.to);
      const file = flags.roomPasswordFile;
      const password =
        file === undefined ? undefined : readText(file, "the file of the room's password").replace(/\r?\n$/, "");
      await withGateway(flags, async ({ rooms, jid }) => {
        const nick = flags.nick ?? jid?.local;
        const entered = await rooms.join({
          jid: room,
          ...(nick === undefined ? {} : { nick }),
          ...(password === undefined ? {} : { password }),
        });
        const told = await sayIn(rooms, entered, text, flags.to);
        await rooms.leave(room);
        process.stdout.write(`${printable(`said in ${entered.jid} as ${entered.nick}, ${told}`)}\n`);
      });
    });
}

/** Says it; who heard it, in words. */
async function sayIn(rooms: Rooms, { jid, occupants }: RoomInfo, text: string, to: string | undefined) {
  if (to !== undefined) {
    await rooms.whisper(jid, to, text);
    return `to ${to} alone`;
  }
  const { id, stanzaId } = await rooms.say(jid, text);
  const others = occupants - 1;
  return `to ${others} ${others === 1 ? "other" : "others"} (id ${stanzaId ?? id})`;
}
