// jabber-rpc list: the methods of a responder that the caller may call.

import type { Command } from "commander";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { printable } from "../printable.js";
import { resolveTarget } from "../target.js";

/** Adds `list` to the program. */
export function addListCommand(program: Command): void {
  withConnectionFlags(program.command("list <jid>"))
    .description("list the methods that you may call at an address")
    .action(async (jid: string, flags: ConnectionFlags) => {
      await withRequester(flags, async (requester) => {
        const methods = await requester.listMethods(await resolveTarget(requester, jid));
        process.stdout.write(methods.map((method) => `${printable(method)}\n`).join(""));
      });
    });
}
