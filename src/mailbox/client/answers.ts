// Whoever waits for an answer to a row of the outbox: all of them are looked for together, when the tables have changed.

import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { RpcFault } from "../../rpc/index.js";
import { isPlainObject, type JsonValue } from "../../values/index.js";
import type { Database } from "../database.js";

/** Answers by the row that they answer. */
export interface Answers {
  of(outboxId: number): Promise<JsonValue>;
  /** Rejects all that wait. */
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: JsonValue) => void;
  readonly reject: (error: Error) => void;
}

const POLL_MS = 1_000;

/** Answers of a database. */
export function createAnswers(
  { query, onChange, onReplaced }: Pick<Database, "query" | "onChange" | "onReplaced">,
  log: Logger,
): Answers {
  const waiting = new Map<number, Waiting[]>();
  let isLooking = false;
  let isChanged = false;
  let timer: NodeJS.Timeout | undefined;

  const settle = (id: number, how: (one: Waiting) => void): void => {
    for (const one of waiting.get(id) ?? []) how(one);
    waiting.delete(id);
    if (waiting.size === 0) clearInterval(timer);
  };

  const lookOnce = async (): Promise<void> => {
    const ids = [...waiting.keys()];
    if (ids.length === 0) return;
    const answers = await query
      .selectFrom("inbox")
      .select(["outbox_id", "kind", "body"])
      .where("outbox_id", "in", ids)
      .where("kind", "in", ["answer", "result"])
      .execute();
    for (const { outbox_id: id, kind, body } of answers) settle(id ?? -1, (one) => answer(one, kind, body));
    const over = await query
      .selectFrom("questions")
      .select(["outbox_id", "status"])
      .where("outbox_id", "in", ids)
      .where("status", "in", ["expired", "canceled"])
      .execute();
    for (const { outbox_id: id, status } of over)
      settle(id ?? -1, ({ reject }) => reject(new Error(`the question was not answered: ${status}`)));
    const rows = await query.selectFrom("outbox").select(["id", "status", "error"]).where("id", "in", ids).execute();
    for (const { id, status, error } of rows)
      if (status === "parked") settle(id, ({ reject }) => reject(new Error(`row ${id} is parked: ${error ?? ""}`)));
    const known = new Set(rows.map(({ id }) => id));
    for (const id of ids)
      if (!known.has(id)) settle(id, ({ reject }) => reject(new Error(`there is no row ${id} in the outbox`)));
  };

  const lookWhileChanged = async (): Promise<void> => {
    isLooking = true;
    while (isChanged) {
      isChanged = false;
      // The database may be away: the next change, or the clock, brings the next look.
      await lookOnce().catch((error: unknown) => log.warn("mailbox.answers-failed", { cause: messageOf(error) }));
    }
    isLooking = false;
  };

  const look = (): void => {
    if (waiting.size === 0) return;
    isChanged = true;
    if (!isLooking) void lookWhileChanged();
  };

  const rejectAll = (problem: string): void => {
    for (const id of waiting.keys()) settle(id, ({ reject }) => reject(new Error(problem)));
  };
  const forgetChanges = onChange(look);
  // A row with that id in another database is another row.
  const forgetReplacements = onReplaced(() => rejectAll("the database was replaced by another"));
  return {
    of: (outboxId) =>
      new Promise((resolve, reject) => {
        if (waiting.size === 0) timer = setInterval(look, POLL_MS);
        waiting.set(outboxId, [...(waiting.get(outboxId) ?? []), { resolve, reject }]);
        look();
      }),
    close: () => {
      forgetChanges();
      forgetReplacements();
      rejectAll("the mailbox is closed");
    },
  };
}

/** An answer to a question is `{question, code, answer}`; a result `{result}` or `{fault}`. */
function answer({ resolve, reject }: Waiting, kind: string, text: string): void {
  const body: unknown = JSON.parse(text);
  const fault = isPlainObject(body) ? body["fault"] : undefined;
  if (!isPlainObject(body)) reject(new Error(`a row of kind ${kind} is no object`));
  else if (isPlainObject(fault)) reject(new RpcFault(Number(fault["code"]), String(fault["string"])));
  // What JSON.parse gives is JSON.
  else resolve((kind === "answer" ? body["answer"] : body["result"]) as JsonValue);
}
