// A method as a command: its parameters are one form, its result another; without parameters it runs at once.

import type { Arguments, Dispatcher, MethodSpec, Outcome, RefusedOutcome } from "../../rpc/index.js";
import { compileReader, type ExactValue, type Shape } from "../../values/index.js";
import { StanzaError } from "../../xmpp/index.js";
import { commandError } from "./command-error.js";
import { type Asked, askFor } from "./fields.js";
import { endOfFault, endOfValue } from "./result-form.js";
import type { CommandEnd, Script, Stage } from "./script.js";

const STAGE = "parameters";

/** The command of a method. */
export function methodScript(spec: MethodSpec, dispatcher: Dispatcher): Script {
  const stage = stageOf(spec);
  return {
    node: spec.name,
    stageAfter: (answered) => (answered.length === 0 ? stage : undefined),
    run: (answered, requester) => {
      // The only stage reads into exactly this.
      const values = (answered[0]?.value ?? []) as readonly (ExactValue | undefined)[];
      const args = argumentsOf(spec, values);
      const outcome = dispatcher.dispatch({ method: spec.name, args, requester: { jid: requester }, via: "command" });
      return outcome instanceof Promise ? outcome.then(endOf) : endOf(outcome);
    },
  };
}

/** How a call ended, as the end of its command. Throws the stanza error of a call that was refused. */
export function endOf(outcome: Outcome): CommandEnd {
  switch (outcome.kind) {
    case "value":
      return endOfValue(outcome);
    case "fault":
      return endOfFault(outcome);
    case "refused":
      throw refusal(outcome);
  }
}

function refusal({ reason, text }: RefusedOutcome): StanzaError {
  switch (reason) {
    case "forbidden":
      return commandError("forbidden", text);
    case "not-found":
      return commandError("item-not-found", text);
    case "overloaded":
      return new StanzaError("resource-constraint", { text });
    case "shutting-down":
      return new StanzaError("recipient-unavailable", { text });
  }
}

/** Undefined when there is nothing to ask. */
function stageOf(spec: MethodSpec): Stage | undefined {
  const asked = spec.params.map(({ name, shape }, index): Asked => ({ name: name ?? `param${index + 1}`, shape }));
  if (spec.rest !== undefined) asked.push({ name: "more", shape: restShape(spec.rest) });
  if (asked.length === 0) return undefined;
  const { form, read } = askFor(
    spec.name,
    (spec.doc ?? "").split("\n").filter((line) => line !== ""),
    asked,
  );
  return { key: STAGE, form, hasNext: false, canComplete: true, read };
}

function restShape(items: Shape): Shape {
  return { kind: "optional", inner: { kind: "array", items } };
}

/** The values as the dispatcher reads them. One that was left out before one that was given is undefined all the same. */
function argumentsOf(spec: MethodSpec, given: readonly (ExactValue | undefined)[]): Arguments {
  const values = given.slice(0, spec.params.length);
  const rest = given[spec.params.length];
  if (rest?.type === "array") values.push(...rest.value);
  while (values.length > 0 && values.at(-1) === undefined) values.pop();
  return {
    count: values.length,
    read: (index, shape, reader = compileReader(shape)) => {
      const value = values[index];
      return value === undefined ? undefined : reader(value);
    },
  };
}
