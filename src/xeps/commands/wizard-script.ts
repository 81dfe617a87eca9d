// A wizard as a command: one stage for each step, the next one chosen by the values so far.

import type { Dispatcher, WizardSpec, WizardStepSpec } from "../../rpc/index.js";
import { exactArguments } from "../../rpc/index.js";
import { compileReader, type ExactValue, type Shape, setOwn } from "../../values/index.js";
import { askFor } from "./fields.js";
import { labelOf } from "./labels.js";
import { endOf } from "./method-script.js";
import type { Answered, Script, Stage } from "./script.js";

/** The command of a wizard. */
export function wizardScript(spec: WizardSpec, dispatcher: Dispatcher): Script {
  const { steps } = spec;
  const stages = steps.map((_, index) => stageOf(spec, index));
  const readers = new Map(steps.map(({ name, fields }) => [name, compileReader(structOf(fields))]));

  /** The place of the step after these. */
  const placeAfter = (answered: readonly Answered[]): number | undefined => {
    const last = answered.at(-1);
    if (last === undefined) return 0;
    const place = steps.findIndex((step) => step.name === last.key);
    const next = steps[place]?.next;
    if (next === undefined) return place + 1;
    const name = next(naturalValues(answered));
    if (name === undefined) return undefined;
    const found = steps.findIndex((step) => step.name === name);
    // Only forwards: so every wizard ends.
    if (found > place) return found;
    throw new Error(`${spec.name}: next of ${last.key} gave ${JSON.stringify(name)}, which is no later step`);
  };

  const naturalValues = (answered: readonly Answered[]): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const { key, value } of answered) setOwn(values, key, readers.get(key)?.(exactOfAnswer(value)));
    return values;
  };

  return {
    node: spec.name,
    stageAfter: (answered) => {
      const place = placeAfter(answered);
      return place === undefined ? undefined : stages[place];
    },
    run: (answered, requester) => {
      const value: Record<string, ExactValue> = {};
      for (const { key, value: answer } of answered) setOwn(value, key, exactOfAnswer(answer));
      const outcome = dispatcher.dispatch({
        method: spec.name,
        isWizard: true,
        args: exactArguments([{ type: "struct", value }]),
        requester: { jid: requester },
        via: "command",
      });
      return outcome instanceof Promise ? outcome.then(endOf) : endOf(outcome);
    },
  };
}

function stageOf(spec: WizardSpec, index: number): Stage {
  const { steps } = spec;
  const step = steps[index];
  if (step === undefined) throw new RangeError(`no step ${index}`);
  const { form, read } = formOf(step, index === 0 ? spec.doc : undefined);
  const later = steps.slice(index + 1);
  const isLast = step.next === undefined && later.length === 0;
  // Where steps branch nobody knows yet which of them are left.
  const isLinear = [step, ...later].every(({ next }) => next === undefined);
  const nothing = { type: "submit", fields: [] } as const;
  return {
    key: step.name,
    form,
    hasNext: !isLast,
    canComplete: isLinear && later.every((one) => formOf(one, undefined).read(nothing).kind === "value"),
    read,
  };
}

/** The form of a step; what it reads is the step's struct. The first one says what the wizard does unless it has its own words. */
function formOf(
  { name, title, doc, fields }: WizardStepSpec,
  docOfWizard: string | undefined,
): Pick<Stage, "form" | "read"> {
  const names = Object.keys(fields);
  const asked = Object.entries(fields).map(([field, shape]) => ({ name: field, shape }));
  const instructions = (doc ?? docOfWizard ?? "").split("\n").filter((line) => line !== "");
  const { form, read } = askFor(title ?? labelOf(name), instructions, asked);
  return {
    form,
    read: (submitted) => {
      const answer = read(submitted);
      if (answer.kind === "problems") return answer;
      const value: Record<string, ExactValue> = {};
      for (const [index, member] of answer.value.entries()) {
        if (member !== undefined) setOwn(value, names[index] ?? "", member);
      }
      return { kind: "value", value: { type: "struct", value } satisfies ExactValue };
    },
  };
}

function exactOfAnswer(value: unknown): ExactValue {
  // Every stage of this script reads into a struct.
  return value as ExactValue;
}

function structOf(members: Readonly<Record<string, Shape>>): Shape {
  return { kind: "struct", members };
}
