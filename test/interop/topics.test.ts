// Hosted topics kept in a real PostgreSQL, which two gateways share and which goes away meanwhile (docs/topics.md).

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/mailbox/index.js";
import { type Postgres, startPostgres } from "../support/postgres.js";
import { recordingLog } from "../support/recording-log.js";
import { notified, type Person, startTopicsGateway, stopTopicsGateways } from "../support/topics-gateway.js";

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
  const database = await openDatabase(postgres.url);
  await database.migrate();
  await database.close();
});
afterEach(stopTopicsGateways);
afterAll(() => postgres.stop());

const subscribe = (person: Person, node: string): Promise<string> =>
  person.outcome("set", `<subscribe node='${node}' jid='${person.jid}'/>`);
const told = async (person: Person): Promise<string> => notified(await person.next()).told;

it("are published, replaced, taken back, forgotten and deleted, and are there after a restart", async () => {
  const options = { mailbox: { url: postgres.url }, topics: [{ node: "news", maxItems: 2, sendLastItem: true }] };
  const before = await startTopicsGateway(options);
  const alice = await before.person();
  expect(await subscribe(alice, "news")).toBe("result");
  expect(await subscribe(alice, "news")).toBe("result");
  for (const id of ["a", "b", "c", "a"]) await before.topics.publish("news", { json: id }, { itemId: id });
  for (const id of ["a", "b", "c", "a"]) expect(await told(alice)).toBe(`headline news: +${id}`);
  const { topics, person } = await before.restart();
  expect(await topics.items("news")).toEqual([
    { id: "c", payload: { json: "c" } },
    { id: "a", payload: { json: "a" } },
  ]);
  expect(await topics.items("news", { ids: ["a", "b"] })).toMatchObject([{ id: "a" }]);
  expect((await topics.subscribers("news")).map(({ jid }) => jid)).toEqual([alice.jid]);
  await topics.retract("news", "c");
  await expect(topics.retract("news", "c")).rejects.toMatchObject({ code: "no-such-item" });
  expect(await told(alice)).toBe("headline news: -c");
  const bert = await person("bert@example.org/desk");
  expect(await subscribe(bert, "news")).toBe("result");
  expect(notified(await bert.next())).toMatchObject({ told: "headline news: +a", isLate: true });
  expect(await alice.outcome("set", `<unsubscribe node='news' jid='${alice.jid}'/>`)).toBe("result");
  await topics.delete("news");
  expect(await told(bert)).toBe("headline news: delete");
  expect(await topics.items("news")).toEqual([]);
  expect(await topics.subscribers("news")).toEqual([]);
});

it("are refused while the database is away, and what was kept before is told once it is back", async () => {
  const log = recordingLog();
  const limits = { topicRetryMs: 20 };
  const { topics, person, link } = await startTopicsGateway({ mailbox: { url: postgres.url }, limits, log });
  const alice = await person();
  await topics.create("outage");
  await subscribe(alice, "outage");
  link.lose();
  await topics.publish("outage", { json: 1 }, { itemId: "before" });
  await postgres.kill();
  await expect(topics.publish("outage", { json: 2 }, { itemId: "during" })).rejects.toThrow();
  link.comeBack();
  await log.until(/^topics\.paused /);
  await postgres.launch();
  expect(await told(alice)).toBe("headline outage: +before");
  await topics.publish("outage", { json: 3 }, { itemId: "after" });
  expect(await told(alice)).toBe("headline outage: +after");
  expect((await topics.items("outage")).map(({ id }) => id)).toEqual(["before", "after"]);
});
