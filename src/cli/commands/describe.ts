// jabber-rpc describe: signature and documentation of one method.

import type { Command } from "commander";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { printable } from "../printable.js";
import { resolveTarget } from "../target.js";

/** Adds `describe` to the program. */
export function addDescribeCommand(program: Command): void {
  withConnectionFlags(program.command("describe <jid> <method>"))
    .description("show the signatures and the documentation of a method")
    .action(async (jid: string, method: string, flags: ConnectionFlags) => {
      await withRequester(flags, async (requester) => {
        const { signatures, help } = await requester.describe(await resolveTarget(requester, jid), method);
        const lines = signatures.map(([result = "undef", ...params]) => `${method}(${params.join(", ")}) -> ${result}`);
        if (lines.length === 0) lines.push(`${method}: the responder does not tell its signature`);
        if (help !== "") lines.push("", help);
        process.stdout.write(`${printable(lines.join("\n"), "lines")}\n`);
      });
    });
}
