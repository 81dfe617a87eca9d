// Questions to people: put, kept, sent again, expired, taken back (docs/notes.md). What answers them is question-answers.ts.

import { type Jid, tryParseJid } from "../../jid.js";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { ValueError } from "../../values/index.js";
import type { XmlElement } from "../../xml/index.js";
import { type Clock, type Link, LinkError, readStanzaError } from "../../xmpp/index.js";
import type { CommandEnd } from "../commands/index.js";
import type { Form } from "../data-forms/index.js";
import { newCode } from "./codes.js";
import { readIncoming } from "./incoming.js";
import type { NoteLimits } from "./limits.js";
import { type Live, type LiveQuestion, makeLive, type PutOptions, type QuestionOwner } from "./live-question.js";
import { MAX_DELAY_MS } from "./note-text.js";
import type { Outbound, Parcel } from "./outbound.js";
import { type CompiledQuestion, compileQuestion, type QuestionSpec, submissionOf } from "./question.js";
import { createAnswers, problemsOf } from "./question-answers.js";
import { QuestionShelf } from "./question-shelf.js";
import { type QuestionEnd, type QuestionStore, type StoredQuestion, withEnd } from "./question-store.js";
import { startQuestionSync } from "./question-sync.js";
import { overText, questionText } from "./question-texts.js";
import { writeQuestionMessage } from "./write-message.js";

