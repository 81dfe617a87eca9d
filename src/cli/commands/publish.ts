// jabber-rpc publish: one item to a topic (XEP-0060 §7.1).

import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { entryOfPlain } from "../../ports/index.js";
import type { ItemPayload } from "../../rpc/index.js";
import { type ConnectionFlags, withConnectionFlags, withRequester } from "../connection.js";
import { UsageError } from "../exit.js";
import { checkGiven } from "../given.js";
import { printable } from "../printable.js";

interface PublishFlags extends ConnectionFlags {
  readonly title?: string;
  readonly text?: string;
  readonly link?: string;
  readonly json?: string;
  readonly xml?: string;
  readonly item?: string;
}

/** Adds `publish` to the program. */
export function addPublishCommand(program: Command): void {
  withConnectionFlags(program.command("publish <service> <node>"))
    .description("publish an item and print its id: --title, with --text and --link, or --json, or --xml")
    .option("--title <text>", "publish an entry of that title")
    .option("--text <text>", "what the entry says")
    .option("--link <url>", "where the entry leads")
    .option("--json <json>", "publish a JSON value")
    .option("--xml <element>", "publish one element of any namespace")
    .option("--item <id>", "id of the item; one of the same id is replaced")
    .action(async (service: string, node: string, flags: PublishFlags) => {
      checkGiven("node", node);
      checkGiven("--title", flags.title);
      checkGiven("--item", flags.item);
      const payload = payloadOf(flags);
      await withRequester(flags, async (requester) => {
        const options = flags.item === undefined ? {} : { itemId: flags.item };
        process.stdout.write(`${printable(await requester.pubsub.publish(service, node, payload, options))}\n`);
      });
    });
}

function payloadOf({ title, text, link, json, xml }: PublishFlags): ItemPayload {
  if ([title, json, xml].filter((given) => given !== undefined).length !== 1)
    throw new UsageError("one of --title, --json and --xml expected");
  if (xml !== undefined) return { xml };
  if (json !== undefined) return { json: parseJson(json) };
  const made = { id: `urn:uuid:${randomUUID()}`, now: new Date() };
  return { atom: entryOfPlain({ title: title ?? "", text, link }, made) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--json: ${error instanceof Error ? error.message : "JSON expected"}`);
  }
}
