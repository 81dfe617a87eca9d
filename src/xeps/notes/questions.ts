// Questions to people: put, answered by form, chat or command, refused and asked again, expired, taken back. The first valid
// answer wins, and only the person's own (XEP-0004; XEP-0050; docs/notes.md).

import { type Jid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import type { Refusal, When } from "../../ports/index.js";
import { ValueError } from "../../values/index.js";
import type { XmlElement } from "../../xml/index.js";
import { type Clock, type Link, LinkError } from "../../xmpp/index.js";
import type { CommandEnd } from "../commands/index.js";
import type { FieldProblem, Form } from "../data-forms/index.js";
import { readChatAnswer } from "./chat-answer.js";
import { newCode } from "./codes.js";
import { type IncomingMessage, readIncoming } from "./incoming.js";
import type { NoteLimits } from "./limits.js";
import { type Live, type LiveQuestion, makeLive, type PutOptions } from "./live-question.js";
import { MAX_DELAY_MS } from "./note-text.js";
import type { Outbound } from "./outbound.js";
import { pickQuestion } from "./pick-question.js";
import { type CompiledQuestion, compileQuestion, type QuestionSpec, type Reading } from "./question.js";
import { type QuestionEnd, type QuestionStore, type StoredQuestion, withEnd } from "./question-store.js";
import {
  encryptedText,
  failedText,
  overText,
  questionText,
  severalText,
  thanksText,
  wrongAnswerText,
} from "./question-texts.js";
import { type QuestionMessage, writeQuestionMessage, writeReceipt } from "./write-message.js";

/** What questions stand on. */
export interface QuestionsOptions {
  readonly link: Pick<Link, "mode" | "jid" | "send">;
  readonly outbound: Outbound;
  readonly store: QuestionStore;
  readonly clock: Clock;
  readonly limits: NoteLimits & { readonly maxSentBytes: number };
  readonly log: Logger;
  newId(): string;
  /** True for a domain whose addresses stand for whoever takes a nick. */
  isRoomService(domain: string): boolean;
  /** Finds out whether the domain of a sender is one; undefined when that is known. */
  look(from: Jid): Promise<void> | undefined;
}

/** The questions of a gateway. */
export interface Questions {
  /** Takes up what is open from the life before. */
  load(): Promise<void>;
  /** Throws ValueError when too many are open, or when its message would be too large. */
  put(to: Jid, spec: QuestionSpec, options: PutOptions): Promise<LiveQuestion>;
  /** Sends the question of a row of the outbox once more, if it is still open. False when there is none yet. */
  putAgain(outboxId: string, stanzaId: string): Promise<boolean>;
  cancel(id: string): Promise<boolean>;
  /** Those to one person that are open, the oldest first. */
  openTo(person: Jid): readonly LiveQuestion[];
  /** True for whom something was asked that is open, or is remembered. */
  hasAsked(person: Jid): boolean;
  /** An answer from the command. */
  answerByCommand(id: string, submitted: Form, by: Jid): Promise<CommandEnd>;
  /** True if the message was an answer, or meant as one. */
  message(stanza: XmlElement): boolean | Promise<boolean>;
  stop(): void;
}

/** A store that could not take the end of a question is asked again after this. */
const EXPIRE_AGAIN_MS = 5_000;

/** How an answer came out. */
interface Verdict {
  readonly isTaken: boolean;
  readonly text: string;
  readonly problems: readonly FieldProblem[];
}

/** Makes questions without any. */
export function createQuestions(options: QuestionsOptions): Questions {
  const { link, outbound, store, clock, limits, log } = options;
  const byId = new Map<string, Live>();
  /** By bare address: open ones and, for late answers, those that have ended. */
  const people = new Map<string, Live[]>();
  const ended: Live[] = [];
  let openCount = 0;
  let isStopped = false;

  const openOf = (bare: string): Live[] => (people.get(bare) ?? []).filter(({ isOpen }) => isOpen);
  const ownAddress = (): string | undefined => (link.mode === "client" ? undefined : link.jid?.full);

  const add = (stored: StoredQuestion, compiled: CompiledQuestion, check: PutOptions["check"]): Live => {
    const live = makeLive({ stored, compiled, check, messageId: options.newId() });
    byId.set(live.id, live);
    people.set(stored.asked, [...(people.get(stored.asked) ?? []), live]);
    openCount += 1;
    expireLater(live, stored.deadlineAt - clock.now());
    return live;
  };

  const expireLater = (live: Live, delayMs: number): void => {
    live.cancelTimer = clock.after(Math.min(Math.max(0, delayMs), MAX_DELAY_MS), () => void expire(live));
  };

  const expire = async (live: Live): Promise<void> => {
    const leftMs = live.stored.deadlineAt - clock.now();
    if (leftMs <= 0) await inTurn(live, () => finish(live, { state: "expired" }));
    // The time was more than a timer holds, or the store could not take the end.
    if (live.isOpen && !isStopped) expireLater(live, Math.max(leftMs, EXPIRE_AGAIN_MS));
  };

  /** Ends a question here; true if this end was the one that counts. */
  const finish = async (live: Live, end: QuestionEnd, natural?: unknown): Promise<boolean> => {
    if (!live.isOpen) return false;
    const isFirst = await store.end(live.id, end);
    // Another gateway on the same store was quicker: its end is ours.
    live.stored = isFirst ? withEnd(live.stored, end) : ((await store.find(live.id)) ?? withEnd(live.stored, end));
    close(live);
    if (live.stored.state === "answered")
      live.settle({
        status: "answered",
        value: isFirst ? natural : live.stored.answer,
        by: live.stored.answeredBy ?? "",
        at: new Date(live.stored.answeredAt ?? 0),
      });
    else live.settle({ status: live.stored.state === "expired" ? "expired" : "canceled" });
    log.info("question.ended", { id: live.id, asked: live.stored.asked, state: live.stored.state });
    return isFirst;
  };

  const close = (live: Live): void => {
    live.isOpen = false;
    live.cancelTimer();
    live.sending?.drop();
    openCount -= 1;
    ended.push(live);
    if (ended.length > limits.questionsRemembered) forget(ended.shift());
  };

  const forget = (live: Live | undefined): void => {
    if (live === undefined) return;
    byId.delete(live.id);
    const others = (people.get(live.stored.asked) ?? []).filter((one) => one !== live);
    if (others.length === 0) people.delete(live.stored.asked);
    else people.set(live.stored.asked, others);
  };

  /** Does something with a question when what was begun before is done. Never rejects. */
  const inTurn = async <T>(live: Live, act: () => Promise<T>): Promise<T | undefined> => {
    const turn = live.turn.then(act).catch((error: unknown) => {
      log.error("question.failed", { id: live.id, cause: messageOf(error) });
      return undefined;
    });
    live.turn = turn;
    return turn;
  };

  /** Sends the question itself. */
  const send = (live: Live, when: When): void => {
    const { stored } = live;
    const to = tryParseJid(stored.to);
    if (to === undefined) return;
    const sending = outbound.send({
      to,
      when,
      createdAt: clock.now(),
      expiresAt: stored.deadlineAt,
      write: (lateSince) => writeQuestion(live, lateSince),
    });
    live.sending = sending;
  };

  const writeQuestion = (live: Live, lateSince?: Date) =>
    writeQuestionMessage(
      { id: live.messageId, to: live.stored.to, from: ownAddress() },
      {
        thread: live.id,
        subject: live.stored.spec.subject,
        body: questionText(live, live.problems, openOf(live.stored.asked).length <= 1),
        form: live.form,
        lateSince,
      },
    );

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

  const refusalOf = async ({ check }: Live, reading: Extract<Reading, { kind: "answer" }>): Promise<FieldProblem[]> => {
    // The compiler has seen that the check takes what the question's answer is.
    const checked = check as ((answer: unknown) => Refusal | undefined | Promise<Refusal | undefined>) | undefined;
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
    if (options.isRoomService(from.domain)) return false;
    const questions = people.get(from.bare) ?? [];
    const open = questions.filter(({ isOpen }) => isOpen);
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

  /** Our question came back: it goes again when the person is there. */
  const bounced = (stanza: XmlElement): boolean => {
    const { type, id } = stanza.attrs;
    const from = tryParseJid(stanza.attrs["from"]);
    if (type !== "error" || from === undefined) return false;
    const live = openOf(from.bare).find(({ messageId }) => messageId === id);
    if (live === undefined) return false;
    log.info("question.bounced", { id: live.id, asked: live.stored.asked });
    live.sending?.drop();
    try {
      send(live, "online");
    } catch (error) {
      log.warn("question.not-sent-again", { id: live.id, cause: messageOf(error) });
    }
    return true;
  };

  /** Throws ValueError when there is no room for another question to that person. */
  const checkRoom = (to: Jid): void => {
    const { questionsOpen, questionsOpenPerPerson } = limits;
    if (options.isRoomService(to.domain))
      throw new ValueError(`${to.domain} is a room service: whoever takes a nick there would be asked`).within("jid");
    if (openCount >= questionsOpen)
      throw new ValueError(`at most ${questionsOpen} questions can be open; that many are`);
    if (openOf(to.bare).length >= questionsOpenPerPerson)
      throw new ValueError(`at most ${questionsOpenPerPerson} questions to ${to.bare} can be open; that many are`);
  };

  const codeFor = (to: Jid, { fields }: CompiledQuestion): string => {
    const words = fields.flatMap(({ options: offered = [] }) => offered.map(({ value }) => wordOf(value)));
    const taken = new Set([...(people.get(to.bare) ?? []).map(({ code }) => code), ...words]);
    return newCode((code) => taken.has(code));
  };

  const put: Questions["put"] = async (to, spec, { deadlineAt, when, check, again, outbox }) => {
    checkRoom(to);
    const compiled = compileQuestion(spec);
    const code = codeFor(to, compiled);
    const draft: Omit<StoredQuestion, "id"> = {
      code,
      asked: to.bare,
      to: to.full,
      spec,
      createdAt: clock.now(),
      deadlineAt,
      state: "open",
      ...(again === undefined ? {} : { again: { answer: again.answer, problems: problemsOf(again.errors) } }),
      ...(outbox === undefined ? {} : { outboxId: outbox.id }),
    };
    // The place is taken before anything is waited for.
    const live = add({ ...draft, id: `new-${options.newId()}` }, compiled, check);
    if (outbox !== undefined) live.messageId = outbox.stanzaId;
    try {
      const bytes = Buffer.byteLength(writeQuestion(live));
      if (bytes > limits.maxSentBytes)
        throw new ValueError(`the message has ${bytes} bytes, which is over the limit of ${limits.maxSentBytes}`);
      byId.delete(live.id);
      live.id = await store.add(draft);
      live.stored = { ...draft, id: live.id };
      byId.set(live.id, live);
      send(live, when);
      return live;
    } catch (error) {
      await store.end(live.id, { state: "canceled" }).catch(() => undefined);
      close(live);
      ended.pop();
      forget(live);
      throw error;
    }
  };

  const putAgain: Questions["putAgain"] = async (outboxId, stanzaId) => {
    const stored = await store.findByOutbox(outboxId);
    if (stored === undefined) return false;
    if (stored.state !== "open") return true;
    // Another gateway that put it may be gone.
    const live = byId.get(stored.id) ?? add(stored, compileQuestion(stored.spec), undefined);
    if (!live.isOpen) return true;
    live.messageId = stanzaId;
    send(live, "now");
    return true;
  };

  return {
    put,
    putAgain,
    load: async () => {
      for (const stored of await store.open())
        if (!byId.has(stored.id)) add(stored, compileQuestion(stored.spec), undefined);
    },
    cancel: async (id) => {
      const live = byId.get(id);
      if (live?.isOpen !== true) return false;
      const isCanceled = (await inTurn(live, () => finish(live, { state: "canceled" }))) === true;
      const body = overText(live.stored);
      const addresses = { id: options.newId(), to: live.stored.to, from: ownAddress() };
      if (isCanceled) link.send(writeQuestionMessage(addresses, { thread: live.id, body }));
      return isCanceled;
    },
    openTo: (person) => (options.isRoomService(person.domain) ? [] : openOf(person.bare)),
    hasAsked: (person) => people.has(person.bare) && !options.isRoomService(person.domain),
    answerByCommand: async (id, submitted, by) => {
      const live = byId.get(id);
      if (live === undefined || live.stored.asked !== by.bare)
        return { notes: [{ type: "error", text: "There is no such question any more." }] };
      const verdict = await inTurn(live, () => judge(live, submitted, by, options.newId()));
      const { isTaken, text } = verdict ?? { isTaken: false, text: failedText(live.code) };
      return { notes: [{ type: isTaken ? "info" : "error", text }] };
    },
    message: (stanza) => {
      if (people.size === 0) return false;
      if (bounced(stanza)) return true;
      const incoming = readIncoming(stanza);
      if (incoming === undefined || !people.has(incoming.from.bare)) return false;
      const looking = options.look(incoming.from);
      return looking === undefined ? take(incoming) : looking.then(() => take(incoming));
    },
    stop: () => {
      isStopped = true;
      for (const live of byId.values()) {
        live.cancelTimer();
        if (live.isOpen)
          live.fail(new LinkError("stopped", `the gateway stopped before question ${live.code} was answered`));
      }
    },
  };
}

/** A bare reply to a question that is over: only once, and only if it would have been an answer. */
function isMeantFor({ compiled, wasToldLate }: Live, text: string): boolean {
  if (wasToldLate) return false;
  const read = readChatAnswer(compiled.fields, text);
  return read.kind === "submit" && compiled.read(read.form).kind === "answer";
}

function problemsOf(refusal: Refusal | undefined): FieldProblem[] {
  if (refusal === undefined) return [];
  if (typeof refusal === "string") return [{ var: "", text: refusal }];
  return Object.entries(refusal).map(([name, text]) => ({ var: name, text: `${name}: ${text}` }));
}

function wordOf(text: string): string {
  return text.split(/\s/, 1)[0]?.toUpperCase() ?? "";
}