/** What questions stand on. */
export interface QuestionsOptions {
  readonly link: Pick<Link, "mode" | "jid" | "send">;
  readonly outbound: Outbound;
  readonly store: QuestionStore;
  /** Whether other gateways may have the same store. */
  readonly isShared: boolean;
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
  /** Takes up what is open from the life before, and from then on what others on the same store have asked. */
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

/** Makes questions without any. */
export function createQuestions(options: QuestionsOptions): Questions {
  const { link, outbound, store, clock, limits, log } = options;
  const shelf = new QuestionShelf(limits.questionsRemembered);
  let isStopped = false;
  let putting = 0;
  let stopSync: () => void = () => undefined;

  const ownAddress = (): string | undefined => (link.mode === "client" ? undefined : link.jid?.full);

  const add = (stored: StoredQuestion, compiled: CompiledQuestion, owner: QuestionOwner = {}): Live => {
    const live = makeLive({ stored, compiled, owner, messageId: options.newId() });
    shelf.add(live);
    expireLater(live, stored.deadlineAt - clock.now());
    return live;
  };

  /** Takes up a question that this process has not put. False for one that it cannot read. */
  const adopt = (stored: StoredQuestion): boolean => {
    try {
      add(stored, compileQuestion(stored.spec));
      return true;
    } catch (error) {
      log.warn("question.unusable", { id: stored.id, cause: messageOf(error) });
      return false;
    }
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
    if (isFirst) conclude(live, withEnd(live.stored, end), natural);
    else endedElsewhere(live, (await store.find(live.id)) ?? withEnd(live.stored, end));
    return isFirst;
  };

  const conclude = (live: Live, stored: StoredQuestion, value: unknown): void => {
    live.stored = stored;
    close(live);
    shelf.end(live);
    const { id, asked, state, answeredBy: by = "", answeredAt = 0 } = stored;
    if (state === "answered") live.settle({ status: state, value, by, at: new Date(answeredAt) });
    else live.settle({ status: state === "expired" ? "expired" : "canceled" });
    log.info("question.ended", { id, asked, state });
  };

  const endedElsewhere = (live: Live, stored: StoredQuestion): void => {
    const { answer } = stored;
    const reading = answer === undefined ? undefined : live.compiled.read(submissionOf(answer));
    conclude(live, stored, reading?.kind === "answer" ? reading.natural : answer);
  };

  const close = (live: Live): void => {
    live.isOpen = false;
    live.cancelTimer();
    live.sending?.drop();
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
  const send = (live: Live, when: Parcel["when"]): void => {
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
        body: questionText(live, live.problems, shelf.openTo(live.stored.asked).length <= 1),
        form: live.form,
        lateSince,
      },
    );

  /** Our question came back: it goes again when the person comes anew. */
  const bounced = (stanza: XmlElement): boolean => {
    const { type, id } = stanza.attrs;
    const from = tryParseJid(stanza.attrs["from"]);
    if (type !== "error" || from === undefined) return false;
    const live = shelf.openTo(from.bare).find(({ messageId }) => messageId === id);
    if (live === undefined) return false;
    const { condition, message } = readStanzaError(stanza);
    log.info("question.bounced", { id: live.id, asked: live.stored.asked, condition });
    live.sending?.drop();
    live.owner.returned?.(message);
    try {
      send(live, "arrived");
    } catch (error) {
      log.warn("question.not-sent-again", { id: live.id, cause: messageOf(error) });
    }
    return true;
  };

  const answers = createAnswers({ ...options, shelf, finish, inTurn });

  /** Throws ValueError when there is no room for another question to that person. */
  const checkRoom = (to: Jid): void => {
    const { questionsOpen, questionsOpenPerPerson } = limits;
    if (options.isRoomService(to.domain))
      throw new ValueError(`${to.domain} is a room service: whoever takes a nick there would be asked`).within("jid");
    if (shelf.openCount >= questionsOpen)
      throw new ValueError(`at most ${questionsOpen} questions can be open; that many are`);
    if (shelf.openTo(to.bare).length >= questionsOpenPerPerson)
      throw new ValueError(`at most ${questionsOpenPerPerson} questions to ${to.bare} can be open; that many are`);
  };

  const codeFor = (to: Jid, { fields }: CompiledQuestion): string => {
    const words = fields.flatMap(({ options: offered = [] }) => offered.map(({ value }) => wordOf(value)));
    const taken = new Set([...shelf.to(to.bare).map(({ code }) => code), ...words]);
    return newCode((code) => taken.has(code));
  };

  const put: Questions["put"] = async (to, spec, { deadlineAt, when, owner, again, outbox }) => {
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
    putting += 1;
    // The place is taken before anything is waited for.
    const live = add({ ...draft, id: `new-${options.newId()}` }, compiled, owner);
    if (outbox !== undefined) live.messageId = outbox.stanzaId;
    try {
      const bytes = Buffer.byteLength(writeQuestion(live));
      if (bytes > limits.maxSentBytes)
        throw new ValueError(`the message has ${bytes} bytes, which is over the limit of ${limits.maxSentBytes}`);
      shelf.rename(live, await store.add(draft));
      live.stored = { ...draft, id: live.id };
      send(live, when);
      return live;
    } catch (error) {
      await store.end(live.id, { state: "canceled" }).catch(() => undefined);
      close(live);
      shelf.drop(live);
      throw error;
    } finally {
      putting -= 1;
    }
  };

  const putAgain: Questions["putAgain"] = async (outboxId, stanzaId) => {
    const stored = await store.findByOutbox(outboxId);
    if (stored === undefined) return false;
    if (stored.state !== "open") return true;
    // Another gateway that put it may be gone.
    const live = shelf.find(stored.id) ?? add(stored, compileQuestion(stored.spec));
    if (!live.isOpen) return true;
    live.messageId = stanzaId;
    send(live, "now");
    return true;
  };

  return {
    put,
    putAgain,
    load: async () => {
      for (const stored of await store.open()) if (shelf.find(stored.id) === undefined) adopt(stored);
      if (options.isShared && !isStopped)
        stopSync = startQuestionSync({
          store,
          shelf,
          clock,
          log,
          adopt,
          // Our own end of it may be on its way to the store.
          ended: (live, stored) =>
            void inTurn(live, async () => {
              if (live.isOpen) endedElsewhere(live, stored);
            }),
          isPutting: () => putting > 0,
        });
    },
    cancel: async (id) => {
      const live = shelf.find(id);
      if (live?.isOpen !== true) return false;
      const isCanceled = (await inTurn(live, () => finish(live, { state: "canceled" }))) === true;
      const body = overText(live.stored);
      const addresses = { id: options.newId(), to: live.stored.to, from: ownAddress() };
      if (isCanceled) link.send(writeQuestionMessage(addresses, { thread: live.id, body }));
      return isCanceled;
    },
    openTo: (person) => (options.isRoomService(person.domain) ? [] : shelf.openTo(person.bare)),
    hasAsked: (person) => shelf.to(person.bare).length > 0 && !options.isRoomService(person.domain),
    answerByCommand: answers.byCommand,
    message: (stanza) => {
      if (shelf.isEmpty) return false;
      if (bounced(stanza)) return true;
      const incoming = readIncoming(stanza);
      if (incoming === undefined || shelf.to(incoming.from.bare).length === 0) return false;
      const looking = options.look(incoming.from);
      return looking === undefined ? answers.take(incoming) : looking.then(() => answers.take(incoming));
    },
    stop: () => {
      isStopped = true;
      stopSync();
      for (const live of shelf.all()) {
        live.cancelTimer();
        if (live.isOpen)
          live.fail(new LinkError("stopped", `the gateway stopped before question ${live.code} was answered`));
      }
    },
  };
}

function wordOf(text: string): string {
  return text.split(/\s/, 1)[0]?.toUpperCase() ?? "";
}
