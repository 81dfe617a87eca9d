// The port to people: notes that are sent to them, and questions that they are asked. docs/notes.md is the guide.

import type { Descriptor } from "../rpc/index.js";
import type { JsonValue } from "../values/index.js";

const NOTES = Symbol.for("jabber-rpc.Notes");

/**
 * How much a note wants to be seen, and what that is on the wire (RFC 6121 §5.2.2, XEP-0334, XEP-0224):
 * `low` is a headline that is never stored, `normal` a chat message, `high` a chat message that is to be stored and asks for
 * attention.
 */
export type Urgency = "low" | "normal" | "high";

/** `now`, or as soon as the person is seen available. */
export type When = "now" | "online";

/** What a person is told. */
export interface Note {
  readonly body: string;
  readonly subject?: string | undefined;
  /** An address to open (XEP-0066 §3); clients that do not know it find it below the body. */
  readonly link?: string | undefined;
  /** Default `normal`. */
  readonly urgency?: Urgency | undefined;
}

/** How a note is sent. */
export interface NotifyOptions {
  /** Default `now`. */
  readonly when?: When | undefined;
  /** A note that could not be sent within so many milliseconds is not sent any more. Default 604,800,000 (a week). */
  readonly expiresInMs?: number | undefined;
  /** A second note with the same key is not sent; its result is that of the first. */
  readonly dedupeKey?: string | undefined;
}

/**
 * How far a note came: `waiting` for the link or for the person; `sent`, so known to be with the server; `delivered`, as the
 * person's client says (XEP-0184); `failed`, as his server says; `expired` unsent.
 */
export type NoteState = "waiting" | "sent" | "delivered" | "failed" | "expired";

/** What is remembered of a note. */
export interface NoteRecord {
  /** The id of the message. */
  readonly id: string;
  /** To whom, prepared. */
  readonly jid: string;
  readonly state: NoteState;
  readonly createdAt: Date;
  readonly sentAt?: Date;
  /** When the receipt came, and from which of the person's addresses. */
  readonly deliveredAt?: Date;
  readonly deliveredTo?: string;
  /** Why it failed. */
  readonly error?: string;
}

/** A note that was given to be sent. */
export interface SentNote {
  /** What is known at once: `sent`, or `waiting`, or what the first note of the same key has come to. */
  readonly record: NoteRecord;
  /** True when the dedupe key was known, and so nothing was sent. */
  readonly isDuplicate: boolean;
  /** Resolves when the note is sent, failed or expired. Never rejects. */
  readonly sent: Promise<NoteRecord>;
  /**
   * Resolves when it is delivered, failed or expired; a note of which no receipt comes stays `sent`, and this resolves so when
   * it is forgotten. Never rejects.
   */
  readonly delivered: Promise<NoteRecord>;
}

/** The types of fields. */
export type FieldKind =
  | "text"
  | "lines"
  | "secret"
  | "boolean"
  | "integer"
  | "number"
  | "date"
  | "datetime"
  | "choice"
  | "choices"
  | "jid";

/** One field of a form. */
export interface FieldDescription {
  readonly name: string;
  /** Default `text`, and `choice` where there are choices. */
  readonly type?: FieldKind | undefined;
  /** Default: made of the name. */
  readonly label?: string | undefined;
  /** One line beside the field. */
  readonly help?: string | undefined;
  /** Whether it must be filled in. Default true; means nothing for `boolean`. */
  readonly required?: boolean | undefined;
  /** What a `choice` or `choices` offers. */
  readonly choices?: readonly (string | { readonly value: string; readonly label?: string | undefined })[] | undefined;
  /** What the field shows at first: as in the answer. */
  readonly value?: JsonValue | undefined;
  /** Least and greatest of `integer`, `number`, `date` and `datetime`. */
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
}

/** A form as plain data: what a settings file, a database or JSON-RPC can hold. */
export interface FormDescription {
  readonly title?: string | undefined;
  /** A name alone is a field of type `text`. */
  readonly fields: readonly (string | FieldDescription)[];
}

/**
 * The answer to a {@link FormDescription}: a value for each field that was filled in. `boolean` is a boolean, `number` a
 * number, `integer` a number or, beyond the safe integers, a decimal string, `choices` a list, `lines` one text, `date` and
 * `datetime` ISO 8601; all else is a string.
 */
export type FormAnswer = Readonly<Record<string, JsonValue>>;

interface QuestionBase {
  /** What is asked: the first line is the title of the form. */
  readonly text: string;
  readonly subject?: string | undefined;
}

/** Any text answers it. */
export interface TextQuestion extends QuestionBase {
  readonly choices?: undefined;
  readonly form?: undefined;
}

