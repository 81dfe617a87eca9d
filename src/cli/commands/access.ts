// jabber-rpc access: which rule decides whether somebody may call a method.

import type { Command } from "commander";
import { readSettings } from "../../config/index.js";
import { decideAccess } from "../../gateway-settings.js";
import { parseJid } from "../../jid.js";
import { EXIT } from "../exit.js";

/** Adds `access` to the program. */
export function addAccessCommand(program: Command): void {
  program
    .command("access <jid> <method>")
    .description("tell which access rule decides a call; exit 0 when allowed, 3 when denied")
    .requiredOption("--config <file>", "settings file")
    .action((jid: string, method: string, flags: { readonly config: string }) => {
      const decision = decideAccess(readSettings(flags.config), parseJid(jid), method);
      process.stdout.write(`${decision.allowed ? "allowed" : "denied"}: ${decision.reason}\n`);
      process.exitCode = decision.allowed ? EXIT.ok : EXIT.stanzaError;
    });
}
