// The service `notes`: notes to people and questions, for whoever the access list lets.

import { JidError } from "../jid.js";
import { type DescribedQuestion, type NoteRecord, Notes, type Refusal } from "../ports/index.js";
import {
  any,
  array,
  boolean,
  CallContext,
  dateTime,
  enumeration,
  type In,
  int,
  named,
  optional,
  RpcFault,
  rpcMethod,
  rpcService,
  string,
  struct,
} from "../rpc/index.js";
import { ValueError } from "../values/index.js";

/** The fault of a wrong address, note or question. */
const WRONG = 1;
/** The longest that a call can run: the question's own deadline ends it. */
const MAX_DEADLINE_MS = 0x7fffffff;

const noteOptions = struct({
  subject: optional(string),
  link: optional(string),
  urgency: optional(enumeration("low", "normal", "high")),
  when: optional(enumeration("now", "online")),
  expiresInMs: optional(int),
  dedupeKey: optional(string),
});

const noteState = struct({
  id: string,
  jid: string,
  status: enumeration("waiting", "sent", "delivered", "failed", "expired"),
  sentAt: optional(dateTime),
  deliveredAt: optional(dateTime),
  deliveredTo: optional(string),
  error: optional(string),
});

const questionOptions = struct({
  subject: optional(string),
  choices: optional(array(string)),
  form: optional(any),
  deadlineMs: optional(int),
  when: optional(enumeration("now", "online")),
  again: optional(struct({ id: string, errors: any })),
});

const questionState = struct({
  id: string,
  code: string,
  status: enumeration("open", "answered", "expired", "canceled"),
  answer: optional(any),
  by: optional(string),
  at: optional(dateTime),
});

type QuestionOptions = In<typeof questionOptions>;

/** What the port does, as methods. */
@rpcService("notes")
export class NotesService {
  constructor(private readonly notes: Notes) {}

  @rpcMethod({
    params: [named("jid", string), named("text", string), named("options", optional(noteOptions))],
    returns: noteState,
    doc: "Sends a note to a person and tells how far it came.\nstatus is sent, or waiting for the person or the link; notes.note tells later.",
  })
  async notify(jid: string, text: string, options: In<typeof noteOptions> = {}) {
    const { subject, link, urgency, when, expiresInMs, dedupeKey } = options;
    const sent = await faulty(() =>
      this.notes.notify(jid, { body: text, subject, link, urgency }, { when, expiresInMs, dedupeKey }),
    );
    return stateOf(this.notes.noteOf(sent.record.id) ?? sent.record);
  }

  @rpcMethod({
    params: [named("id", string)],
    returns: noteState,
    doc: "What has become of a note, by the id that notes.notify gave.",
  })
  note(id: string) {
    const record = this.notes.noteOf(id);
    if (record === undefined) throw new RpcFault(WRONG, "there is no such note, or it was long ago");
    return stateOf(record);
  }

  @rpcMethod({
    params: [named("jid", string), named("text", string), named("options", optional(questionOptions))],
    returns: questionState,
    deadlineMs: MAX_DEADLINE_MS,
    doc: "Asks a person and waits for the answer, until deadlineMs (default 600000) have passed.\nWithout choices and form any text answers it.",
  })
  async ask(jid: string, text: string, options: QuestionOptions | undefined, call: CallContext) {
    const { id, code, answer } = await this.#put(jid, text, options, call.signal);
    const ended = await answer;
    if (ended.status !== "answered") return { id, code, status: ended.status };
    return { id, code, status: ended.status, answer: ended.value, by: ended.by, at: ended.at };
  }

  @rpcMethod({
    params: [named("jid", string), named("text", string), named("options", optional(questionOptions))],
    returns: questionState,
    doc: "Asks a person and does not wait: notes.question tells the answer.",
  })
  async put(jid: string, text: string, options: QuestionOptions | undefined) {
    const { id, code } = await this.#put(jid, text, options, undefined);
    return { id, code, status: "open" as const };
  }

  @rpcMethod({
    params: [named("id", string)],
    returns: questionState,
    doc: "What has become of a question, by the id that notes.put gave.",
  })
  async question(id: string) {
    const record = await this.notes.questionOf(id);
    if (record === undefined) throw new RpcFault(WRONG, "there is no such question, or it was long ago");
    const { code, state, answer, answeredBy, answeredAt } = record;
    return { id, code, status: state, answer, by: answeredBy, at: answeredAt };
  }

  @rpcMethod({
    params: [named("id", string)],
    returns: boolean,
    doc: "Takes a question back; false if it was not open any more.",
  })
  cancel(id: string): Promise<boolean> {
    return this.notes.cancel(id);
  }

  #put(jid: string, text: string, options: QuestionOptions | undefined, signal: AbortSignal | undefined) {
    const { subject, choices, form, deadlineMs, when, again } = options ?? {};
    return faulty(() => {
      // The port looks at every member itself: what a caller sends is a question only if it says so.
      const question = { text, subject, choices, form } as DescribedQuestion;
      const refusal = again && { id: again.id, errors: refusalOf(again.errors) };
      return this.notes.put(jid, question, { deadlineMs, when, again: refusal, signal });
    });
  }
}

function stateOf({ id, jid, state, sentAt, deliveredAt, deliveredTo, error }: NoteRecord) {
  return { id, jid, status: state, sentAt, deliveredAt, deliveredTo, error };
}

function refusalOf(errors: unknown): Refusal {
  if (typeof errors === "string") return errors;
  const isTexts =
    typeof errors === "object" && errors !== null && Object.values(errors).every((text) => typeof text === "string");
  // Looked at right above.
  if (isTexts) return errors as Refusal;
  throw new ValueError("a text, or texts by field, expected").within("again.errors");
}

/** What the port refuses is the caller's mistake, and told to him. */
async function faulty<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (ValueError.is(error) || JidError.is(error)) throw new RpcFault(WRONG, error.message, { cause: error });
    throw error;
  }
}
