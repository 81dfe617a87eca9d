// Messages that a stand-alone gateway keeps for absent accounts.

import { sql } from "kysely";
import type { BuildTables } from "./flavor.js";

/** The table `offline_messages`. */
export const buildOffline: BuildTables = async (database, { id, bigint, end }) => {
  const statements = [
    sql`create table offline_messages (
      id ${id},
      account text not null,
      sender text not null,
      stamp ${bigint} not null,
      xml text not null,
      bytes integer not null
    ) ${end}`,
    sql`create index offline_messages_account on offline_messages (account, id)`,
    sql`create index offline_messages_stamp on offline_messages (stamp)`,
  ];
  for (const statement of statements) await statement.execute(database);
};
