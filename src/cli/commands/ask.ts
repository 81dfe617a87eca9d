// jabber-rpc ask: a question to a person; the answer on standard output, and the choice as the exit code.

import type { Command } from "commander";
import { messageOf } from "../../message-of.js";
import type { AskOptions, DescribedQuestion, When } from "../../ports/index.js";
import { checkPerson, NOTE_LIMIT_TABLE, readQuestion } from "../../xeps/index.js";
import { type ConnectionFlags, withConnectionFlags, withGateway, withRequester } from "../connection.js";
import { deadlineOption } from "../duration.js";
import { EXIT, UsageError } from "../exit.js";
import { printable } from "../printable.js";
import { readText } from "../read-text.js";
import { resolveTarget } from "../target.js";
import { given, memberOf, viaOption, whenOption } from "./notify.js";

interface AskFlags extends ConnectionFlags {
  readonly choices?: readonly string[];
  readonly form?: string;
  readonly deadline: number;
  readonly subject?: string;
  readonly when?: When;
  readonly via?: string;
}

/** What a question came to: the value is undefined when nobody answered. */
interface Asked {
  readonly status: string;
  readonly value: unknown;
}

/** A gateway answers a little after the deadline. */
const GRACE_MS = 10_000;

/** Adds `ask` to the program. */
export function addAskCommand(program: Command): void {
  withConnectionFlags(program.command("ask <person> <text>"))
    .description("ask a person a question and wait for the answer")
    .option("--choices <list>", "answers to choose from, divided by commas: yes,no", readChoices)
    .option("--form <file>", "form to fill in, as YAML or JSON (see below)")
    .addOption(deadlineOption())
    .option("--subject <text>", "subject of the message")
    .addOption(whenOption())
    .addOption(viaOption("notes.ask"))
    .addHelpText("after", HELP)
    .action(async (person: string, text: string, flags: AskFlags) => {
      if (flags.choices !== undefined && flags.form !== undefined)
        throw new UsageError("--choices or --form expected, got both");
      const form = flags.form === undefined ? undefined : await readForm(flags.form);
      // Said before anything is connected.
      checkPerson(person);
      readQuestion(questionOf(text, form, flags), NOTE_LIMIT_TABLE.noteChars.default);
      const asked = flags.via === undefined ? askDirectly : askByGateway(flags.via);
      const { status, value } = await asked(person, text, form, flags);
      if (value === undefined) process.stderr.write(`no answer: the question is ${printable(status)}\n`);
      else process.stdout.write(`${textOf(value)}\n`);
      process.exitCode = exitCodeOf(value, flags.choices);
    });
}

const HELP = `
The answer is printed: the chosen text, the text that was written, or JSON for a form.

A form file lists its fields, each with a name; type, label, help, required, choices, value, min and max may follow:

  fields:
    - {name: approve, type: boolean}
    - {name: amount, type: integer, min: 1, max: 100}
    - {name: colour, choices: [red, yellow]}
    - {name: reason, type: lines, required: false}

Types: text (the default), lines, secret, boolean, integer, number, date, datetime, choice, choices, jid.

Exit codes: 0 the first choice, 11 the second, 12 the third and so on; 0 any other answer; 1 usage, 2 fault of the
gateway, 3 stanza error, 4 no answer in time or no connection, 130 interrupted. So a script can say:

  jabber-rpc ask admin@example.org "Deploy?" --choices yes,no && ./deploy.sh`;

type Ask = (person: string, text: string, form: unknown, flags: AskFlags) => Promise<Asked>;

const askDirectly: Ask = (person, text, form, flags) => {
  const { deadline: deadlineMs, when } = flags;
  return withGateway(flags, async ({ notes }) => {
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    process.once("SIGINT", interrupt);
    try {
      const options: AskOptions = { deadlineMs, when, signal: interrupted.signal, returned: tellReturned(person) };
      const answer = await notes.ask(person, questionOf(text, form, flags), options);
      return { status: answer.status, value: answer.status === "answered" ? answer.value : undefined };
    } finally {
      process.off("SIGINT", interrupt);
      if (interrupted.signal.aborted) process.exitCode = EXIT.interrupted;
    }
  });
};

function askByGateway(gateway: string): Ask {
  return (person, text, form, flags) => {
    const { choices, deadline: deadlineMs, subject, when } = flags;
    return withRequester(flags, async (requester) => {
      const target = await resolveTarget(requester, gateway);
      const options = given({ subject, choices, form, deadlineMs, when });
      const timeoutMs = Math.min(deadlineMs + GRACE_MS, 0x7fffffff);
      const result = await requester.call(target, "notes.ask", [person, text, options], { timeoutMs });
      const status = memberOf(result, "status");
      const isAnswered = status === "answered" && typeof result === "object" && result !== null;
      return { status, value: isAnswered ? (Reflect.get(result, "answer") ?? null) : undefined };
    });
  };
}

function tellReturned(person: string): (reason: string) => void {
  return (reason) =>
    process.stderr.write(`${printable(`${person} was not reached: ${reason}; asking again once he comes`)}\n`);
}

function questionOf(text: string, form: unknown, { choices, subject }: AskFlags): DescribedQuestion {
  // The reader of questions looks at every member itself, and tells what is wrong with it.
  return { text, subject, choices, form } as DescribedQuestion;
}

function readChoices(text: string): readonly string[] {
  return text.split(",").map((one) => one.trim());
}

/** YAML, of which JSON is a part. */
async function readForm(file: string): Promise<unknown> {
  try {
    const { yamlFormat } = await import("../../config/index.js");
    return yamlFormat.parse(readText(file, "the form file"));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: ${messageOf(error)}`);
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? printable(value, "lines") : printable(JSON.stringify(value));
}

function exitCodeOf(value: unknown, choices: readonly string[] = []): number {
  if (value === undefined) return process.exitCode === EXIT.interrupted ? EXIT.interrupted : EXIT.noAnswer;
  const place = typeof value === "string" ? choices.indexOf(value) : -1;
  return place > 0 ? EXIT.choice + place : EXIT.ok;
}
