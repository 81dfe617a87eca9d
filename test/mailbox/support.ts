// A gateway with a mailbox, and the web application as another program sees the tables: plain SQL on a connection of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { createGateway, createMemoryNetwork, type GatewayOptions, type Link } from "../../src/index.js";
import { handOver, type OutboxKind, OutboxProblem, outboxKind } from "../../src/mailbox/index.js";
import type { MailboxOptions } from "../../src/parts/index.js";
import { element, escapeText } from "../../src/xml/index.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";

const GATEWAY = "rpc.example.org";
export const PEER = "alice@example.org/desk";

/** Sends `{text}` as a message with the row's id for the stanza. */
export function textKind(link: Pick<Link, "send">, name = "text"): OutboxKind {
  return outboxKind<string>({
    name,
    read: (body) => {
      if (typeof body === "object" && body !== null && "text" in body && typeof body.text === "string")
        return body.text;
      throw new OutboxProblem("body.text: a text expected");
    },
    send: ({ recipient, stanzaId }, text) => {
      const content = element("body", {}, escapeText(text));
      return handOver(link, element("message", { type: "chat", to: recipient.full, id: stanzaId }, content), 200_000);
    },
  });
}

/** One row as the application reads it. */
export type Row = Readonly<Record<string, string | number | null>>;

export interface MailboxScene {
  readonly peer: RawPeer;
  readonly file: string;
  /** Runs a statement as the application; gives its rows. */
  sql(text: string, ...parameters: readonly (string | number | null)[]): Promise<Row[]>;
  /** Inserts a row of the outbox and gives its id. */
  outbox(row: Readonly<Record<string, string | number>>): Promise<number>;
  /** Waits until the query gives a row. */
  until(text: string, ...parameters: readonly (string | number | null)[]): Promise<Row>;
  stop(): Promise<void>;
}

export interface SceneOptions {
  readonly mailbox?: Partial<MailboxOptions>;
  readonly gateway?: Partial<GatewayOptions>;
  readonly kinds?: (link: Link) => readonly OutboxKind[];
}

/** Starts both on a database in a folder of its own. */
export async function startScene(options: SceneOptions = {}): Promise<MailboxScene> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-mailbox-"));
  const file = join(folder, "mailbox.db");
  const network = createMemoryNetwork();
  const link = network.link(GATEWAY);
  const gateway = createGateway({
    access: [{ allow: "*@example.org" }],
    ...options.gateway,
    link,
    mailbox: { url: `sqlite:${file}`, kinds: options.kinds?.(link) ?? [textKind(link)], ...options.mailbox },
  });
  await gateway.start();
  const peer = await startRawPeer(network.link(PEER));
  const application = new LibSql(file);
  // The gateway lives on this thread too: who waits for its transaction must let it go on.
  application.exec("pragma busy_timeout = 0");
  const sql: MailboxScene["sql"] = async (text, ...parameters) => {
    // One statement for all tries: libsql leaves one that found the database busy as it is, and the connection commits nothing
    // more until it is run again.
    const statement = application.prepare(text);
    for (;;) {
      try {
        if (statement.reader) return statement.all(...parameters) as Row[];
        statement.run(...parameters);
        return [];
      } catch (error) {
        if (!(error instanceof Error && error.message.includes("database is locked"))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  };
  return {
    peer,
    file,
    sql,
    outbox: async (row) => {
      const names = Object.keys(row);
      const marks = names.map(() => "?").join(", ");
      const insert = `insert into outbox (${names.join(", ")}) values (${marks}) returning id`;
      return Number((await sql(insert, ...Object.values(row)))[0]?.["id"]);
    },
    until: async (text, ...parameters) => {
      for (;;) {
        const [row] = await sql(text, ...parameters);
        if (row !== undefined) return row;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    stop: async () => {
      await peer.stop();
      await gateway.stop();
      application.close();
      await rm(folder, { recursive: true });
    },
  };
}
