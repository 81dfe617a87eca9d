// jabber-rpc disco: who an address is, what it can, what else is there (XEP-0030).

import type { Command } from "commander";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { printable } from "../printable.js";

interface DiscoFlags extends ConnectionFlags {
  readonly node?: string;
}

/** Adds `disco` to the program. */
export function addDiscoCommand(program: Command): void {
  withConnectionFlags(program.command("disco <jid>"))
    .description("show identities, features and items of an address")
    .option("--node <node>", "ask for one node of the address")
    .action(async (jid: string, flags: DiscoFlags) => {
      await withRequester(flags, async (requester) => {
        const info = await requester.discoInfo(jid, flags.node);
        const items = await requester.discoItems(jid, flags.node).catch(() => []);
        const lines = [
          ...info.identities.map(
            ({ category, type, name }) => `identity  ${category}/${type}${name ? `  ${name}` : ""}`,
          ),
          ...info.features.map((feature) => `feature   ${feature}`),
          ...items.map((item) => `item      ${[item.jid, item.node, item.name].filter(Boolean).join("  ")}`),
        ];
        process.stdout.write(lines.map((line) => `${printable(line)}\n`).join(""));
      });
    });
}
