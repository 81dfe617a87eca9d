// Must hold (issue 6): the gateway is killed at random moments while it sends rows through Prosody, and so is the database; two
// gateways share one. Every row arrives, in order, once by its id. JABBER_RPC_FULL=1: 10,000 rows and 20 kills.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GatewayProcess, RESPONDER } from "../support/gateway-process.js";
import { type Books, GATEWAYS, openBooks, PEOPLE, startMailboxGateway } from "../support/mailbox-books.js";
import { type Postgres, startPostgres } from "../support/postgres.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const IS_FULL = process.env["JABBER_RPC_FULL"] === "1";
const ROWS = IS_FULL ? 10_000 : 1_500;
const KILLS = IS_FULL ? 20 : 2;
const SEED = Number(process.env["JABBER_RPC_SEED"] ?? Date.now() % 1_000_000);
const stops: (() => Promise<unknown>)[] = [];
let prosody: Prosody;
vi.setConfig({ testTimeout: IS_FULL ? 600_000 : 120_000 });

beforeEach(async () => {
  process.stdout.write(`mailbox-kills: JABBER_RPC_SEED=${SEED}\n`);
  prosody = await startProsody({
    users: Object.fromEntries(PEOPLE.map((name) => [name, name])),
    components: Object.fromEntries(GATEWAYS.map((domain) => [domain, RESPONDER.password])),
  });
  stops.push(() => prosody.stop());
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many points of progress, at random, in order. */
function moments(random: () => number, count: number): number[] {
  return Array.from({ length: count }, () => Math.floor(random() * (ROWS - 1)) + 1).sort((one, other) => one - other);
}

async function openSqliteBooks(): Promise<{ readonly books: Books; readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-mailbox-"));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  return openOver(`sqlite:${join(folder, "mailbox.db")}`);
}

async function openPostgresBooks(): Promise<{
  readonly books: Books;
  readonly url: string;
  readonly postgres: Postgres;
}> {
  const postgres = await startPostgres();
  stops.push(() => postgres.stop());
  return { ...(await openOver(postgres.url)), postgres };
}

async function openOver(url: string): Promise<{ readonly books: Books; readonly url: string }> {
  const books = await openBooks(prosody, url);
  stops.push(() => books.stop());
  return { books, url };
}

/** A gateway that is killed and started again. */
async function keepGateway(url: string, jid: string): Promise<{ kill(): Promise<void> }> {
  let gateway: GatewayProcess = await startMailboxGateway(prosody, url, jid);
  stops.push(() => gateway.process.stop());
  return {
    kill: async () => {
      await gateway.process.stop();
      gateway = await startMailboxGateway(prosody, url, jid);
    },
  };
}

describe("kill -9 of the gateway loses nothing and repeats only what was unknown", () => {
  it.each([
    ["SQLite", openSqliteBooks],
    ["PostgreSQL", openPostgresBooks],
  ])("on %s", async (_name, open) => {
    const random = seeded(SEED);
    const { books, url } = await open();
    await books.insert(ROWS / 2);
    const gateway = await keepGateway(url, GATEWAYS[0]);
    const inserting = books.insert(ROWS / 2);
    for (const moment of moments(random, KILLS)) {
      await books.untilArrived(moment);
      await gateway.kill();
    }
    await inserting;
    await books.untilDone();
    expect(await books.problems()).toEqual([]);
    expect(books.arrived).toBe(ROWS);
  });
});

it("kill -9 of PostgreSQL loses nothing and repeats nothing", async () => {
  const random = seeded(SEED + 1);
  const { books, url, postgres } = await openPostgresBooks();
  await books.insert(ROWS);
  await keepGateway(url, GATEWAYS[0]);
  for (const moment of moments(random, KILLS)) {
    await books.untilArrived(moment);
    await postgres.restart();
  }
  await books.untilDone();
  expect(await books.problems()).toEqual([]);
  expect(books.repeated).toBe(0);
});

it("two gateways on one PostgreSQL send each row once, and one goes on when the other is killed", async () => {
  const random = seeded(SEED + 2);
  const { books, url } = await openPostgresBooks();
  await books.insert(ROWS / 2);
  const gateways = await Promise.all(GATEWAYS.map((jid) => keepGateway(url, jid)));
  const inserting = books.insert(ROWS / 2);
  for (const [index, moment] of moments(random, KILLS).entries()) {
    await books.untilArrived(moment);
    await gateways[index % gateways.length]?.kill();
  }
  await inserting;
  await books.untilDone();
  expect(await books.problems()).toEqual([]);
  expect(books.arrived).toBe(ROWS);
});
