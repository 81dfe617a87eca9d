#!/usr/bin/env node
// The command line: one file per command, one place where errors become exit codes.

import { Command, CommanderError } from "commander";
import { SOFTWARE } from "../software.js";
import { addAccessCommand } from "./commands/access.js";
import { addAskCommand } from "./commands/ask.js";
import { addCallCommand } from "./commands/call.js";
import { addCommandCommand } from "./commands/command.js";
import { addDescribeCommand } from "./commands/describe.js";
import { addDevCommand } from "./commands/dev.js";
import { addDiscoCommand } from "./commands/disco.js";
import { addFollowCommand } from "./commands/follow.js";
import { addInitCommand } from "./commands/init.js";
import { addListCommand } from "./commands/list.js";
import { addMailboxCommand } from "./commands/mailbox.js";
import { addNotifyCommand } from "./commands/notify.js";
import { addOfflineCommand } from "./commands/offline.js";
import { addPasswdCommand } from "./commands/passwd.js";
import { addPingCommand } from "./commands/ping.js";
import { addPublishCommand } from "./commands/publish.js";
import { addReloadCommand } from "./commands/reload.js";
import { addSayCommand } from "./commands/say.js";
import { addServeCommand } from "./commands/serve.js";
import { addServicesCommand } from "./commands/services.js";
import { addTypesCommand } from "./commands/types.js";
import { EXIT, endingOf } from "./exit.js";

const program = new Command(SOFTWARE.name)
  .description("Jabber-RPC (XEP-0009): serve functions over XMPP, and call them")
  .version(SOFTWARE.version)
  .showHelpAfterError("(add --help for what is accepted)")
  .exitOverride();

addServeCommand(program);
addReloadCommand(program);
addPasswdCommand(program);
addInitCommand(program);
addDevCommand(program);
addCallCommand(program);
addCommandCommand(program);
addNotifyCommand(program);
addAskCommand(program);
addSayCommand(program);
addListCommand(program);
addDescribeCommand(program);
addTypesCommand(program);
addServicesCommand(program);
addDiscoCommand(program);
addPingCommand(program);
addOfflineCommand(program);
addPublishCommand(program);
addFollowCommand(program);
addAccessCommand(program);
addMailboxCommand(program);
for (const command of program.commands) command.copyInheritedSettings(program);

process.once("SIGINT", () => {
  // A calling command has nothing to finish; serve listens for itself and ends in order.
  if (process.listenerCount("SIGINT") === 0) process.exit(EXIT.interrupted);
});

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads along has read enough: `jabber-rpc list … | head -1`.
  if (error.code === "EPIPE") process.exit();
  throw error;
});
// A log that nobody reads any more ends no gateway.
process.stderr.on("error", () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    const { exitCode, text } = endingOf(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
