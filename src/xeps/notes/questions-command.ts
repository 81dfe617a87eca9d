// The command "Open questions": whoever was asked something has it, and sees in it only what he was asked (XEP-0050).

import type { Jid } from "../../jid.js";
import type { BuiltinCommand, Script, Stage } from "../commands/index.js";
import { type Form, readSubmission } from "../data-forms/index.js";
import type { LiveQuestion } from "./live-question.js";
import type { Questions } from "./questions.js";

/** Under `system.`, which no method can be. */
const QUESTIONS_NODE = "system.questions";

const CHOOSE = "choose";
const ANSWER = "answer:";

/** Makes the command of these questions. */
export function createQuestionsCommand(
  questions: Pick<Questions, "openTo" | "hasAsked" | "answerByCommand">,
): BuiltinCommand {
  return {
    node: QUESTIONS_NODE,
    name: "Open questions",
    isFor: (requester) => questions.openTo(requester).length > 0,
    // Who fills in a form when the question has just ended is told that, and not that he may not.
    mayRun: (requester) => questions.hasAsked(requester),
    script: (requester) => scriptFor(requester, questions),
  };
}

function scriptFor(requester: Jid, questions: Pick<Questions, "openTo" | "answerByCommand">): Script {
  const open = questions.openTo(requester);
  const [only] = open;
  return {
    node: QUESTIONS_NODE,
    stageAfter: (answered) => {
      const last = answered.at(-1);
      if (only === undefined) return undefined;
      if (last === undefined) return open.length > 1 ? chooseStage(open) : answerStage(only);
      if (last.key !== CHOOSE) return undefined;
      const chosen = open.find(({ id }) => id === last.value);
      return chosen === undefined ? undefined : answerStage(chosen);
    },
    run: async (answered) => {
      const last = answered.at(-1);
      if (last === undefined || !last.key.startsWith(ANSWER))
        return { notes: [{ type: "error", text: "There is no open question." }] };
      // The stage reads into exactly this.
      return questions.answerByCommand(last.key.slice(ANSWER.length), last.value as Form, requester);
    },
  };
}

function chooseStage(open: readonly LiveQuestion[]): Stage {
  const options = open.map(({ id, code, compiled }) => ({ value: id, label: `${code}: ${compiled.title}` }));
  const form: Form = {
    type: "form",
    title: "Open questions",
    fields: [
      {
        type: "list-single",
        var: "question",
        label: "Question",
        isRequired: true,
        values: options.slice(0, 1).map(({ value }) => value),
        options,
      },
    ],
  };
  return {
    key: CHOOSE,
    form,
    hasNext: true,
    canComplete: false,
    read: (submitted) => {
      const { values, problems } = readSubmission(form, submitted);
      if (problems.length > 0) return { kind: "problems", problems };
      return { kind: "value", value: values.get("question")?.[0] };
    },
  };
}

function answerStage({ id, form, compiled }: LiveQuestion): Stage {
  return {
    key: `${ANSWER}${id}`,
    form,
    hasNext: false,
    canComplete: true,
    read: (submitted) => {
      const reading = compiled.read(submitted);
      return reading.kind === "problems" ? reading : { kind: "value", value: submitted };
    },
  };
}
