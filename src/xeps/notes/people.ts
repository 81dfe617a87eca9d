// Notes and questions of a gateway as one feature, and the port that handlers and doors use them by.

import type { Jid } from "../../jid.js";
import type { Logger } from "../../observe/index.js";
import {
  type Answer,
  type AskOptions,
  type Note,
  type NoteRecord,
  Notes,
  type NotifyOptions,
  type OpenQuestion,
  type Question,
  type QuestionRecord,
  type SentNote,
} from "../../ports/index.js";
import { describeValue, isPlainObject, type JsonValue, ValueError } from "../../values/index.js";
import { type Clock, createIdSource, type Link } from "../../xmpp/index.js";
import type { BuiltinCommand } from "../commands/index.js";
import type { Feature } from "../feature.js";
import { NS } from "../namespaces.js";
import type { PresenceWatch } from "../presence-watch.js";
import type { RoomServices } from "../room-services.js";
import type { NoteLimits } from "./limits.js";
import { createNoteSender, type NoteSender } from "./note-sender.js";
import { checkDelayMs, checkOneOf, checkOptionalText, checkPerson, checkText } from "./note-text.js";
import { createOutbound } from "./outbound.js";
import { readQuestion } from "./question.js";
import { createMemoryQuestionStore, type QuestionStore, type StoredQuestion } from "./question-store.js";
import { createQuestions, type Questions } from "./questions.js";
import { createQuestionsCommand } from "./questions-command.js";

/** What notes and questions stand on. */
export interface PeopleOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly limits: NoteLimits & { readonly maxSentBytes: number };
  readonly log: Logger;
  readonly presences: PresenceWatch;
  readonly rooms: RoomServices;
  /** Default: one that ends with the process. */
  readonly store?: QuestionStore | undefined;
  /** Told of receipts for messages that are not remembered here. */
  readonly receivedOther?: ((id: string, from: Jid) => void) | undefined;
  /** Asks somebody to show his presence. */
  follow(jid: Jid): void;
}

/** Notes and questions, wired. */
export interface People {
  readonly feature: Feature;
  readonly command: BuiltinCommand;
  readonly notes: Notes;
  readonly sender: NoteSender;
  readonly questions: Questions;
  /** Somebody is there who was not. */
  arrived(bare: string): void;
  stop(): void;
}

const WEEK_MS = 604_800_000;
const DEFAULT_DEADLINE_MS = 600_000;
const MAX_LINE_CHARS = 1_000;

/** Wires notes and questions together. */
export function createPeople(options: PeopleOptions): People {
  const { link, clock, limits, log, presences, rooms } = options;
  const newId = createIdSource();
  const outbound = createOutbound({
    link,
    clock,
    maxWaiting: limits.notesWaiting,
    isAvailable: (bare) => presences.resourcesOf(bare).length > 0,
    follow: options.follow,
  });
  const store = options.store ?? createMemoryQuestionStore(limits.questionsRemembered, newId);
  const sender = createNoteSender({ link, outbound, clock, limits, log, newId, receivedOther: options.receivedOther });
  const questions = createQuestions({
    link,
    outbound,
    store,
    isShared: options.store !== undefined,
    clock,
    limits,
    log,
    newId,
    isRoomService: rooms.isRoomService,
    look: rooms.look,
  });
  return {
    feature: {
      name: "notes",
      features: [NS.receipts],
      message: (stanza) => sender.message(stanza) || questions.message(stanza),
      online: () => outbound.online(),
    },
    command: createQuestionsCommand(questions),
    notes: new GatewayNotes({ sender, questions, store, clock, limits }),
    sender,
    questions,
    arrived: (bare) => outbound.arrived(bare),
    stop: () => {
      questions.stop();
      outbound.stop();
    },
  };
}

/** Reads a note as a program gave it. Throws ValueError with the member that is wrong. */
export function readNote(given: unknown, maxChars: number): Note {
  const note: unknown = typeof given === "string" ? { body: given } : given;
  if (!isPlainObject(note)) throw new ValueError(`a note expected, got ${describeValue(note)}`);
  return {
    body: checkText(note["body"], "body", maxChars),
    subject: checkOptionalText(note["subject"], "subject", MAX_LINE_CHARS),
    link: readLink(note["link"]),
    urgency: checkOneOf(note["urgency"], "urgency", ["low", "normal", "high"]),
  };
}

