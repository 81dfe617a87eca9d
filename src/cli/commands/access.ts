// jabber-rpc access: which rule decides whether somebody may call a method.

import type { Command } from "commander";
import { parseJid } from "../../jid.js";
import { EXIT } from "../exit.js";

/** Adds `access` to the program. */
export function addAccessCommand(program: Command): void {
  program
    .command("access <jid> <method>")
    .description("tell which access rule decides a call; exit 0 when allowed, 3 when denied")
    .requiredOption("--config <file>", "settings file")
    .action(async (jid: string, method: string, flags: { readonly config: string }) => {
      const [{ readSettings }, { decideAccess }] = await Promise.all([
        import("../../config/index.js"),
        import("../../gateway-settings.js"),
      ]);
      const decision = decideAccess(readSettings(flags.config), parseJid(jid), method);
      process.stdout.write(`${decision.allowed ? "allowed" : "denied"}: ${decision.reason}\n`);
      process.exitCode = decision.allowed ? EXIT.ok : EXIT.stanzaError;
    });
}
