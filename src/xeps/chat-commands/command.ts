// A command in chat: a prefix, the name of a method, and its parameters as words. It runs as a call runs.

import type { Jid } from "../../jid.js";
import {
  type Access,
  type Arguments,
  type Dispatcher,
  faultOfRefusal,
  type MethodTable,
  type Outcome,
  typeNameOf,
} from "../../rpc/index.js";
import {
  compileReader,
  exactFromJson,
  isTypedWord,
  jsonOf,
  readWord,
  type Shape,
  ValueError,
} from "../../values/index.js";
import { helpOn, helpText } from "./help.js";
import { splitWords } from "./split-words.js";

/** A command as it was read. */
export interface ChatCommand {
  /** The name of a method, or `help`. */
  readonly name: string;
  /** What stands behind it. */
  readonly rest: string;
}

/** What runs commands. */
export interface CommandRunnerOptions {
  readonly dispatch: Dispatcher["dispatch"];
  readonly table: Pick<MethodTable, "list">;
  readonly access: Pick<Access, "mayCall">;
  readonly prefix: string;
  /** No answer is longer. */
  readonly maxChars: number;
}

/** Whose command it is, and where he gave it. */
export interface CommandGiver {
  /** Whom the access list is asked about. */
  readonly jid: Jid;
  /** What the context and the log call it: `chat` or `room`. */
  readonly via: string;
}

/** A name of a method, and nothing else before the first blank. */
const NAME = /^[A-Za-z0-9_.:/]+(?=\s|$)/;
const DONE = "done";

/** The command in a text; undefined for any other text. */
export function readCommand(text: string, prefix: string): ChatCommand | undefined {
  const line = text.trimStart();
  if (!line.startsWith(prefix)) return undefined;
  const [name] = NAME.exec(line.slice(prefix.length)) ?? [];
  return name === undefined ? undefined : { name, rest: line.slice(prefix.length + name.length).trim() };
}

/** Runs commands and gives their answers as text: a result as JSON, a fault or a refusal as a sentence. Never rejects. */
export function createCommandRunner(options: CommandRunnerOptions) {
  const { dispatch, prefix, maxChars } = options;
  return async ({ name, rest }: ChatCommand, { jid, via }: CommandGiver): Promise<string> => {
    if (name.toLowerCase() === "help") return cut(help(options, jid, rest), maxChars);
    let words: string[];
    try {
      words = splitWords(rest);
    } catch (error) {
      if (!ValueError.is(error)) throw error;
      return `not run: ${error.message}`;
    }
    const outcome = await dispatch({ method: name, args: wordArguments(words), requester: { jid }, via });
    return cut(answerOf(outcome, `${prefix}help`), maxChars);
  };
}

/** What runs commands, made by {@link createCommandRunner}. */
export type CommandRunner = ReturnType<typeof createCommandRunner>;

function help({ table, access, prefix }: CommandRunnerOptions, jid: Jid, name: string): string {
  const allowed = table.list().filter((spec) => access.mayCall(jid, spec.name).allowed);
  if (name === "") return helpText(allowed, prefix);
  const spec = allowed.find((one) => one.name === name);
  return spec === undefined
    ? `there is no method of that name that you may call; ${prefix}help lists them`
    : helpOn(spec, prefix);
}

function wordArguments(words: readonly string[]): Arguments {
  return {
    count: words.length,
    read: (index, shape, reader = compileReader(shape)) => {
      const word = words[index];
      if (word === undefined) throw new RangeError(`no word ${index}`);
      const type = typeNameOf(shape);
      // What is within JSON is read by its shape: a date is text there, and so is a long.
      if ((type === "array" || type === "struct") && !isTypedWord(word))
        return reader(exactFromJson(json(word, type), shape));
      return reader(readWord(word, { type }));
    },
  };
}

function json(word: string, type: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    throw new ValueError(`JSON for ${type} expected`);
  }
}

function answerOf(outcome: Outcome, helpCommand: string): string {
  switch (outcome.kind) {
    case "value":
      return resultText(outcome.value, outcome.returns, outcome.call);
    case "fault":
      return `fault ${outcome.code}: ${outcome.string}`;
    case "refused": {
      const { code, string } = faultOfRefusal(outcome);
      return `refused (${code}): ${string}; ${helpCommand} lists what you may call`;
    }
  }
}

function resultText(
  value: unknown,
  returns: Shape | undefined,
  call: Extract<Outcome, { kind: "value" }>["call"],
): string {
  if (value === undefined) return DONE;
  try {
    return JSON.stringify(jsonOf(value, returns));
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    call.log.error("call.result-unsendable", { problem: error.message });
    return `fault -32603: internal error [call ${call.id}]`;
  }
}

function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const note = `… (${text.length} characters in all; Jabber-RPC gives the whole)`;
  // Never in the middle of a surrogate pair.
  return `${text.slice(0, Math.max(0, maxChars - note.length)).replace(/[\uD800-\uDBFF]$/, "")}${note}`;
}
