// A form asked field by field on the terminal: labels, required marks, defaults in brackets, options by number; a wrong
// answer is asked for again.

import {
  type CommandReply,
  datatypeHint,
  type Field,
  type Form,
  isList,
  isOpen,
  type OfferedAction,
  typeOf,
} from "../xeps/index.js";
import { type FieldFlags, problemsOf, submissionOf } from "./form-answers.js";
import { labelOfField } from "./form-text.js";
import { printable } from "./printable.js";
import type { Terminal } from "./terminal.js";

/** What a person decided to do with a stage of a command. */
export interface StageDecision {
  readonly action: OfferedAction | "cancel";
  /** Absent with cancel, and with prev. */
  readonly form?: Form;
}

/** Typed instead of an answer. */
const BACK = ":prev";
const CANCEL = ":cancel";

/** A stage was left without an answer. */
class Left extends Error {
  readonly action: "prev" | "cancel";

  constructor(action: "prev" | "cancel") {
    super(action);
    this.action = action;
  }
}

/** Shows a stage, asks for its fields, and for what to do where there is a choice. Rejects with `Interrupted`. */
export async function askStage(terminal: Terminal, reply: CommandReply): Promise<StageDecision> {
  const { form = { type: "form", fields: [] }, actions = { offered: ["complete"], execute: "complete" } } = reply;
  // Some responders repeat their notes as instructions, for clients that show no notes.
  const notes = new Set(reply.notes.map((note) => note.text));
  const instructions = (form.instructions ?? []).filter((line) => !notes.has(line));
  showHead(terminal, { ...form, instructions }, actions.offered);
  try {
    const given = await askFields(terminal, form, actions.offered.includes("prev"));
    const action = await askAction(terminal, actions);
    return { action, form: submissionOf(form, given) };
  } catch (error) {
    if (error instanceof Left) return { action: error.action };
    throw error;
  }
}

function showHead(
  terminal: Terminal,
  { title, instructions = [], fields }: Form,
  offered: readonly OfferedAction[],
): void {
  terminal.say(title === undefined ? "" : `\n${printable(title)}`);
  for (const line of instructions) terminal.say(`  ${printable(line)}`);
  const hints = [
    ...(fields.some((field) => field.isRequired === true) ? ["* must be filled in"] : []),
    ...(offered.includes("prev") ? [`${BACK} goes back`] : []),
    `${CANCEL} ends`,
  ];
  terminal.say(`  (${hints.join("; ")})\n`);
}

async function askFields(terminal: Terminal, form: Form, canGoBack: boolean): Promise<FieldFlags> {
  const given = new Map<string, readonly string[]>();
  for (const field of form.fields) {
    const type = typeOf(field);
    if (type === "fixed") for (const value of field.values) terminal.say(printable(value, "lines"));
    if (field.var === undefined || type === "fixed" || type === "hidden") continue;
    await askUntilRight(terminal, form, { ...field, var: field.var }, given, canGoBack);
  }
  return given;
}

async function askUntilRight(
  terminal: Terminal,
  form: Form,
  field: Field & { readonly var: string },
  given: Map<string, readonly string[]>,
  canGoBack: boolean,
): Promise<void> {
  for (;;) {
    const values = await askField(terminal, field, canGoBack);
    if (values === undefined) given.delete(field.var);
    else given.set(field.var, values);
    const problem = problemsOf(form, given).find(({ var: name }) => name === field.var);
    if (problem === undefined) return;
    terminal.say(`  ${printable(problem.text)}`);
  }
}

/** The values that were typed; undefined for an empty line, which keeps what the form shows. */
async function askField(terminal: Terminal, field: Field, canGoBack: boolean): Promise<readonly string[] | undefined> {
  const type = typeOf(field);
  const ask = async (question: string): Promise<string> => {
    const line = await terminal.ask(question, { isSecret: type === "text-private" });
    const command = line.trim();
    if (command === CANCEL) throw new Left("cancel");
    if (command === BACK && canGoBack) throw new Left("prev");
    return line;
  };
  switch (type) {
    case "boolean":
      return askBoolean(ask, field);
    case "list-single":
    case "list-multi":
      showOptions(terminal, field);
      return chosen(field, await ask(questionOf(field, type === "list-multi" ? "numbers, with commas" : "number")));
    case "text-multi":
    case "jid-multi":
      return askLines(ask, field);
    case "fixed":
    case "hidden":
    case "jid-single":
    case "text-private":
    case "text-single": {
      const line = await ask(questionOf(field));
      return line === "" ? undefined : [line];
    }
  }
}

