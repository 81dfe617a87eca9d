// jabber-rpc notify: a note to a person, by this program itself or by a gateway.

import { type Command, Option } from "commander";
import type { NotifyOptions, Urgency, When } from "../../ports/index.js";
import { checkPerson, NOTE_LIMIT_TABLE, readNote } from "../../xeps/index.js";
import { type ConnectionFlags, withConnectionFlags, withGateway, withRequester } from "../connection.js";
import { expiresOption } from "../duration.js";
import { EXIT } from "../exit.js";
import { printable } from "../printable.js";
import { resolveTarget } from "../target.js";

interface NotifyFlags extends ConnectionFlags {
  readonly subject?: string;
  readonly link?: string;
  readonly urgency?: Urgency;
  readonly when?: When;
  readonly expires: number;
  readonly via?: string;
}

/** Adds `notify` to the program. */
export function addNotifyCommand(program: Command): void {
  withConnectionFlags(program.command("notify <person> <text>"))
    .description("send a note to a person's chat client")
    .option("--subject <text>", "subject of the note")
    .option("--link <url>", "address to open, shown with the note")
    .addOption(new Option("--urgency <urgency>", "how much it wants to be seen").choices(["low", "normal", "high"]))
    .addOption(whenOption())
    .addOption(expiresOption())
    .addOption(viaOption("notes.notify"))
    .addHelpText(
      "after",
      "\nExit codes: 0 sent, 1 usage, 2 fault of the gateway, 3 refused by the server, 4 not sent in time or no connection.",
    )
    .action(async (person: string, text: string, flags: NotifyFlags) => {
      // Said before anything is connected.
      checkPerson(person);
      readNote({ body: text, subject: flags.subject, link: flags.link }, NOTE_LIMIT_TABLE.noteChars.default);
      process.exitCode =
        flags.via === undefined ? await direct(person, text, flags) : await byGateway(person, text, flags, flags.via);
    });
}

/** `--when`, of notify and ask. */
export function whenOption(): Option {
  return new Option("--when <when>", "at once, or when the person is seen online").choices(["now", "online"]);
}

/** `--via`, of notify and ask. */
export function viaOption(method: string): Option {
  return new Option("--via <gateway>", `have a gateway do it, by its method ${method}`);
}

async function direct(person: string, text: string, flags: NotifyFlags): Promise<number> {
  const { subject, link, urgency, when, expires: expiresInMs } = flags;
  return withGateway(flags, async ({ notes }) => {
    const { sent, record } = await notes.notify(person, { body: text, subject, link, urgency }, { when, expiresInMs });
    const first = await sent;
    // The server of the person answers at once if there is nobody: what was sent is looked at once more.
    const { state, error = "" } = notes.noteOf(record.id) ?? first;
    process.stdout.write(`${printable([state, error].filter((part) => part !== "").join(": "))}\n`);
    return state === "failed" ? EXIT.stanzaError : state === "expired" ? EXIT.noAnswer : EXIT.ok;
  });
}

async function byGateway(person: string, text: string, flags: NotifyFlags, gateway: string): Promise<number> {
  const { subject, link, urgency, when } = flags;
  const options: NotifyOptions & { subject?: string | undefined } = given({
    subject,
    link,
    urgency,
    when,
    expiresInMs: flags.expires,
  });
  return withRequester(flags, async (requester) => {
    const target = await resolveTarget(requester, gateway);
    const result = await requester.call(target, "notes.notify", [person, text, options]);
    process.stdout.write(`${printable(memberOf(result, "status"))}\n`);
    return EXIT.ok;
  });
}

/** The members that are given. */
export function given<T extends object>(members: T): T {
  // Leaving out what is undefined changes no type: every member may be absent.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** A text in what a gateway answered; empty when it is not there. */
export function memberOf(result: unknown, name: string): string {
  const value: unknown = typeof result === "object" && result !== null ? Reflect.get(result, name) : undefined;
  return typeof value === "string" ? value : "";
}
