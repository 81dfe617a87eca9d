// jabber-rpc mailbox: the tables of a gateway's database, for the operator.

import { type Command, InvalidArgumentError } from "commander";

interface MailboxFlags {
  readonly config: string;
}

/** Adds `mailbox` and what stands below it. */
export function addMailboxCommand(program: Command): void {
  const mailbox = program.command("mailbox").description("the tables that web applications and the gateway share");
  const add = (name: string, description: string): Command =>
    mailbox.command(name).description(description).requiredOption("--config <file>", "settings file");

  add("migrate", "make the tables, or bring them up to date").action(async ({ config }: MailboxFlags) => {
    const { migrateMailbox } = await import("../mailbox.js");
    await migrateMailbox(config);
  });
  add("status", "how many rows are where, and what is parked").action(async ({ config }: MailboxFlags) => {
    const { showMailbox } = await import("../mailbox.js");
    await showMailbox(config);
  });
  add("retry [ids...]", "have parked rows tried again")
    .option("--all", "all of them")
    .action(async (ids: readonly string[], flags: MailboxFlags & { readonly all?: boolean }) => {
      const { retryMailbox } = await import("../mailbox.js");
      await retryMailbox(flags.config, ids, flags.all === true);
    });
  add("purge", "delete rows that are done")
    .requiredOption("--older-than <days>", "those that were done more than so many days ago", parseDays)
    .option("--parked", "what is parked too")
    .action(async (flags: MailboxFlags & { readonly olderThan: number; readonly parked?: boolean }) => {
      const { purgeMailbox } = await import("../mailbox.js");
      await purgeMailbox(flags.config, flags.olderThan, flags.parked === true);
    });
  for (const command of mailbox.commands) command.copyInheritedSettings(program);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+(\.\d+)?$/.test(text)) return days;
  throw new InvalidArgumentError("a number of days expected");
}