function readLink(link: unknown): string | undefined {
  const text = checkOptionalText(link, "link", MAX_LINE_CHARS);
  // A client opens it at a click: what runs in its place, such as javascript:, is none.
  if (text !== undefined && !/^(https?|xmpp|mailto|geo):/i.test(text))
    throw new ValueError("an address that begins with https:, http:, xmpp:, mailto: or geo: expected").within("link");
  return text;
}

interface GatewayNotesOptions extends Pick<PeopleOptions, "clock" | "limits"> {
  readonly sender: NoteSender;
  readonly questions: Questions;
  readonly store: QuestionStore;
}

class GatewayNotes extends Notes {
  readonly #options: GatewayNotesOptions;

  constructor(options: GatewayNotesOptions) {
    super();
    this.#options = options;
  }

  async notify(jid: string, note: Note | string, options: NotifyOptions = {}): Promise<SentNote> {
    const { sender, clock, limits } = this.#options;
    const to = checkPerson(jid);
    const read = readNote(note, limits.noteChars);
    return sender.send(to, read, {
      when: readWhen(options.when),
      expiresAt: clock.now() + checkDelayMs(options.expiresInMs, "expiresInMs", WEEK_MS),
      dedupeKey: checkOptionalText(options.dedupeKey, "dedupeKey", MAX_LINE_CHARS),
    });
  }

  noteOf(id: string): NoteRecord | undefined {
    return this.#options.sender.recordOf(id);
  }

  async put(jid: string, question: Question | string, options: AskOptions<never> = {}): Promise<OpenQuestion<unknown>> {
    const { questions, clock, limits } = this.#options;
    const { signal, check, returned, again } = options;
    const to = checkPerson(jid);
    const spec = readQuestion(question, limits.noteChars);
    const deadlineMs = checkDelayMs(options.deadlineMs, "deadlineMs", DEFAULT_DEADLINE_MS);
    const live = await questions.put(to, spec, {
      deadlineAt: clock.now() + deadlineMs,
      when: readWhen(options.when),
      owner: { check, returned },
      again: again === undefined ? undefined : { errors: again.errors, answer: await this.#answerOf(again.id) },
    });
    const cancel = () => void questions.cancel(live.id);
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    live.answer.then(
      () => signal?.removeEventListener("abort", cancel),
      () => undefined,
    );
    return { id: live.id, code: live.code, answer: live.answer };
  }

  /** The compiler knows from the overloads of the port what the value is; the reader of the question makes it so. */
  async ask<T>(jid: string, question: Question | string, options: AskOptions<never> = {}): Promise<Answer<T>> {
    const open = await this.put(jid, question, options);
    return open.answer as Promise<Answer<T>>;
  }

  async questionOf(id: string): Promise<QuestionRecord | undefined> {
    const stored = await this.#options.store.find(id);
    return stored === undefined ? undefined : recordOf(stored);
  }

  cancel(id: string): Promise<boolean> {
    return this.#options.questions.cancel(id);
  }

  async #answerOf(id: string): Promise<JsonValue> {
    const answer = (await this.#options.store.find(id))?.answer;
    if (answer !== undefined) return answer;
    throw new ValueError("the id of an answered question expected").within("again");
  }
}

function readWhen(when: unknown): "now" | "online" {
  return checkOneOf(when, "when", ["now", "online"]) ?? "now";
}

function recordOf({
  id,
  code,
  asked,
  state,
  deadlineAt,
  answer,
  answeredBy,
  answeredAt,
}: StoredQuestion): QuestionRecord {
  return {
    id,
    code,
    asked,
    state,
    deadlineAt: new Date(deadlineAt),
    ...(answer === undefined ? {} : { answer }),
    ...(answeredBy === undefined ? {} : { answeredBy }),
    ...(answeredAt === undefined ? {} : { answeredAt: new Date(answeredAt) }),
  };
}
