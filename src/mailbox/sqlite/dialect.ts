// SQLite over a thread, for kysely: one connection, so transactions take turns, and each writes from its start.

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteThread } from "./thread.js";

/** A dialect over an open database; closing it is the owner's. */
export function createSqliteDialect(thread: SqliteThread): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => createDriver(thread),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite builds tables in transactions like anything else; kysely's own adapter does not say so. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver(thread: SqliteThread): Driver {
  const connection: DatabaseConnection = {
    executeQuery: async <R>({ sql, parameters }: CompiledQuery) => {
      const { rows, changes } = await thread.run(sql, parameters);
      // What the columns of a query are, only the query knows.
      const result = { rows: rows as R[] };
      return changes === undefined ? result : { ...result, numAffectedRows: BigInt(changes) };
    },
    streamQuery: () => {
      throw new Error("rows of this database are not streamed");
    },
  };
  const run = (sql: string) => async (on: DatabaseConnection) => void (await on.executeQuery(CompiledQuery.raw(sql)));
  let last: Promise<void> = Promise.resolve();
  let release: (() => void) | undefined;
  return {
    init: async () => undefined,
    acquireConnection: async () => {
      const before = last;
      let free: (() => void) | undefined;
      last = new Promise((resolve) => {
        free = resolve;
      });
      await before;
      release = free;
      return connection;
    },
    releaseConnection: async () => release?.(),
    // A transaction that first reads and then finds others writing would fail instead of waiting.
    beginTransaction: run("begin immediate"),
    commitTransaction: run("commit"),
    rollbackTransaction: run("rollback"),
    destroy: async () => undefined,
  };
}
