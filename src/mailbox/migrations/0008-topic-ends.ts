// Who is still to be told that a hosted topic is gone (docs/topics.md).

import { sql } from "kysely";
import type { BuildTables } from "./flavor.js";

/** The table `topic_ends`: one row for each subscriber that a deleted topic had. */
export const buildTopicEnds: BuildTables = async (database, { id, end }) => {
  const statements = [
    sql`create table topic_ends (
      id ${id},
      service text not null,
      node text not null,
      jid text not null
    ) ${end}`,
    sql`create index topic_ends_service on topic_ends (service, id)`,
  ];
  for (const statement of statements) await statement.execute(database);
};
