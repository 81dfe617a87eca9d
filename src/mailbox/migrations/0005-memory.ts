// What was seen already: items of followed topics, entries of feeds.

import { sql } from "kysely";
import type { BuildTables } from "./flavor.js";

/** One row a name and key; `at` says which are the oldest. */
export const buildMemory: BuildTables = async (database, { bigint, now, end }) => {
  await sql`create table memory (
    name text not null,
    key text not null,
    value text not null,
    at ${bigint} not null default ${now},
    primary key (name, key)
  ) ${end}`.execute(database);
  await sql`create index memory_age on memory (name, at)`.execute(database);
};
