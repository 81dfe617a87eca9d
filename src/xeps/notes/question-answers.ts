// Answers to questions: by chat, by form or by command. The first valid one wins, and only the person's own (XEP-0004; XEP-0050;
// docs/notes.md).

import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import type { Refusal } from "../../ports/index.js";
import type { Clock, Link } from "../../xmpp/index.js";
import type { CommandEnd } from "../commands/index.js";
import type { FieldProblem, Form } from "../data-forms/index.js";
import { readChatAnswer } from "./chat-answer.js";
import type { IncomingMessage } from "./incoming.js";
import type { NoteLimits } from "./limits.js";
import type { Live } from "./live-question.js";
import { pickQuestion } from "./pick-question.js";
import type { Reading } from "./question.js";
import type { QuestionShelf } from "./question-shelf.js";
import type { QuestionEnd } from "./question-store.js";
import { encryptedText, failedText, overText, severalText, thanksText, wrongAnswerText } from "./question-texts.js";
import { type QuestionMessage, writeQuestionMessage, writeReceipt } from "./write-message.js";

/** What answers stand on. */
export interface AnswersOptions {
  readonly link: Pick<Link, "mode" | "jid" | "send">;
  readonly shelf: QuestionShelf;
  readonly clock: Pick<Clock, "now">;
  readonly limits: NoteLimits;
  readonly log: Logger;
  newId(): string;
  /** True for a domain whose addresses stand for whoever takes a nick. */
  isRoomService(domain: string): boolean;
  /** Ends a question; true if this end is the one that counts. */
  finish(live: Live, end: QuestionEnd, natural: unknown): Promise<boolean>;
  /** Does something with a question when what was begun before is done. Never rejects. */
  inTurn<T>(live: Live, act: () => Promise<T>): Promise<T | undefined>;
}

/** Takes answers. */
export interface Answers {
  /** True if the message was an answer, or meant as one. */
  take(incoming: IncomingMessage): boolean;
  byCommand(id: string, submitted: Form, by: Jid): Promise<CommandEnd>;
}

/** How an answer came out. */
interface Verdict {
  readonly isTaken: boolean;
  readonly text: string;
  readonly problems: readonly FieldProblem[];
}