/** One of these texts answers it. */
export interface ChoiceQuestion<C extends string = string> extends QuestionBase {
  readonly choices: readonly C[];
  readonly form?: undefined;
}

/** A value that a descriptor describes answers it: `boolean`, `int`, `enumeration(…)`, `struct({…})`. */
export interface TypedQuestion<I> extends QuestionBase {
  readonly form: Descriptor<I, never>;
  readonly choices?: undefined;
}

/** A filled-in form answers it. */
export interface DescribedQuestion extends QuestionBase {
  readonly form: FormDescription;
  readonly choices?: undefined;
}

/** Any of the questions. */
export type Question = TextQuestion | ChoiceQuestion | TypedQuestion<unknown> | DescribedQuestion;

/** Why an answer is refused: one text, or texts by the name of the field. */
export type Refusal = string | Readonly<Record<string, string>>;

/** How a question is put. */
export interface AskOptions<T = unknown> {
  /** How long an answer is waited for, in milliseconds. Default 600,000; at most 2,147,483,647. */
  readonly deadlineMs?: number | undefined;
  /** Default `now`. */
  readonly when?: When | undefined;
  /** Looks at a valid answer before it counts: a refusal is told to the person, who is asked again. */
  readonly check?: ((answer: T) => Refusal | undefined | Promise<Refusal | undefined>) | undefined;
  /**
   * Told why, each time that the question comes back: nobody has seen it. It is sent again once the person is seen to come, until
   * the deadline; whether there is such a person at all, few servers say.
   */
  readonly returned?: ((reason: string) => void) | undefined;
  /** The answer to an earlier question that is refused: this one shows its values, and what was wrong. */
  readonly again?: { readonly id: string; readonly errors: Refusal } | undefined;
  /** Cancels the question when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** How a question ended. */
export type Answer<T> =
  | {
      readonly status: "answered";
      readonly value: T;
      /** The full address it came from. */
      readonly by: string;
      readonly at: Date;
    }
  | { readonly status: "expired" | "canceled" };

/** A question that was put. */
export interface OpenQuestion<T> {
  readonly id: string;
  /** What the person writes before an answer when several questions are open: `7K`. */
  readonly code: string;
  /** Resolves when it is over. Rejects only when the gateway stops before. */
  readonly answer: Promise<Answer<T>>;
}

/** `open`, or how it ended. */
export type QuestionState = "open" | "answered" | "expired" | "canceled";

/** What is remembered of a question. */
export interface QuestionRecord {
  readonly id: string;
  readonly code: string;
  /** The bare address of the person. */
  readonly asked: string;
  readonly state: QuestionState;
  readonly deadlineAt: Date;
  /** In JSON. */
  readonly answer?: JsonValue;
  readonly answeredBy?: string;
  readonly answeredAt?: Date;
}

/**
 * Sends notes to people and asks them questions. Import the class itself, never with `import type`.
 *
 * Every method throws `JidError` for an address that is none, and `ValueError`, which names the member, for a note, a question
 * or an option that cannot be sent: a wrong type, a character that XML cannot carry, a text that is too long.
 */
export abstract class Notes {
  static readonly [NOTES] = true;

  /** Sends a note. Resolves when it is sent, or when it has to wait. */
  abstract notify(jid: string, note: Note | string, options?: NotifyOptions): Promise<SentNote>;
  /** What has become of a note; undefined for one that is not known, or not any more. */
  abstract noteOf(id: string): NoteRecord | undefined;

  /** Asks a person, and resolves with the answer, or when the deadline has passed. */
  abstract ask<const C extends string>(
    jid: string,
    question: ChoiceQuestion<C>,
    options?: AskOptions<C>,
  ): Promise<Answer<C>>;
  abstract ask<I>(jid: string, question: TypedQuestion<I>, options?: AskOptions<I>): Promise<Answer<I>>;
  abstract ask(jid: string, question: DescribedQuestion, options?: AskOptions<FormAnswer>): Promise<Answer<FormAnswer>>;
  abstract ask(jid: string, question: TextQuestion | string, options?: AskOptions<string>): Promise<Answer<string>>;

  /** Puts a question, and resolves as soon as it is open. The value of its answer is as {@link Notes.ask} gives it. */
  abstract put(jid: string, question: Question | string, options?: AskOptions<never>): Promise<OpenQuestion<unknown>>;
  /** What has become of a question; undefined for one that is not known, or not any more. */
  abstract questionOf(id: string): Promise<QuestionRecord | undefined>;
  /** Takes a question back; the person is told. False for one that is not open. */
  abstract cancel(id: string): Promise<boolean>;
}
