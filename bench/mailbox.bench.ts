// The outbox through Prosody, on SQLite and on PostgreSQL, beside a bare socket that sends the same messages; and what a lock that
// somebody else holds on the SQLite file does to calls. Run after a build: node dist/bench/mailbox.bench.js

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LibSql from "libsql";
import { RESPONDER } from "../test/support/gateway-process.js";
import { type Books, GATEWAYS, openBooks, PEOPLE, startMailboxGateway } from "../test/support/mailbox-books.js";
import { startPostgres } from "../test/support/postgres.js";
import { startProsody } from "../test/support/prosody.js";
import { callText, keepInFlight, login } from "./bare-requester.js";
import { median, publish } from "./report.js";
import { REQUESTER } from "./responders.js";

const ROWS = 3_000;
const ROUNDS = 5;
const SINGLE_ROWS = 200;
const LOCK_MS = 5_000;

const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-bench-"));
const postgres = await startPostgres();
const file = join(folder, "mailbox.db");

/** A way from an insertion, or a write, to the recipients. */
interface Way {
  readonly name: string;
  readonly books: Books;
  /** Sends so many messages, to everybody in turn. */
  send(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Each way has a server of its own, so that none waits for another's messages. */
function startServer() {
  return startProsody({
    users: {
      ...Object.fromEntries(PEOPLE.map((name) => [name, name])),
      [REQUESTER.user]: REQUESTER.password,
    },
    components: Object.fromEntries(GATEWAYS.map((domain) => [domain, RESPONDER.password])),
  });
}

async function bareWay(): Promise<Way> {
  const prosody = await startServer();
  const socket = await login({ port: prosody.port, ...REQUESTER });
  const books = await openBooks(prosody, "sqlite::memory:");
  let last = 0;
  const message = (index: number): string => {
    last += 1;
    return `<message type='chat' id='bare-${last}' to='${PEOPLE[index % PEOPLE.length]}@localhost'><body>number ${index}</body></message>`;
  };
  return {
    name: "bare socket",
    books,
    send: async (count) => {
      socket.write(Array.from({ length: count }, (_, index) => message(index)).join(""));
    },
    stop: async () => {
      socket.destroy();
      await books.stop();
      await prosody.stop();
    },
  };
}

async function outboxWay(name: string, url: string): Promise<Way> {
  const prosody = await startServer();
  const books = await openBooks(prosody, url);
  const gateway = await startMailboxGateway(prosody, url, GATEWAYS[0]);
  return {
    name,
    books,
    send: (count) => books.insert(count),
    stop: async () => {
      await gateway.stop();
      await books.stop();
      await prosody.stop();
    },
  };
}

/** Seconds from the first insertion to the last arrival. */
async function timeMany({ books, send }: Way): Promise<number> {
  const target = books.arrived + ROWS;
  const start = performance.now();
  await send(ROWS);
  await books.untilArrived(target);
  return (performance.now() - start) / 1_000;
}

async function timeOneByOne({ books, send }: Way): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < SINGLE_ROWS; count += 1) {
    const target = books.arrived + 1;
    const start = performance.now();
    await send(1);
    await books.untilArrived(target);
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other);
}

async function compareWays(): Promise<void> {
  const ways = [
    await bareWay(),
    await outboxWay("outbox on SQLite", `sqlite:${file}`),
    await outboxWay("outbox on PostgreSQL", postgres.url),
  ];
  const seconds = ways.map((): number[] => []);
  for (const way of ways) await timeMany(way);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, way] of ways.entries()) seconds[index]?.push(await timeMany(way));
  const [first = []] = seconds;
  const rows: string[][] = [];
  for (const [index, way] of ways.entries()) {
    const own = seconds[index] ?? [];
    const single = await timeOneByOne(way);
    rows.push([
      way.name,
      (ROWS / median(own)).toFixed(0),
      median(own.map((time, round) => (first[round] ?? Number.NaN) / time)).toFixed(2),
      median(single).toFixed(1),
      (single[Math.floor(SINGLE_ROWS * 0.95)] ?? Number.NaN).toFixed(1),
    ]);
  }
  const title = `Outbox: from the insertion of ${ROWS} rows to their delivery through Prosody, and of one row at a time`;
  publish([{ title, columns: ["", "rows/s", "its ratio", "one row, p50 ms", "p95 ms"], rows }]);
  for (const way of ways) await way.stop();
}

/** The longest of calls made one after the other for so long, in milliseconds, and how many there were. */
async function longestCall(run: () => Promise<unknown>, ms: number): Promise<readonly [string, string]> {
  const end = performance.now() + ms;
  let longest = 0;
  let calls = 0;
  while (performance.now() < end) {
    const start = performance.now();
    await run();
    longest = Math.max(longest, performance.now() - start);
    calls += 1;
  }
  return [longest.toFixed(1), String(calls)];
}

async function measureLock(): Promise<void> {
  const prosody = await startServer();
  const settings = { handlers: ["builtin:examples"], access: [{ allow: "*@localhost" }] };
  const gateway = await startMailboxGateway(prosody, `sqlite:${file}`, GATEWAYS[0], settings);
  const socket = await login({ port: prosody.port, ...REQUESTER });
  const call = callText(GATEWAYS[0]);
  const once = () => keepInFlight(socket, call, 0, 1);
  const application = new LibSql(file);
  await longestCall(once, 2_000);
  const rows = [["nobody holds a lock", ...(await longestCall(once, LOCK_MS))]];
  // The gateway wants to write once a second at least: it looks for rows that have expired.
  application.exec("begin immediate");
  rows.push([`somebody holds the write lock for ${LOCK_MS} ms`, ...(await longestCall(once, LOCK_MS))]);
  application.exec("commit");
  application.close();
  publish([
    { title: "Calls through Prosody while SQLite is locked", columns: ["", "longest call, ms", "calls"], rows },
  ]);
  socket.destroy();
  await gateway.stop();
  await prosody.stop();
}

await compareWays();
await measureLock();
await postgres.stop();
await rm(folder, { recursive: true });
