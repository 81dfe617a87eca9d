// Questions in the table `questions`: they outlive the process, and their answers become rows of the inbox.

import { type Selectable, sql } from "kysely";
import { isPlainObject, type JsonValue } from "../../values/index.js";
import type { QuestionEnd, QuestionStore, StoredQuestion } from "../../xeps/index.js";
import type { Database } from "../database.js";
import type { QuestionsTable } from "../tables.js";

/** What the column `form` holds beside the columns. */
type FormColumn = Pick<StoredQuestion, "to" | "spec" | "createdAt" | "again">;

/** Keeps questions in a database. `database` is asked for when it is needed, since it opens later. */
export function createQuestionsStore(database: () => Database): QuestionStore {
  const rowsWhere = (column: "id" | "outbox_id" | "status", value: string): Promise<readonly StoredQuestion[]> =>
    database()
      .query.selectFrom("questions")
      .selectAll()
      .where(column, "=", column === "status" ? "open" : Number(value))
      .orderBy("id")
      .execute()
      .then((rows) => rows.flatMap(questionOf));

  return {
    open: () => rowsWhere("status", "open"),
    openIds: async () => {
      // The words of the index, or it would not be used.
      const open = database().query.selectFrom("questions").select("id").where("status", "=", sql.lit("open"));
      return (await open.execute()).map(({ id }) => String(id));
    },
    add: async ({ code, asked, deadlineAt, outboxId, ...rest }) => {
      const { to, spec, createdAt, again } = rest;
      const form: FormColumn = { to, spec, createdAt, ...(again === undefined ? {} : { again }) };
      const { id } = await database()
        .query.insertInto("questions")
        .values({
          code,
          asked,
          deadline_at: deadlineAt,
          outbox_id: outboxId === undefined ? null : Number(outboxId),
          form: JSON.stringify(form),
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      return String(id);
    },
    end: async (id, end) => {
      const isFirst = await endRow(database(), Number(id), end);
      if (isFirst) database().announce();
      return isFirst;
    },
    find: async (id) => (/^\d{1,15}$/.test(id) ? (await rowsWhere("id", id))[0] : undefined),
    findByOutbox: async (outboxId) => (await rowsWhere("outbox_id", outboxId))[0],
  };
}

/** The row and its inbox row change together, and only where nobody was quicker. */
async function endRow(database: Database, id: number, end: QuestionEnd): Promise<boolean> {
  return database.query.transaction().execute(async (transaction) => {
    const change =
      end.state === "answered"
        ? {
            status: end.state,
            answer: JSON.stringify(end.answer),
            answered_by: end.answeredBy,
            answered_at: end.answeredAt,
          }
        : { status: end.state };
    const row = await transaction
      .updateTable("questions")
      .set(change)
      .where("id", "=", id)
      .where("status", "=", "open")
      .returning(["code", "outbox_id"])
      .executeTakeFirst();
    if (row === undefined || end.state !== "answered") return row !== undefined;
    const inboxRow = {
      kind: "answer",
      sender: end.answeredBy,
      body: JSON.stringify({ question: id, code: row.code, answer: end.answer }),
      stamp: end.answeredAt,
      outbox_id: row.outbox_id,
    };
    // Clients count their ids anew at each start: one that was used before must not lose an answer.
    for (const stanzaId of [end.stanzaId, `${end.stanzaId}#${id}`]) {
      const inserted = await transaction
        .insertInto("inbox")
        .values({ ...inboxRow, stanza_id: stanzaId })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      if (inserted !== undefined) break;
    }
    return true;
  });
}

/** A row as a question; none for one that this software did not write. */
function questionOf(row: Selectable<QuestionsTable>): StoredQuestion[] {
  const form = readForm(row.form);
  if (form === undefined) return [];
  return [
    {
      ...form,
      id: String(row.id),
      code: row.code,
      asked: row.asked,
      deadlineAt: row.deadline_at ?? Number.MAX_SAFE_INTEGER,
      state: row.status,
      // Only this software writes it, from JSON.
      ...(row.answer === null ? {} : { answer: JSON.parse(row.answer) as JsonValue }),
      ...(row.answered_by === null ? {} : { answeredBy: row.answered_by }),
      ...(row.answered_at === null ? {} : { answeredAt: row.answered_at }),
      ...(row.outbox_id === null ? {} : { outboxId: String(row.outbox_id) }),
    },
  ];
}

function readForm(text: string | null): FormColumn | undefined {
  if (text === null) return undefined;
  const form: unknown = JSON.parse(text);
  // What has these members was written by `add`.
  return isPlainObject(form) && "to" in form && "spec" in form ? (form as unknown as FormColumn) : undefined;
}
