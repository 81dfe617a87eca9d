// Rows of calls: inserted by the gateway, answered by the application, ended by the deadline.

import type { Selectable } from "kysely";
import type { Database } from "../database.js";
import type { CallsTable } from "../tables.js";

/** One call that the application is to answer. */
export interface NewCall {
  readonly method: string;
  /** JSON. */
  readonly params: string;
  readonly requester: string;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
}

/** A call that the application has answered. */
export type FinishedCall = Pick<Selectable<CallsTable>, "id" | "status" | "result" | "fault_code" | "fault_string">;

/** The calls. */
export interface CallStore {
  /** The ids, in the order of the calls. */
  insert(calls: readonly NewCall[]): Promise<readonly number[]>;
  /** Those that are over. */
  finished(ids: readonly number[]): Promise<readonly FinishedCall[]>;
  /** Nobody waits for these any more: whoever has not answered yet is too late. */
  expire(ids: readonly number[], now: number): Promise<void>;
  /** The same for calls whose gateway has died. */
  expireDue(now: number): Promise<void>;
}

const CHUNK = 500;

/** The calls of a database. */
export function createCallStore({ query, announce }: Pick<Database, "query" | "announce">): CallStore {
  const open = ["new", "leased"] as const;
  return {
    insert: async (calls) => {
      const ids = await query.transaction().execute(async (within) => {
        const inserted: number[] = [];
        for (const { method, params, requester, deadlineAt } of calls) {
          const { id } = await within
            .insertInto("calls")
            .values({ method, params, requester, deadline_at: deadlineAt })
            .returning("id")
            .executeTakeFirstOrThrow();
          inserted.push(id);
        }
        return inserted;
      });
      announce();
      return ids;
    },
    finished: async (ids) => {
      const rows: FinishedCall[] = [];
      for (let at = 0; at < ids.length; at += CHUNK) {
        const some = await query
          .selectFrom("calls")
          .select(["id", "status", "result", "fault_code", "fault_string"])
          .where("id", "in", ids.slice(at, at + CHUNK))
          .where("status", "in", ["done", "faulted", "expired"])
          .execute();
        rows.push(...some);
      }
      return rows;
    },
    expire: async (ids, now) => {
      for (let at = 0; at < ids.length; at += CHUNK) {
        await query
          .updateTable("calls")
          .set({ status: "expired", finished_at: now })
          .where("id", "in", ids.slice(at, at + CHUNK))
          .where("status", "in", open)
          .execute();
      }
    },
    expireDue: async (now) => {
      await query
        .updateTable("calls")
        .set({ status: "expired", finished_at: now })
        .where("deadline_at", "<=", now)
        .where("status", "in", open)
        .execute();
    },
  };
}
