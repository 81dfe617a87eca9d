// Rows of calls, taken and answered by a program in JavaScript.

import { sql } from "kysely";
import { messageOf } from "../../message-of.js";
import type { Logger } from "../../observe/index.js";
import { RpcFault } from "../../rpc/index.js";
import type { JsonValue } from "../../values/index.js";
import type { Database } from "../database.js";
import type { Mailbox, ServedCall } from "./mailbox.js";

/** What is served. */
export interface ServeCallsOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly method: string;
  readonly handler: Parameters<Mailbox["serve"]>[1];
  readonly concurrency: number;
}

interface TakenCall {
  readonly id: number;
  readonly params: string;
  readonly requester: string;
  readonly deadline_at: number;
}

const POLL_MS = 1_000;
/** What the caller gets as an internal error; the text stands in the gateway's log. */
const INTERNAL = -32500;

/** Serves until the returned function is called. */
export function serveCalls({ database, log, method, handler, concurrency }: ServeCallsOptions): () => Promise<void> {
  const { query, kind, now } = database;
  const running = new Set<Promise<void>>();
  let taking: Promise<void> | undefined;
  let isChanged = false;
  let isStopped = false;

  const take = async (): Promise<TakenCall[]> => {
    const free = concurrency - running.size;
    if (free <= 0) return [];
    const lock = kind === "postgresql" ? sql`for update skip locked` : sql``;
    const { rows } = await sql<TakenCall>`update calls set status = 'leased' where status = 'new' and id in (
        select id from calls where status = 'new' and method = ${method} and deadline_at > ${now()}
        order by id limit ${sql.lit(free)} ${lock}
      ) returning id, params, requester, deadline_at`.execute(query);
    return rows;
  };

  const run = async (row: TakenCall): Promise<void> => {
    const call: ServedCall = {
      id: row.id,
      method,
      requester: row.requester,
      deadlineAt: new Date(row.deadline_at),
    };
    let ending: object;
    try {
      // The gateway writes it, from JSON.
      const result = await handler(JSON.parse(row.params) as JsonValue, call);
      ending = { status: "done", result: JSON.stringify(result ?? null) };
    } catch (error) {
      const isDeclared = RpcFault.is(error);
      ending = { status: "faulted", fault_code: isDeclared ? error.code : INTERNAL, fault_string: messageOf(error) };
    }
    // Who comes after the deadline finds the row expired.
    await query
      .updateTable("calls")
      .set({ ...ending, finished_at: now() })
      .where("id", "=", row.id)
      // Another database may have taken the place of the one that had the call.
      .where("requester", "=", row.requester)
      .where("deadline_at", "=", row.deadline_at)
      .where("status", "=", "leased")
      .execute();
    database.announce();
  };

  const takeAll = async (): Promise<void> => {
    while (isChanged) {
      if (isStopped) return;
      isChanged = false;
      for (const row of await take()) {
        const one = run(row)
          .catch((error: unknown) => log.error("mailbox.answer-lost", { row: row.id, cause: messageOf(error) }))
          .then(() => {
            running.delete(one);
            look();
          });
        running.add(one);
      }
    }
  };

  const look = (): void => {
    isChanged = true;
    if (isStopped) return;
    taking ??= takeAll()
      .catch((error: unknown) => log.warn("mailbox.take-failed", { cause: messageOf(error) }))
      .then(() => {
        taking = undefined;
        if (isChanged && !isStopped && running.size < concurrency) look();
      });
  };

  const forget = database.onChange(look);
  const timer = setInterval(look, POLL_MS);
  look();
  return async () => {
    isStopped = true;
    forget();
    clearInterval(timer);
    await taking;
    await Promise.all(running);
  };
}
