// Connections to PostgreSQL.

import type pg from "pg";

const INT8_OID = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of ours takes so long, unless the server or the way to it is gone. */
const QUERY_TIMEOUT_MS = 30_000;

/** A pool; it connects when it is used, and again after every loss. */
export async function openPool(url: string, maxConnections: number): Promise<pg.Pool> {
  const { default: library } = await import("pg");
  const pool = new library.Pool({ ...(await connectionSettings(url)), max: maxConnections });
  // Without listeners a connection that breaks ends the process: one that is idle, and one between two queries of a transaction,
  // which the pool does not listen to. The next query fails, or opens another.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** How one connection is made; its numbers of 64 bits are read as numbers. */
export async function connectionSettings(url: string): Promise<pg.ClientConfig> {
  const { default: library } = await import("pg");
  const { getTypeParser } = library.types;
  return {
    connectionString: url,
    application_name: "jabber-rpc",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format?: "text" | "binary") =>
        oid === INT8_OID ? Number : getTypeParser(oid, format)) as typeof getTypeParser,
    },
  };
}
