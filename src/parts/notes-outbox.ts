// Rows of the outbox for people: `note` and `question` (docs/mailbox.md).

import type { Jid } from "../jid.js";
import { type OutboxKind, OutboxProblem, type OutboxRow, outboxKind, type Sending } from "../mailbox/index.js";
import type { Note, Presence, Refusal, When } from "../ports/index.js";
import { describeValue, isPlainObject, ValueError } from "../values/index.js";
import { type People, type QuestionStore, readNote, readQuestion } from "../xeps/index.js";
import { type Clock, Disconnected, type Link } from "../xmpp/index.js";

/** What the kinds stand on. */
export interface NotesOutboxOptions {
  readonly people: Pick<People, "sender" | "questions">;
  readonly presence: Presence;
  readonly store: QuestionStore;
  readonly link: Pick<Link, "send" | "isOnline">;
  readonly clock: Clock;
  readonly maxChars: number;
}

interface NoteRow {
  readonly note: Note;
  readonly when: When;
}

interface QuestionRow {
  readonly spec: ReturnType<typeof readQuestion>;
  readonly when: When;
  readonly deadlineMs: number;
  readonly again: { readonly outboxId: string; readonly errors: Refusal } | undefined;
}

/** A row waits for its person so long, then it is looked at again. */
const POSTPONED_MS = 300_000;
/** How long a row's question is open when it says nothing. */
const WEEK_MS = 604_800_000;
const MAX_DEADLINE_MS = 0x7fffffff;
/** A message that goes out so much later than its row was written says so (XEP-0203). */
const LATE_MS = 30_000;

/** The kinds of rows that are for people. */
export function createNotesOutbox(options: NotesOutboxOptions): readonly OutboxKind[] {
  return [outboxKind(createNoteKind(options)), outboxKind(createQuestionKind(options))];
}

function createNoteKind({ people, presence, link, clock, maxChars }: NotesOutboxOptions): OutboxKind<NoteRow> {
  return {
    name: "note",
    read: (body, recipient) => {
      const members = membersOf(body, recipient, ["text", "subject", "link", "urgency", "when"]);
      const { text, when, ...rest } = members;
      return {
        note: readOrPark(() => readNote({ body: text, ...rest }, maxChars), "body", "text"),
        when: whenOf(when),
      };
    },
    send: (row, { note, when }) => {
      if (when === "online" && !presence.of(row.recipient.bare).isAvailable) return postpone(row, presence, clock);
      const isLate = row.attempt > 1 || clock.now() - row.createdAt > LATE_MS;
      const lateSince = isLate ? new Date(row.createdAt) : undefined;
      const stanza = readOrPark(() => people.sender.write(row.recipient, note, row.stanzaId, lateSince));
      if (!link.send(stanza)) throw new Disconnected("the link is down", false);
      return "handed over";
    },
  };
}

function createQuestionKind(options: NotesOutboxOptions): OutboxKind<QuestionRow> {
  const { people, presence, store, link, clock, maxChars } = options;
  return {
    name: "question",
    read: (body, recipient) => {
      const known = ["text", "subject", "choices", "form", "deadlineMs", "when", "again"];
      const { deadlineMs, when, again, ...question } = membersOf(body, recipient, known);
      return {
        // `readQuestion` looks at every member itself.
        spec: readOrPark(() => readQuestion(question as unknown as Parameters<typeof readQuestion>[0], maxChars)),
        when: whenOf(when),
        deadlineMs: deadlineOf(deadlineMs),
        again: againOf(again),
      };
    },
    send: async (row, { spec, when, deadlineMs, again }) => {
      const deadlineAt = row.createdAt + deadlineMs;
      if (deadlineAt <= clock.now()) throw new OutboxProblem("deadlineMs: the deadline has passed unsent");
      if (when === "online" && !presence.of(row.recipient.bare).isAvailable) return postpone(row, presence, clock);
      if (!link.isOnline) throw new Disconnected("the link is down", false);
      const outbox = { id: String(row.id), stanzaId: row.stanzaId };
      if (await people.questions.putAgain(outbox.id, outbox.stanzaId)) return "handed over";
      const refused = again === undefined ? undefined : await refusedAnswer(store, again);
      try {
        await people.questions.put(row.recipient, spec, { deadlineAt, when: "now", outbox, again: refused });
      } catch (error) {
        throw ValueError.is(error) ? new OutboxProblem(error.message, { cause: error }) : error;
      }
      return "handed over";
    },
  };
}

async function refusedAnswer(store: QuestionStore, { outboxId, errors }: NonNullable<QuestionRow["again"]>) {
  const answer = (await store.findByOutbox(outboxId))?.answer;
  if (answer === undefined) throw new OutboxProblem(`again.outboxId: row ${outboxId} has no answer to refuse`);
  return { answer, errors };
}

/** The engine is told when the person arrives; this is for those whom nobody sees. */
function postpone(row: OutboxRow, presence: Presence, clock: Clock): Sending {
  presence.follow(row.recipient.bare);
  return { postponedUntil: clock.now() + POSTPONED_MS };
}

function membersOf(body: unknown, recipient: Jid, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (recipient.local === "") throw new OutboxProblem("recipient: the address of a person expected, got a domain");
  if (!isPlainObject(body)) throw new OutboxProblem(`body: an object expected, got ${describeValue(body)}`);
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OutboxProblem(`body.${unknown}: not known; ${known.join(", ")} expected`);
  return body;
}

function whenOf(when: unknown): When {
  if (when === undefined || when === null) return "now";
  if (when === "now" || when === "online") return when;
  throw new OutboxProblem("body.when: now or online expected");
}

function deadlineOf(deadlineMs: unknown): number {
  if (deadlineMs === undefined || deadlineMs === null) return WEEK_MS;
  const isTime = typeof deadlineMs === "number" && Number.isInteger(deadlineMs) && deadlineMs > 0;
  if (isTime && deadlineMs <= MAX_DEADLINE_MS) return deadlineMs;
  throw new OutboxProblem(`body.deadlineMs: a whole number of milliseconds from 1 to ${MAX_DEADLINE_MS} expected`);
}

function againOf(again: unknown): QuestionRow["again"] {
  if (again === undefined || again === null) return undefined;
  if (!isPlainObject(again)) throw new OutboxProblem("body.again: {outboxId, errors} expected");
  const { outboxId, errors } = again;
  if (typeof outboxId !== "number" && typeof outboxId !== "string")
    throw new OutboxProblem("body.again.outboxId: the id of the row whose answer is refused expected");
  if (typeof errors !== "string" && !isTexts(errors))
    throw new OutboxProblem("body.again.errors: a text, or texts by field, expected");
  return { outboxId: String(outboxId), errors };
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isPlainObject(value) && Object.values(value).every((text) => typeof text === "string");
}

/** What is wrong with a row parks it. `from` is what the reader calls a member, and `to` what the row does. */
function readOrPark<T>(read: () => T, from?: string, to?: string): T {
  try {
    return read();
  } catch (error) {
    if (!ValueError.is(error)) throw error;
    const path = error.path === from && to !== undefined ? to : error.path;
    throw new OutboxProblem(path === "" ? error.problem : `body.${path}: ${error.problem}`, { cause: error });
  }
}
