// The engine of the outbox on a database of its own, with time turned by hand: limits, leases, and what a broken link means.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withDefaultLimits } from "../../src/limits.js";
import {
  createOutboxEngine,
  createOutboxStore,
  type Database,
  type MailboxLimits,
  type OutboxEngine,
  type OutboxKind,
  type OutboxRow,
  openDatabase,
  outboxKind,
  type Sending,
} from "../../src/mailbox/index.js";
import { silentLogger } from "../../src/observe/index.js";
import { Disconnected } from "../../src/xmpp/index.js";
import { ManualClock } from "../support/manual-clock.js";

let folder: string;
let database: Database;
let clock: ManualClock;
let engines: OutboxEngine[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-engine-"));
  database = await openDatabase(`sqlite:${join(folder, "mailbox.db")}`);
  await database.migrate();
  clock = new ManualClock();
  engines = [];
});
afterEach(async () => {
  const stopped = Promise.all(engines.map((engine) => engine.stop(1)));
  await turn(() => stopped.then(() => true), 20);
  await database.close();
  await rm(folder, { recursive: true });
});

/** Turns the clock until a condition holds. */
async function turn(holds: () => unknown, stepMs = 10): Promise<void> {
  const state = { isOver: false };
  const look = async (): Promise<void> => {
    while ((await holds()) !== true) await new Promise((resolve) => setTimeout(resolve, 1));
    state.isOver = true;
  };
  const looking = look();
  while (!state.isOver) {
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await looking;
}

interface Scene {
  readonly limits?: Partial<MailboxLimits>;
  readonly flushed?: () => Promise<void>;
  readonly isOnline?: () => boolean;
  readonly isOnceOnly?: boolean;
  readonly send?: (row: OutboxRow) => Sending | Promise<Sending>;
}

/** One gateway's engine; `1` is what its random numbers are, so waits are as long as they may be. */
function startEngine({ limits, flushed, isOnline, isOnceOnly, send }: Scene): OutboxEngine {
  const kind: OutboxKind = outboxKind({
    name: "test",
    read: () => 0,
    send: send ?? (() => "confirmed"),
    ...(isOnceOnly === undefined ? {} : { isOnceOnly }),
  });
  const engine = createOutboxEngine({
    store: createOutboxStore(database),
    kinds: [kind],
    link: {
      get isOnline() {
        return isOnline?.() ?? true;
      },
      flushed: flushed ?? (() => Promise.resolve()),
    },
    limits: withDefaultLimits(limits),
    log: silentLogger,
    clock,
    random: () => 1,
  });
  engine.start();
  engines.push(engine);
  return engine;
}

async function insert(count: number, values: object = {}): Promise<void> {
  for (let number = 0; number < count; number += 1)
    await database.query
      .insertInto("outbox")
      .values({ kind: "test", recipient: `p${number}@example.org`, body: "0", ...values })
      .execute();
}

const rows = () => database.query.selectFrom("outbox").selectAll().orderBy("id").execute();
const statuses = async () => (await rows()).map(({ status }) => status);
const areAll = (status: string) => async () => (await statuses()).every((each) => each === status);

describe("limits", () => {
  it("sends no more rows at a time than outboxInFlight", async () => {
    const open: (() => void)[] = [];
    const send = () => new Promise<Sending>((resolve) => open.push(() => resolve("confirmed")));
    await insert(3);
    const engine = startEngine({ limits: { outboxInFlight: 2 }, send });
    await turn(() => open.length === 2);
    // The next look comes and goes without a third.
    clock.advance(5_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(open.length).toBe(2);
    expect(engine.held).toBe(2);
    open[0]?.();
    await turn(() => open.length === 3);
    for (const close of open) close();
    await turn(areAll("sent"));
  });

  it("waits outboxRetryMs, twice as long each time, up to outboxMaxRetryMs, and parks after outboxTries", async () => {
    const waits: number[] = [];
    const triedAt: number[] = [];
    const send = (): Sending => {
      triedAt.push(clock.now());
      throw new Error("no");
    };
    await insert(1);
    startEngine({ limits: { outboxRetryMs: 100_000, outboxMaxRetryMs: 250_000, outboxTries: 4 }, send });
    for (let attempt = 1; attempt < 4; attempt += 1) {
      await turn(async () => (await rows())[0]?.attempts === attempt && (await statuses())[0] === "new", 100);
      const [row] = await rows();
      waits.push(Number(row?.next_try_at) - Number(triedAt.at(-1)));
      await turn(() => triedAt.length === attempt + 1, 1_000);
      expect(triedAt.at(-1)).toBeGreaterThanOrEqual(Number(row?.next_try_at));
    }
    expect(waits).toEqual([100_000, 200_000, 250_000]);
    await turn(areAll("parked"), 100);
    expect((await rows())[0]).toMatchObject({ attempts: 4, error: "no (try 4, the last)" });
  });

  it("takes over what another gateway had once its lease has ended, and not before", async () => {
    await insert(1, { status: "leased", lease_owner: "dead", lease_until: 10_000, attempts: 1, stanza_id: "s1" });
    startEngine({});
    clock.advance(9_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await statuses()).toEqual(["leased"]);
    await turn(areAll("sent"), 1_000);
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect((await rows())[0]).toMatchObject({ attempts: 2, stanza_id: "s1" });
  });

  it("keeps a lease for as long as it lives, however slow the sending is", async () => {
    let close: (() => void) | undefined;
    let sent = 0;
    const send = () =>
      new Promise<Sending>((resolve) => {
        sent += 1;
        close = () => resolve("confirmed");
      });
    await insert(1);
    startEngine({ limits: { outboxLeaseMs: 3_000 }, send });
    await turn(() => sent === 1);
    startEngine({ limits: { outboxLeaseMs: 3_000 }, send });
    const until = clock.now() + 20_000;
    await turn(() => clock.now() >= until, 200);
    expect(sent).toBe(1);
    close?.();
    await turn(areAll("sent"));
    expect(sent).toBe(1);
  });

  it("parks a row during which gateways keep dying, at outboxTries", async () => {
    await insert(1, { status: "leased", lease_owner: "dead", lease_until: 0, attempts: 3, stanza_id: "s1" });
    startEngine({ limits: { outboxTries: 3 } });
    await turn(areAll("parked"));
    expect((await rows())[0]?.error).toBe("the gateway ended while it was being sent, and this was try 3");
    await insert(1, { status: "leased", lease_owner: "dead", lease_until: 0, attempts: 2, stanza_id: "s2" });
    await turn(async () => (await statuses())[1] === "sent");
  });
});

describe("a link that fails", () => {
  it("takes no row while it is down", async () => {
    let isOnline = false;
    await insert(1);
    const engine = startEngine({ isOnline: () => isOnline });
    clock.advance(3_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await statuses()).toEqual(["new"]);
    isOnline = true;
    engine.wake();
    await turn(areAll("sent"));
  });

  it("costs no try when it took nothing, and holds back those behind it", async () => {
    let fails = 2;
    const order: number[] = [];
    const send = ({ id }: OutboxRow): Sending => {
      if (fails-- > 0) throw new Disconnected("down", false);
      order.push(id);
      return "handed over";
    };
    await insert(3, { recipient: "one@example.org" });
    startEngine({ send });
    await turn(areAll("sent"));
    expect(order).toEqual([1, 2, 3]);
    expect((await rows()).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it("has rows sent again under their ids when it was lost before they were confirmed", async () => {
    const sent: string[] = [];
    let fails = 1;
    const send = ({ stanzaId }: OutboxRow): Sending => {
      sent.push(stanzaId);
      return "handed over";
    };
    const flushed = () => (fails-- > 0 ? Promise.reject(new Error("lost")) : Promise.resolve());
    await insert(2, { recipient: "one@example.org" });
    startEngine({ send, flushed });
    await turn(areAll("sent"));
    const ids = (await rows()).map(({ stanza_id }) => stanza_id);
    expect(sent).toEqual([...ids, ...ids]);
  });

  it("parks what must not be sent twice and whose outcome is unknown", async () => {
    await insert(1);
    const send = (): Sending => {
      throw new Disconnected("lost", true);
    };
    startEngine({ isOnceOnly: true, send });
    await turn(areAll("parked"));
    expect((await rows())[0]?.error).toContain("it is not sent again by itself");
  });
});

describe("a stop", () => {
  it("waits for what is on its way, and puts back what is not", async () => {
    let close: (() => void) | undefined;
    const send = () =>
      new Promise<Sending>((resolve) => {
        close = () => resolve("confirmed");
      });
    await insert(2, { recipient: "one@example.org" });
    const engine = startEngine({ send });
    await turn(() => close !== undefined);
    const stopped = engine.stop(60_000).then(() => true);
    close?.();
    await turn(() => stopped);
    expect(await rows()).toMatchObject([
      { status: "sent" },
      { status: "new", attempts: 0, lease_owner: null, next_try_at: null },
    ]);
  });
});

describe("postponed rows", () => {
  it("are asked about when their person, and nobody else, has come", async () => {
    let mayGo = false;
    await insert(1, { recipient: "ann@example.org/desk" });
    await insert(1, { recipient: "ann@example.org" });
    await insert(1, { recipient: "bob@example.org" });
    const engine = startEngine({ send: () => (mayGo ? "confirmed" : { postponedUntil: clock.now() + 1e9 }) });
    await turn(async () => (await rows()).every(({ not_before }) => not_before !== null));
    mayGo = true;
    await createOutboxStore(database).release(["ann@example.org"]);
    engine.wake();
    await turn(async () => (await statuses()).filter((each) => each === "sent").length === 2);
    expect(await statuses()).toEqual(["sent", "sent", "new"]);
  });

  it("that wait for a time of the application's are not", async () => {
    await insert(1, { recipient: "ann@example.org", not_before: 1e12 });
    await createOutboxStore(database).release(["ann@example.org"]);
    expect((await rows())[0]?.not_before).toBe(1e12);
  });
});
