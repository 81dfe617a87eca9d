// jabber-rpc passwd: the accounts of a stand-alone gateway. A running gateway takes every change at once.

import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { type AccountFile, accountName, DEFAULT_ALIAS_NAME, openAccountFile } from "../../xmpp/index.js";
import { askSecret } from "../ask-secret.js";
import { UsageError } from "../exit.js";
import { printable } from "../printable.js";
import { readText } from "../read-text.js";

interface PasswdFlags {
  readonly accounts: string;
  readonly passwordFile?: string;
}

/** Adds `passwd` and its four commands to the program. */
export function addPasswdCommand(program: Command): void {
  const passwd = program.command("passwd").description("keep the accounts of a stand-alone gateway");
  withPassword(passwd.command("add <name>"))
    .description("add an account")
    .action((name: string, flags: PasswdFlags) =>
      withAccounts(flags, async (accounts) => {
        const local = localpart(name);
        if (local === DEFAULT_ALIAS_NAME)
          throw new UsageError(`${local} is the gateway's own name: it is called at ${local}@ and its domain`);
        if ((await accounts.names()).includes(local))
          throw new UsageError(`there is an account ${local} already; see passwd set`);
        await accounts.set(local, await readPassword(local, flags));
        return `added ${local}`;
      }),
    );
  withPassword(passwd.command("set <name>"))
    .description("give an account another password; its sessions are ended")
    .action((name: string, flags: PasswdFlags) =>
      withAccounts(flags, async (accounts) => {
        const local = await existing(accounts, name);
        await accounts.set(local, await readPassword(local, flags));
        return `changed ${local}`;
      }),
    );
  withAccountsFlag(passwd.command("remove <name>"))
    .description("remove an account; its sessions are ended")
    .action((name: string, flags: PasswdFlags) =>
      withAccounts(flags, async (accounts) => {
        const local = await existing(accounts, name);
        await accounts.remove(local);
        return `removed ${local}`;
      }),
    );
  withAccountsFlag(passwd.command("list"))
    .description("list the accounts")
    .action((flags: PasswdFlags) => {
      if (!existsSync(flags.accounts)) throw new UsageError(`there is no file ${flags.accounts}`);
      return withAccounts(flags, async (accounts) => (await accounts.names()).join("\n"));
    });
}

function withAccountsFlag(command: Command): Command {
  return command.addOption(new Option("--accounts <file>", "file of the accounts").makeOptionMandatory());
}

function withPassword(command: Command): Command {
  return withAccountsFlag(command).option("--password-file <file>", "file with the password; - reads standard input");
}

async function withAccounts(flags: PasswdFlags, run: (accounts: AccountFile) => Promise<string>): Promise<void> {
  const { yamlFormat } = await import("../../config/index.js");
  const accounts = await openAccountFile({ path: flags.accounts, format: yamlFormat });
  try {
    const said = await run(accounts);
    if (said !== "") process.stdout.write(`${printable(said, "lines")}\n`);
  } finally {
    accounts.close();
  }
}

/** Accounts are localparts; `name@domain` is a likely slip. */
function localpart(name: string): string {
  const local = name.includes("@") ? undefined : accountName(name, "localhost");
  if (local !== undefined) return local;
  throw new UsageError(`${JSON.stringify(name)} is no account name: the part of the address before the @ expected`);
}

async function existing(accounts: AccountFile, name: string): Promise<string> {
  const local = localpart(name);
  if ((await accounts.names()).includes(local)) return local;
  throw new UsageError(`there is no account ${local}; see passwd list`);
}

async function readPassword(local: string, { passwordFile }: PasswdFlags): Promise<string> {
  const password = (await passwordText(local, passwordFile)).replace(/\r?\n$/, "");
  if (password === "") throw new UsageError("the password is empty");
  return password;
}

async function passwordText(local: string, passwordFile: string | undefined): Promise<string> {
  if (passwordFile === "-") return text(process.stdin);
  if (passwordFile !== undefined) return readText(passwordFile, "the password file");
  if (!process.stdin.isTTY) throw new UsageError("no password: give --password-file FILE, or - for standard input");
  const password = await askSecret(`password for ${local}: `);
  if ((await askSecret("once more: ")) !== password) throw new UsageError("the two passwords differ");
  return password;
}
