// Runs one ad-hoc command to its end: form after form, each answered from flags or by a person.

import type { Requester } from "../requester.js";
import type { CommandReply } from "../xeps/index.js";
import { EXIT, UsageError } from "./exit.js";
import { checkFlags, type FieldFlags, fieldNames, submissionOf } from "./form-answers.js";
import { askStage, type StageDecision } from "./form-prompts.js";
import { jsonOfReply, textOfResult } from "./form-text.js";
import { printable } from "./printable.js";
import { Interrupted, type Terminal } from "./terminal.js";

/** No command has a reason to ask for more forms than these. */
const MAX_STAGES = 100;

/** How a command is run. */
export interface CommandRun {
  readonly requester: Pick<Requester, "command">;
  readonly jid: string;
  readonly node: string;
  readonly timeoutMs: number;
  /** Decides every stage. */
  decide(reply: CommandReply): StageDecision | Promise<StageDecision>;
}

/** Takes a command to its end. A command that is left in the middle is canceled, so that it does not wait for us. */
export async function runToEnd({ requester, jid, node, timeoutMs, decide }: CommandRun): Promise<CommandReply> {
  let reply = await requester.command(jid, node, {}, { timeoutMs });
  for (let stage = 0; reply.status === "executing"; stage += 1) {
    let decision: StageDecision;
    try {
      if (stage === MAX_STAGES) throw new UsageError(`${jid} asked for more than ${MAX_STAGES} forms`);
      decision = await decide(reply);
    } catch (error) {
      const { sessionId } = reply;
      await requester.command(jid, node, { action: "cancel", sessionId }, { timeoutMs }).catch(() => undefined);
      throw error;
    }
    reply = await requester.command(jid, node, { ...decision, sessionId: reply.sessionId }, { timeoutMs });
  }
  return reply;
}

/** Answers every stage from flags, with the action that the responder suggests. Throws {@link UsageError}. */
export function decideByFlags(flags: FieldFlags): CommandRun["decide"] {
  const unused = new Set(flags.keys());
  let wasRefused = false;
  return ({ form = { type: "form", fields: [] }, actions, notes }) => {
    // The same form again with what is wrong with it: nobody is here to answer better.
    wasRefused = notes.some((note) => note.type === "error");
    if (wasRefused) throw new UsageError(notes.map((note) => note.text).join("\n"));
    const names = new Set(form.fields.map((field) => field.var));
    const here = new Map([...flags].filter(([name]) => names.has(name)));
    for (const name of here.keys()) unused.delete(name);
    const action = actions?.execute ?? "complete";
    const [surplus] = unused;
    if (surplus !== undefined && action === "complete")
      throw new UsageError(`there is no field ${surplus}; the form has ${fieldNames(form) || "none"}`);
    checkFlags(form, here);
    return { action, form: submissionOf(form, here) };
  };
}

/** Asks a person. */
export function decideByAsking(terminal: Terminal): CommandRun["decide"] {
  return async (reply) => {
    showNotes(reply, (line) => terminal.say(line));
    return askStage(terminal, reply);
  };
}

/** Prints how a command ended, and gives its exit code: an error note is a failure, whatever the status says. */
export function showEnd(reply: CommandReply, { json = false }: { readonly json?: boolean | undefined }): number {
  const isFailed = reply.status === "canceled" || reply.notes.some((note) => note.type === "error");
  if (json) process.stdout.write(`${printable(JSON.stringify(jsonOfReply(reply)))}\n`);
  else {
    showNotes(reply, (line) => process.stderr.write(`${line}\n`));
    const text = reply.form === undefined ? "" : textOfResult(reply.form);
    if (text !== "") process.stdout.write(`${text}\n`);
    if (reply.status === "canceled") process.stderr.write("canceled\n");
  }
  return isFailed ? EXIT.fault : EXIT.ok;
}

/** True for Ctrl-C and Ctrl-D at a question. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof Interrupted;
}

function showNotes({ notes }: CommandReply, say: (line: string) => void): void {
  for (const { type, text } of notes) say(`${type === "info" ? "" : `${type}: `}${printable(text, "lines")}`);
}