/** `* Label (hint) [default]: ` */
function questionOf(field: Field, hint = hintOf(field)): string {
  const mark = field.isRequired === true ? "* " : "  ";
  const shown = isList(typeOf(field)) ? optionNumbers(field) : field.values;
  const isShown = shown.some((value) => value !== "") && typeOf(field) !== "text-private";
  const byDefault = isShown ? ` [${shown.map((value) => printable(value)).join(", ")}]` : "";
  return `${mark}${labelOfField(field)}${hint === "" ? "" : ` (${hint})`}${byDefault}: `;
}

function hintOf({ desc, validation }: Field): string {
  if (desc !== undefined && desc !== "") {
    // A sentence becomes a remark in brackets; words in capitals stay.
    return printable(desc.replace(/\.$/, "").replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()));
  }
  return validation === undefined ? "" : (datatypeHint(validation.datatype) ?? "");
}

async function askBoolean(
  ask: (question: string) => Promise<string>,
  field: Field,
): Promise<readonly string[] | undefined> {
  const isTrue = field.values[0] === "1" || field.values[0] === "true";
  const line = (await ask(`  ${labelOfField(field)} [${isTrue ? "Y/n" : "y/N"}]: `)).trim().toLowerCase();
  if (line === "") return undefined;
  if (line === "y" || line === "yes") return ["true"];
  return [line === "n" || line === "no" ? "false" : line];
}

async function askLines(
  ask: (question: string) => Promise<string>,
  field: Field,
): Promise<readonly string[] | undefined> {
  const hint = hintOf(field);
  const lines: string[] = [];
  let question = questionOf(field, `${hint === "" ? "" : `${hint}; `}an empty line ends`);
  for (;;) {
    const line = await ask(question);
    if (line === "") return lines.length === 0 ? undefined : lines;
    lines.push(line);
    question = "  … ";
  }
}

function showOptions(terminal: Terminal, field: Field): void {
  for (const [index, { label, value }] of (field.options ?? []).entries())
    terminal.say(`    ${index + 1}  ${printable(label ?? value)}`);
}

/** The numbers of the options that the form shows as chosen. */
function optionNumbers({ options = [], values }: Field): string[] {
  return values.flatMap((value) => {
    const at = options.findIndex((option) => option.value === value);
    return at < 0 ? [] : [String(at + 1)];
  });
}

/** Options by number, value or label; other texts are taken as they are, and refused where the list is not open. */
function chosen(field: Field, line: string): readonly string[] | undefined {
  if (line.trim() === "") return undefined;
  const words = typeOf(field) === "list-multi" ? line.split(/[\s,]+/).filter((word) => word !== "") : [line.trim()];
  return words.map((word) => {
    const { options = [] } = field;
    const byText = options.find(({ value, label }) => value === word || label === word);
    const byNumber = /^\d{1,6}$/.test(word) ? options[Number(word) - 1] : undefined;
    return (isOpen(field) ? (byText ?? byNumber) : (byNumber ?? byText))?.value ?? word;
  });
}

/** Where a stage need not be the last one but can be, the person says. */
async function askAction(
  terminal: Terminal,
  { offered, execute }: NonNullable<CommandReply["actions"]>,
): Promise<OfferedAction> {
  if (execute !== "next" || !offered.includes("complete")) return execute;
  for (;;) {
    const word = (await terminal.ask("  next, or complete without the rest [next]: ")).trim();
    if (word === CANCEL) throw new Left("cancel");
    if (word === "" || word === "next") return "next";
    if (word === "complete") return word;
  }
}
