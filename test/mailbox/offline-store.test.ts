// Messages for absent accounts: the database and the memory keep them alike.

import { afterEach, describe, expect, it } from "vitest";
import { createOfflineStore, type Database, openDatabase } from "../../src/mailbox/index.js";
import type { OfflineLimits, OfflineStore } from "../../src/xmpp/index.js";
import { createMemoryOfflineStore } from "../../src/xmpp/standalone/offline/offline-store.js";

const ALICE = "alice@localhost";
const BOB = "bob@localhost";
const DAY_MS = 86_400_000;
const WIDE: OfflineLimits = {
  offlineMessagesPerAccount: 100,
  offlineMessages: 100,
  offlineBytes: 1_000_000,
  offlineDays: 1,
};

const open: Database[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

async function inDatabase(limits: OfflineLimits): Promise<OfflineStore> {
  const database = await openDatabase("sqlite::memory:");
  open.push(database);
  await database.migrate();
  return createOfflineStore(() => database, limits);
}

const message = (text: string, stampMs = 1) => ({
  from: "eve@localhost/x",
  stampMs,
  xml: `<message>${text}</message>`,
});

describe.each([
  ["in a database", inDatabase],
  ["in memory", async (limits: OfflineLimits) => createMemoryOfflineStore(limits)],
])("%s", (_name, create) => {
  it("lists, reads and removes by account, in the order messages came", async () => {
    const store = await create(WIDE);
    for (const text of ["one", "two"]) expect(await store.keep(ALICE, message(text))).toBe(true);
    await store.keep(BOB, message("three"));
    const entries = await store.list(ALICE);
    expect(entries).toMatchObject([
      { from: "eve@localhost/x", stampMs: 1, bytes: 22 },
      { from: "eve@localhost/x", stampMs: 1, bytes: 22 },
    ]);
    const [first = "", second = ""] = entries.map(({ id }) => id);
    expect(first < second).toBe(true);
    const xml = async (account: string, ids: readonly string[]) =>
      (await store.read(account, ids)).map((one) => one.xml);
    expect(await xml(ALICE, [second, "7", "x", first])).toEqual([message("one").xml, message("two").xml]);
    expect(await xml(ALICE, [])).toEqual([]);
    expect(await xml(BOB, [first])).toEqual([]);
    expect(await store.remove(BOB, [first])).toBe(0);
    expect(await store.remove(ALICE, [first, "9"])).toBe(1);
    expect(await store.remove(ALICE)).toBe(1);
    expect(await store.list(ALICE)).toEqual([]);
    expect(await store.list(BOB)).toHaveLength(1);
    expect(await store.remove(ALICE)).toBe(0);
  });

  it("keeps as many as the limits say, and forgets what is too old first", async () => {
    const size = Buffer.byteLength(message("ä").xml);
    const store = await create({
      offlineMessagesPerAccount: 2,
      offlineMessages: 3,
      offlineBytes: 3 * size,
      offlineDays: 1,
    });
    const keep = (account: string, stampMs: number, text = "ä") => store.keep(account, message(text, stampMs));
    expect([await keep(ALICE, 0), await keep(ALICE, 1), await keep(ALICE, 2)]).toEqual([true, true, false]);
    expect([await keep(BOB, 2), await keep(BOB, 2)]).toEqual([true, false]);
    // At one day the first is kept, past it there is room.
    expect([await keep(BOB, DAY_MS), await keep(BOB, DAY_MS + 1, "ää")]).toEqual([false, false]);
    expect(await keep(BOB, DAY_MS + 1)).toBe(true);
    expect(await store.list(ALICE)).toMatchObject([{ stampMs: 1 }]);
  });
});
