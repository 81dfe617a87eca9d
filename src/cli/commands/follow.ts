// jabber-rpc follow: the items of a topic as they come, until it is interrupted (XEP-0060 §7.1.2).

import { type Command, InvalidArgumentError, Option } from "commander";
import type { PubSubEvent } from "../../xeps/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { checkGiven } from "../given.js";
import { printable } from "../printable.js";
import { itemJson, itemText } from "../pubsub-text.js";

interface FollowFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly last: number;
}

/** Adds `follow` to the program. */
export function addFollowCommand(program: Command): void {
  withConnectionFlags(program.command("follow <service> <node>"))
    .description("print the items of a topic as they are published, until interrupted")
    .option("--json", "print one JSON object a line")
    .addOption(
      new Option("--last <count>", "items to print that are already there").default(0).argParser((text) => {
        if (/^\d{1,6}$/.test(text)) return Number(text);
        throw new InvalidArgumentError("a number from 0 expected");
      }),
    )
    .action(async (service: string, node: string, flags: FollowFlags) => {
      checkGiven("node", node);
      const print = (line: string): void => void process.stdout.write(`${line}\n`);
      await withRequester(flags, async (requester) => {
        // Refused subscriptions are told at once; later the link and the service may come and go.
        await requester.pubsub.subscribe(service, node);
        const following = requester.followTopic(
          {
            service,
            node,
            history: flags.last,
            updates: true,
            handler: (item) => print(flags.json === true ? itemJson(item) : itemText(item)),
          },
          (event) => eventLines(event, flags.json === true).forEach(print),
        );
        await interrupted();
        await following.stop();
      });
    });
}

/** What is no new item. */
function eventLines(event: PubSubEvent, isJson: boolean): string[] {
  const said = (what: string, id?: string): string =>
    printable(isJson ? JSON.stringify({ event: what, id }) : `(${what}${id === undefined ? "" : ` ${id}`})`);
  switch (event.kind) {
    case "items":
      return event.retracted.map((id) => said("retracted", id));
    case "purge":
      return [said("purged")];
    case "delete":
      return [said("deleted")];
    case "configuration":
    case "subscription":
      return [];
  }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
