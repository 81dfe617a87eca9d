// The limits of notes and questions: settings, their documentation and the edge tests are made from this table.

import type { LimitsOf } from "../../limit-table.js";

/** Every limit of this folder. */
export const NOTE_LIMIT_TABLE = Object.freeze({
  notesWaiting: {
    unit: "notes",
    default: 10_000,
    doc: "Notes and questions that wait for the link or for a person; one more is refused.",
  },
  noteRecords: {
    unit: "notes",
    default: 10_000,
    doc: "Notes that are remembered after they were sent, for their receipts and their keys.",
  },
  questionsOpen: { unit: "questions", default: 10_000, doc: "Questions to all people that are open." },
  questionsOpenPerPerson: {
    unit: "questions",
    default: 20,
    doc: "Questions to one person that are open; one more is refused.",
  },
  questionsRemembered: {
    unit: "questions",
    default: 1_000,
    doc: "Ended questions that are remembered, so that who answers late is told so.",
  },
  questionWrongAnswers: {
    unit: "answers",
    default: 20,
    doc: "Wrong answers to one question that are answered; later ones are not, since a program may be writing.",
  },
  noteChars: { unit: "characters", default: 10_000, doc: "Length of the text of a note or a question." },
});

/** The numbers of {@link NOTE_LIMIT_TABLE}. */
export type NoteLimits = LimitsOf<typeof NOTE_LIMIT_TABLE>;
