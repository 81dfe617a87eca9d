// The mailbox on a real PostgreSQL: its migration, the documented SQL, being told of rows, calls that another program answers.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createGateway,
  createMailbox,
  createMemoryNetwork,
  createRequester,
  type Gateway,
  type Mailbox,
  RpcFault,
} from "../../src/index.js";
import { openDatabase, purge } from "../../src/mailbox/index.js";
import { documentedSql } from "../support/documented-sql.js";
import { type Postgres, startPostgres } from "../support/postgres.js";

let postgres: Postgres;
let application: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  application = new pg.Client({ connectionString: postgres.url });
  // The test of a lost connection ends it.
  application.on("error", () => undefined);
  await application.connect();
});
afterAll(async () => {
  await application.end();
  await postgres.stop();
});

it("is refused without its tables, and says what to do", async () => {
  const link = createMemoryNetwork().link("rpc.example.org");
  const gateway = createGateway({ link, mailbox: { url: postgres.url } });
  await expect(gateway.start()).rejects.toThrow(/lacks 0001-mailbox.*; run jabber-rpc mailbox migrate --config FILE/);
  await expect(createMailbox({ url: postgres.url })).rejects.toThrow("jabber-rpc mailbox migrate");
});

it("that cannot be used is one line, which shows no password", async () => {
  const wrong = (change: (url: URL) => void): Promise<unknown> => {
    const url = new URL(postgres.url);
    change(url);
    return openDatabase(url.href).catch((error: unknown) => (error instanceof Error ? error.message : error));
  };
  const { host, username } = new URL(postgres.url);
  expect(await wrong((url) => (url.password = "guess"))).toBe(
    `postgresql: ${host} does not take the password of the user "${username}"`,
  );
  expect(await wrong((url) => (url.pathname = "/no such"))).toBe(
    `postgresql: there is no database "no such" at ${host}`,
  );
});

describe("once migrated", () => {
  let gateway: Gateway;
  let mailbox: Mailbox;
  const network = createMemoryNetwork();
  const requester = createRequester({ link: network.link("alice@example.org/desk") });
  beforeAll(async () => {
    const database = await openDatabase(postgres.url);
    const ran = await Promise.all([database.migrate(), database.migrate()]);
    expect(ran.flat().filter((name) => name === "0001-mailbox")).toHaveLength(1);
    await database.close();
    gateway = createGateway({
      link: network.link("rpc.example.org"),
      access: [{ allow: "*@example.org" }],
      mailbox: { url: postgres.url, methods: [{ name: "shop.half" }] },
    });
    await gateway.start();
    mailbox = await createMailbox({ url: postgres.url });
    await requester.start();
  });
  afterAll(async () => {
    await requester.stop();
    await mailbox.close();
    await gateway.stop();
  });

  it.each(documentedSql("postgresql"))("runs the SQL of %s", async (_place, text) => {
    await application.query(text);
  });

  it("tells listeners of rows", async () => {
    const listener = new pg.Client({ connectionString: postgres.url });
    await listener.connect();
    await listener.query("listen jabber_rpc");
    const told = new Promise((resolve) => void listener.once("notification", ({ payload }) => resolve(payload)));
    await application.query("insert into outbox (kind, recipient, body) values ('fax', 'a@b', '{}')");
    expect(await told).toBe("outbox");
    await listener.end();
  });

  it("parks bad JSON, which the table takes", async () => {
    const { rows } = await application.query(
      "insert into outbox (kind, recipient, body) values ('note', 'a@b', '{') returning id",
    );
    await expect(mailbox.answerTo(Number(rows[0].id))).rejects.toThrow("body: not JSON");
  });

  it("has calls answered by another program, many at a time", async () => {
    const stop = mailbox.serve("shop.half", (params) => {
      const [number] = params as [number];
      if (number === 13) throw new RpcFault(13, "unlucky");
      return number / 2;
    });
    const calls = Array.from({ length: 40 }, (_, number) => requester.call("rpc.example.org", "shop.half", [number]));
    const results = await Promise.allSettled(calls);
    expect(results.map((one) => (one.status === "fulfilled" ? one.value : undefined))).toEqual(
      Array.from({ length: 40 }, (_, number) => (number === 13 ? undefined : number / 2)),
    );
    await stop();
  });

  it("has two gateways answer their own requesters, each call once", async () => {
    const others = createMemoryNetwork();
    const second = createGateway({
      link: others.link("rpc.example.org"),
      access: [{ allow: "*@example.org" }],
      mailbox: { url: postgres.url, methods: [{ name: "shop.half" }] },
    });
    await second.start();
    // The same address on both sides: only the gateway knows whose call a row is.
    const stranger = createRequester({ link: others.link("alice@example.org/desk") });
    await stranger.start();
    const handled: number[] = [];
    const programs = await Promise.all([createMailbox({ url: postgres.url }), createMailbox({ url: postgres.url })]);
    for (const program of programs)
      program.serve("shop.half", (params) => {
        const [number] = params as [number];
        handled.push(number);
        return number / 2;
      });
    const numbers = Array.from({ length: 100 }, (_, number) => number + 1_000);
    const answers = await Promise.all(
      numbers.map((number) => (number % 2 === 0 ? requester : stranger).call("rpc.example.org", "shop.half", [number])),
    );
    expect(answers).toEqual(numbers.map((number) => number / 2));
    expect(handled.toSorted((a, b) => a - b)).toEqual(numbers);
    const { rows } = await application.query(
      "select count(*)::int as rows, count(distinct params)::int as calls from calls where status = 'done' and params like '[1___]'",
    );
    expect(rows).toEqual([{ rows: 100, calls: 100 }]);
    await Promise.all(programs.map((program) => program.close()));
    await stranger.stop();
    await second.stop();
  });

  it("deletes what is done, and nothing else", async () => {
    const database = await openDatabase(postgres.url);
    await application.query("delete from calls where status in ('new', 'leased')");
    const count = "select (select count(*)::int from calls) as calls, count(*)::int as outbox from outbox";
    const { rows } = await application.query(`${count} where status = 'sent'`);
    expect(rows[0].calls).toBeGreaterThanOrEqual(140);
    expect(await purge(database, database.now() + 60_000)).toMatchObject(rows[0]);
    const left = await application.query("select distinct status from outbox");
    expect(left.rows).toEqual([{ status: "parked" }]);
    await database.close();
  });

  it("goes on after the server was killed", async () => {
    await postgres.restart();
    const stop = mailbox.serve("shop.half", (params) => {
      const [number] = params as [number];
      return number / 2;
    });
    let result: unknown;
    while (result === undefined) {
      // Until the connections are back a call faults.
      result = await requester.call("rpc.example.org", "shop.half", [8]).catch(() => undefined);
    }
    expect(result).toBe(4);
    await stop();
  });
});
