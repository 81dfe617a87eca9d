// One prepared query against a database that somebody else owns: SQLite by libsql, PostgreSQL by pg; each loaded when used.

import { openPool, openSqliteThread } from "./mailbox/index.js";

const MAX_CONNECTIONS = 4;

/** A row as the database gives it. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A query with one parameter. */
export interface SqlLookup {
  /** The first row; undefined when there is none. */
  first(parameter: string): Promise<SqlRow | undefined>;
  close(): void;
}

/**
 * Opens a query.
 *
 * @param url `sqlite:FILE`, opened for reading only, or `postgresql://…`
 * @param query one SELECT with one parameter: `?` in SQLite, `$1` in PostgreSQL
 * @throws when there is no such database, or it does not take the query
 */
export async function openSqlLookup(url: string, query: string): Promise<SqlLookup> {
  const lookup = await open(url, query);
  try {
    // A wrong address, password or query is found at the start, and not by the first user.
    await lookup.first("");
    return lookup;
  } catch (error) {
    lookup.close();
    throw error;
  }
}

async function open(url: string, query: string): Promise<SqlLookup> {
  if (url.startsWith("sqlite:")) return openSqlite(url.slice("sqlite:".length), query);
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, query);
  throw new Error("expected sqlite:FILE or postgresql://…");
}

async function openSqlite(file: string, query: string): Promise<SqlLookup> {
  const thread = await openSqliteThread(file, { readonly: true });
  return {
    first: async (parameter) => (await thread.run(query, [parameter])).rows[0],
    close: () => void thread.close(),
  };
}

async function openPostgres(url: string, query: string): Promise<SqlLookup> {
  const pool = await openPool(url, MAX_CONNECTIONS);
  return {
    first: async (parameter) => (await pool.query<SqlRow>(query, [parameter])).rows[0],
    close: () => void pool.end(),
  };
}
