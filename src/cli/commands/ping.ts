// jabber-rpc ping: is anybody there, and how far (XEP-0199).

import type { Command } from "commander";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { timeoutOption } from "../duration.js";

interface PingFlags extends ConnectionFlags {
  readonly timeout: number;
}

/** Adds `ping` to the program. */
export function addPingCommand(program: Command): void {
  withConnectionFlags(program.command("ping <jid>"))
    .description("ask an address for a sign of life")
    .addOption(timeoutOption())
    .action(async (jid: string, flags: PingFlags) => {
      await withRequester(flags, async (requester) => {
        const startedAt = performance.now();
        await requester.ping(jid, { timeoutMs: flags.timeout });
        process.stdout.write(`${jid} answered in ${(performance.now() - startedAt).toFixed(1)} ms\n`);
      });
    });
}
