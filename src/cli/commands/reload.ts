// jabber-rpc reload: tells a running gateway to read its certificates again (SIGHUP).

import type { Command } from "commander";
import { messageOf } from "../../message-of.js";
import { UsageError } from "../exit.js";
import { readText } from "../read-text.js";

/** Adds `reload` to the program. */
export function addReloadCommand(program: Command): void {
  program
    .command("reload")
    .description("tell a running gateway to read its certificates again; accounts are read again by themselves")
    .requiredOption("--pid-file <file>", "the file that serve --pid-file wrote")
    .action((flags: { readonly pidFile: string }) => {
      const text = readText(flags.pidFile, "the pid file").trim();
      const pid = Number(text);
      if (!/^\d+$/.test(text) || pid < 2) throw new UsageError(`${flags.pidFile}: a process id expected`);
      try {
        process.kill(pid, "SIGHUP");
      } catch (error) {
        throw new UsageError(`process ${pid} cannot be told: ${messageOf(error)}`);
      }
      process.stdout.write(`told process ${pid} to reload\n`);
    });
}