/** Makes what takes answers. */
export function createAnswers(options: AnswersOptions): Answers {
  const { link, shelf, clock, limits, log, finish, inTurn } = options;

  /** Holds an answer against the question and, where it is one, against the asker's own rules. */
  const judge = async (live: Live, submitted: Form, by: Jid, stanzaId: string): Promise<Verdict> => {
    if (!live.isOpen) return { isTaken: false, text: overText(live.stored), problems: [] };
    const reading = live.compiled.read(submitted);
    const problems = reading.kind === "problems" ? reading.problems : await refusalOf(live, reading);
    if (problems.length > 0) {
      live.submitted = submitted.fields;
      live.problems = problems;
      return { isTaken: false, text: wrongAnswerText(live, problems), problems };
    }
    if (reading.kind === "problems") return { isTaken: false, text: failedText(live.code), problems: [] };
    const end: QuestionEnd = {
      state: "answered",
      answer: reading.json,
      answeredBy: by.full,
      answeredAt: clock.now(),
      stanzaId,
    };
    const isTaken = await finish(live, end, reading.natural);
    return { isTaken, text: isTaken ? thanksText(live, submitted) : overText(live.stored), problems: [] };
  };

  const refusalOf = async ({ owner }: Live, reading: Extract<Reading, { kind: "answer" }>): Promise<FieldProblem[]> => {
    // The compiler has seen that the check takes what the question's answer is.
    const checked = owner.check as
      | ((answer: unknown) => Refusal | undefined | Promise<Refusal | undefined>)
      | undefined;
    return problemsOf(await checked?.(reading.natural));
  };

  const answerByMessage = async (live: Live, incoming: IncomingMessage, content: string | Form): Promise<void> => {
    const isForm = typeof content !== "string";
    if (isForm && content.type === "cancel") return;
    const read = isForm ? undefined : readChatAnswer(live.compiled.fields, content);
    const stanzaId = incoming.id ?? options.newId();
    const verdict = await inTurn(live, async (): Promise<Verdict> => {
      if (read?.kind === "problems" && live.isOpen)
        return { isTaken: false, text: wrongAnswerText(live, read.problems), problems: read.problems };
      const submitted: Form = isForm ? content : read?.kind === "submit" ? read.form : { type: "submit", fields: [] };
      return judge(live, submitted, incoming.from, stanzaId);
    });
    const { isTaken, text, problems } = verdict ?? { isTaken: false, text: failedText(live.code), problems: [] };
    if (!isTaken) {
      live.wrongAnswers += 1;
      if (live.wrongAnswers > limits.questionWrongAnswers) return;
    }
    say(incoming, { thread: live.id, body: text, ...(isForm && problems.length > 0 ? { form: live.form } : {}) });
  };

  /** Answers the sender, from the address that he wrote to. */
  const say = ({ from, to }: IncomingMessage, message: QuestionMessage): void => {
    const own = link.mode === "client" ? undefined : (to ?? link.jid?.full);
    const stanza = writeQuestionMessage({ id: options.newId(), to: from.full, from: own }, message);
    if (!link.send(stanza)) log.warn("question.reply-lost", { to: from.full });
  };

  const take = (incoming: IncomingMessage): boolean => {
    const { from, content, thread } = incoming;
    // Who asks his own account may be sent the question himself, and must not take it for the answer.
    if (options.isRoomService(from.domain) || from.full === link.jid?.full) return false;
    const questions = shelf.to(from.bare);
    const open = shelf.openTo(from.bare);
    if (content.kind === "encrypted") {
      const [first] = open;
      if (first === undefined) return false;
      first.wrongAnswers += 1;
      if (first.wrongAnswers <= limits.questionWrongAnswers)
        say(incoming, { thread: undefined, body: encryptedText(first.code) });
      return true;
    }
    const picked = pickQuestion(questions, content, thread);
    switch (picked.kind) {
      case "none":
        return false;
      case "several": {
        const [first] = open;
        if (first === undefined) return false;
        first.wrongAnswers += 1;
        if (first.wrongAnswers <= limits.questionWrongAnswers)
          say(incoming, { thread: undefined, body: severalText(open) });
        return true;
      }
      case "late":
        if (!isMeantFor(picked.question, picked.content)) return false;
        picked.question.wasToldLate = true;
        say(incoming, { thread: picked.question.id, body: overText(picked.question.stored) });
        return true;
      case "one":
        acknowledge(incoming);
        void answerByMessage(picked.question, incoming, picked.content);
        return true;
    }
  };

  /** A person whom we asked may know that his answer has arrived; nobody else may (XEP-0184 §5.5). */
  const acknowledge = ({ from, to, id, wantsReceipt }: IncomingMessage): void => {
    if (!wantsReceipt || id === undefined) return;
    const own = link.mode === "client" ? undefined : (to ?? link.jid?.full);
    link.send(writeReceipt({ id: options.newId(), to: from.full, from: own }, id));
  };

  return {
    take,
    byCommand: async (id, submitted, by) => {
      const live = shelf.find(id);
      if (live === undefined || live.stored.asked !== by.bare)
        return { notes: [{ type: "error", text: "There is no such question any more." }] };
      const verdict = await inTurn(live, () => judge(live, submitted, by, options.newId()));
      const { isTaken, text } = verdict ?? { isTaken: false, text: failedText(live.code) };
      return { notes: [{ type: isTaken ? "info" : "error", text }] };
    },
  };
}

/** A bare reply to a question that is over: only once, and only if it would have been an answer. */
function isMeantFor({ compiled, wasToldLate }: Live, text: string): boolean {
  if (wasToldLate) return false;
  const read = readChatAnswer(compiled.fields, text);
  return read.kind === "submit" && compiled.read(read.form).kind === "answer";
}

/** What a refusal says is wrong, by field. */
export function problemsOf(refusal: Refusal | undefined): FieldProblem[] {
  if (refusal === undefined) return [];
  if (typeof refusal === "string") return [{ var: "", text: refusal }];
  return Object.entries(refusal).map(([name, text]) => ({ var: name, text: `${name}: ${text}` }));
}
