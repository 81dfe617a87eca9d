// jabber-rpc command: lists the ad-hoc commands of an entity, or runs one, whoever serves it (XEP-0050).

import type { Command } from "commander";
import { NS } from "../../xeps/index.js";
import { decideByAsking, decideByFlags, isInterrupted, runToEnd, showEnd } from "../command-run.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { timeoutOption } from "../duration.js";
import { EXIT } from "../exit.js";
import { readFieldFlags } from "../form-answers.js";
import { table } from "../printable.js";
import { resolveTarget } from "../target.js";
import { openTerminal } from "../terminal.js";

interface CommandFlags extends ConnectionFlags {
  readonly timeout: number;
  readonly field?: readonly string[];
  readonly json?: boolean;
}

/** Adds `command` to the program. */
export function addCommandCommand(program: Command): void {
  withConnectionFlags(program.command("command <jid> [node]"))
    .description("list the ad-hoc commands of an address, or run one with prompts")
    .addOption(timeoutOption())
    .option("--field <name=value>", "answer a field without being asked; again for more", collect)
    .option("--json", "print the result as JSON")
    .action(async (jid: string, node: string | undefined, flags: CommandFlags) => {
      process.exitCode = await withRequester(flags, async (requester) => {
        const target = await resolveTarget(requester, jid, { feature: NS.commands, what: "commands" });
        if (node === undefined) {
          const commands = await requester.listCommands(target);
          if (commands.length > 0) process.stdout.write(`${table(commands.map(rowOf))}\n`);
          return EXIT.ok;
        }
        const isAsked = flags.field === undefined && process.stdin.isTTY;
        const terminal = isAsked ? openTerminal({ input: process.stdin, output: process.stderr }) : undefined;
        try {
          const decide =
            terminal === undefined ? decideByFlags(readFieldFlags(flags.field ?? [])) : decideByAsking(terminal);
          const end = await runToEnd({ requester, jid: target, node, timeoutMs: flags.timeout, decide });
          return showEnd(end, flags);
        } catch (error) {
          if (isInterrupted(error)) return EXIT.interrupted;
          throw error;
        } finally {
          terminal?.close();
        }
      });
    });
}

function collect(word: string, before: readonly string[] = []): readonly string[] {
  return [...before, word];
}

/** Our own labels begin with the node, which stands beside them here. */
function rowOf({ node, name }: { readonly node: string; readonly name: string }): string[] {
  return [node, name.startsWith(`${node}: `) ? name.slice(node.length + 2) : name === node ? "" : name];
}
