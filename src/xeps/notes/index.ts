// Notes to people and questions that they are asked.

export { type IncomingMessage, readIncoming } from "./incoming.js";
export { NOTE_LIMIT_TABLE, type NoteLimits } from "./limits.js";
export { checkPerson } from "./note-text.js";
export { createPeople, type People, readNote } from "./people.js";
export { readQuestion } from "./question.js";
export type { QuestionEnd, QuestionStore, StoredQuestion } from "./question-store.js";
