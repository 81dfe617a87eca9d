// Rows of an outbox and what their recipients received through a real server, and whether the two agree.

import { type Database, openDatabase } from "../../src/mailbox/index.js";
import type { XmlText } from "../../src/xml/index.js";
import { createClientLink } from "../../src/xmpp/index.js";
import { type GatewayProcess, RESPONDER, spawnGateway } from "./gateway-process.js";
import type { Prosody } from "./prosody.js";

/** Components that the server has to know, each with the gateway's password. */
export const GATEWAYS = ["rpc1.localhost", "rpc2.localhost"] as const;
/** Accounts that the server has to know, each with its name as its password. */
export const PEOPLE = ["ann", "bob", "cid"] as const;

/**
 * A gateway that only sends the outbox, in a process of its own. Its leases are short, so that its rows are soon taken over.
 *
 * @param more further settings
 */
export async function startMailboxGateway(
  prosody: Prosody,
  url: string,
  jid: string,
  more: object = { handlers: [] },
): Promise<GatewayProcess> {
  const link = {
    mode: "component",
    service: `xmpp://127.0.0.1:${prosody.componentPort}`,
    jid,
    password: { env: "INTEROP_PASSWORD" },
  };
  const limits = { outboxLeaseMs: 1_000 };
  const settings = { link, ...more, mailbox: { url: { env: "MAILBOX_URL" } }, limits };
  const gateway = await spawnGateway(settings, { MAILBOX_URL: url, INTEROP_PASSWORD: RESPONDER.password });
  await gateway.process.until("stdout", /^ready /m);
  return gateway;
}

/** The books of one run. */
export interface Books {
  readonly database: Database;
  /** How many different rows have arrived. */
  readonly arrived: number;
  /** How many arrived again. */
  readonly repeated: number;
  /** Inserts rows for everybody in turn, as another program would. */
  insert(count: number): Promise<void>;
  /** Resolves when so many different rows have arrived. */
  untilArrived(count: number): Promise<void>;
  /** Resolves when no row is new or leased. */
  untilDone(): Promise<void>;
  /** What does not agree: empty when every row was sent once, or again under its id only where its outcome was unknown. */
  problems(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Opens and migrates a database, and has everybody listen. */
export async function openBooks(prosody: Prosody, url: string): Promise<Books> {
  const database = await openDatabase(url);
  await database.migrate();
  const received = new Map(PEOPLE.map((name) => [name as string, [] as string[]]));
  const unique = new Set<string>();
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  let messages = 0;
  const links = PEOPLE.map((name) => {
    const service = `xmpp://127.0.0.1:${prosody.port}`;
    return { name, link: createClientLink({ service, jid: `${name}@localhost/desk`, password: name }) };
  });
  for (const { name, link } of links) {
    await link.start({
      stanza: ({ name: kind, attrs }) => {
        if (kind !== "message" || attrs["id"] === undefined) return;
        messages += 1;
        received.get(name)?.push(attrs["id"]);
        unique.add(attrs["id"]);
        for (const one of waiting) if (unique.size >= one.count) one.resolve();
      },
      oversize: () => undefined,
      online: () => undefined,
      offline: () => undefined,
    });
    link.send("<presence/>" as XmlText);
  }
  return {
    database,
    get arrived() {
      return unique.size;
    },
    get repeated() {
      return messages - unique.size;
    },
    insert: async (count) => {
      const rows = Array.from({ length: count }, (_, index) => ({
        kind: "note",
        recipient: `${PEOPLE[index % PEOPLE.length]}@localhost`,
        body: JSON.stringify({ text: `number ${index}` }),
      }));
      for (let at = 0; at < count; at += 500)
        await database.query
          .insertInto("outbox")
          .values(rows.slice(at, at + 500))
          .execute();
    },
    untilArrived: async (count) => {
      if (unique.size >= count) return;
      await new Promise<void>((resolve) => {
        const one = { count, resolve };
        waiting.add(one);
      });
    },
    untilDone: async () => {
      for (;;) {
        const open = await openRows(database).catch(() => -1);
        if (open === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    problems: async () => {
      // With the server is not yet with the recipient.
      for (let tenths = 0; tenths < 100 && (await countRows(database)) > unique.size; tenths += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      return compare(database, received);
    },
    stop: async () => {
      for (const { link } of links) await link.stop();
      await database.close();
    },
  };
}

async function countRows(database: Database): Promise<number> {
  const { rows } = await database.query
    .selectFrom("outbox")
    .select((is) => is.fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  return rows;
}

async function openRows(database: Database): Promise<number> {
  const { open } = await database.query
    .selectFrom("outbox")
    .select((is) => is.fn.countAll<number>().as("open"))
    .where("status", "in", ["new", "leased"])
    .executeTakeFirstOrThrow();
  return open;
}

async function compare(database: Database, received: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
  const rows = await database.query.selectFrom("outbox").selectAll().orderBy("id").execute();
  const problems = rows
    .filter(({ status }) => status !== "sent")
    .map(({ id, status, error }) => `${id} ${status} ${error}`);
  const byStanza = new Map(rows.map((row) => [row.stanza_id ?? "", row]));
  for (const [name, ids] of received) {
    const expected = rows
      .filter(({ recipient }) => recipient === `${name}@localhost`)
      .map(({ stanza_id }) => stanza_id);
    const first = [...new Set(ids)];
    const differs = expected.findIndex((id, index) => first[index] !== id);
    if (differs >= 0) problems.push(`${name}: number ${differs} of ${expected.length} is ${first[differs]}`);
    if (first.length > expected.length) problems.push(`${name}: ${first.length} arrived of ${expected.length}`);
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [id, count] of counts) {
      const tries = byStanza.get(id)?.attempts ?? 0;
      if (count > tries) problems.push(`${name}: ${id} arrived ${count} times in ${tries} tries`);
    }
  }
  return problems;
}
