// jabber-rpc offline: the messages that wait for an account, read before its server sends them (XEP-0013; XEP-0313).

import type { Command } from "commander";
import type { OfflineHeader, OfflineMessage, OfflineMessages } from "../../ports/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { printable, table } from "../printable.js";

interface OfflineFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** Adds `offline` with its subcommands to the program. */
export function addOfflineCommand(program: Command): void {
  const offline = program
    .command("offline")
    .description("read the messages that wait for the account, and remove them; the server sends none by itself");
  const add = (
    words: string,
    what: string,
    act: (messages: OfflineMessages, ids: string[]) => Promise<Shown>,
  ): void => {
    const command = withConnectionFlags(offline.command(words)).description(what).option("--json", "print JSON");
    command.action(async (...given: unknown[]) => {
      // commander gives the arguments, then the flags, then the command.
      const flags = command.opts<OfflineFlags>();
      const ids = given.slice(0, -2).flat().map(String);
      const shown = await withRequester(flags, ({ offline: messages }) => act(messages, ids), { presence: false });
      const text = flags.json === true ? JSON.stringify(shown.json) : shown.text;
      if (text !== "") process.stdout.write(`${text}\n`);
    });
  };
  add("count", "how many messages wait", async (messages) => {
    const count = await messages.count();
    return { json: count, text: String(count) };
  });
  add("list", "the id and the sender of each message", async (messages) => {
    const headers = await messages.list();
    return { json: headers, text: table(headers.map(rowOf)) };
  });
  add("show <id>", "one message; it is not removed", async (messages, [id = ""]) => {
    const message = await messages.show(id);
    return { json: message, text: textOfMessage(message) };
  });
  add("fetch", "all messages; none is removed", async (messages) => {
    const all = await messages.fetch();
    return { json: all, text: all.map(textOfMessage).join("\n\n") };
  });
  add("remove <id...>", "remove messages", async (messages, ids) => {
    await messages.remove(ids);
    return { json: null, text: "" };
  });
  add("purge", "remove all messages", async (messages) => {
    await messages.purge();
    return { json: null, text: "" };
  });
  for (const command of offline.commands) command.copyInheritedSettings(program);
}

interface Shown {
  readonly json: unknown;
  readonly text: string;
}

function rowOf({ id, from, stamp }: OfflineHeader): string[] {
  return [id, from, stamp?.toISOString() ?? ""];
}

/** A message as a letter; without a text, the stanza tells what it is. */
function textOfMessage({ id, from, stamp, subject, body, xml }: OfflineMessage): string {
  const head = Object.entries({ Id: id, From: from, Date: stamp?.toISOString(), Subject: subject });
  const lines = head.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${printable(value)}`]));
  return [...lines, "", printable(body ?? xml, "lines")].join("\n");
}
