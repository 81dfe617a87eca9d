// Rows of kind publish, and the memory that outlives the gateway (issue 7; contract of the mailbox).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork, type Gateway, type MemoryNetwork } from "../../src/index.js";
import { createMemoryStore, openDatabase } from "../../src/mailbox/index.js";
import { createProcessMemory, type Memory } from "../../src/memory/index.js";
import { type PubSubService, SERVICE, startPubSubService } from "../support/pubsub-service.js";
import { recordingLog } from "../support/recording-log.js";

const NODE = "news";

describe("with a mailbox", () => {
  let folder: string;
  let network: MemoryNetwork;
  let service: PubSubService;
  let gateway: Gateway;
  const log = recordingLog();

  const url = (): string => `sqlite:${join(folder, "mailbox.db")}`;
  const start = async (options: object = {}): Promise<void> => {
    gateway = createGateway({ link: network.link("rpc.example.org"), mailbox: { url: url() }, log, ...options });
    await gateway.start();
  };
  /** Writes a row as the application does, and gives it once the gateway is done with it. */
  const row = async (body: object, recipient = SERVICE) => {
    const database = await openDatabase(url());
    const { id } = await database.query
      .insertInto("outbox")
      .values({ kind: "publish", recipient, body: JSON.stringify(body) })
      .returning("id")
      .executeTakeFirstOrThrow();
    for (;;) {
      const one = await database.query.selectFrom("outbox").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      if (one.status === "sent" || one.status === "parked") {
        await database.close();
        return one;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "jabber-rpc-publish-"));
    network = createMemoryNetwork();
    service = await startPubSubService(network);
    service.nodes.set(NODE, new Map());
  });
  afterEach(async () => {
    await gateway.stop();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  it("publishes rows, sent once the service has answered", async () => {
    await start();
    const sent = await row({ node: NODE, entry: { title: "Hi", text: "there" } });
    expect(sent).toMatchObject({ status: "sent", error: null });
    const [first] = service.nodes.get(NODE) ?? [];
    const [id, entry] = first ?? [];
    expect(id).toBe(sent.stanza_id);
    expect(entry).toContain(`<id>xmpp:${SERVICE}?pubsub;node=${NODE};item=${id}</id><title>Hi</title>`);
    expect(await row({ node: NODE, itemId: "j", json: { n: 1 } })).toMatchObject({ status: "sent" });
    expect(await row({ node: NODE, itemId: "x", xml: "<x xmlns='urn:x'/>" })).toMatchObject({ status: "sent" });
    expect([...(service.nodes.get(NODE)?.keys() ?? [])]).toEqual([id, "j", "x"]);
  });

  it.each<[what: string, body: object, error: RegExp]>([
    ["no node", { json: 1 }, /body\.node: a text expected/],
    ["nothing to publish", { node: NODE }, /one of entry, json and xml expected/],
    ["two things", { node: NODE, json: 1, xml: "<x xmlns='urn:x'/>" }, /one of entry, json and xml expected/],
    ["a member that is not known", { node: NODE, json: 1, itemid: "a" }, /body\.itemid: not known/],
    ["an entry without a title", { node: NODE, entry: { text: "a" } }, /body\.entry\.title: a text expected/],
    ["an entry with a bad date", { node: NODE, entry: { title: "a", updated: "x" } }, /body\.entry\.updated: a date/],
    ["an entry that says what is unknown", { node: NODE, entry: { title: "a", link2: "x" } }, /body\.entry\.link2/],
    ["a relative link", { node: NODE, entry: { title: "a", link: "/x" } }, /an absolute address/],
    ["XML that is none", { node: NODE, xml: "<a>" }, /one well-formed element/],
    ["a node that is not there", { node: "nosuch", json: 1 }, /no-such-node/],
  ])("parks a row with %s", async (_what, body, error) => {
    await start();
    const parked = await row(body);
    expect(parked.status).toBe("parked");
    expect(parked.error).toMatch(error);
    expect(service.published).toEqual([]);
  });

  it("remembers the items that a handler has seen, in another life", async () => {
    const seen: string[] = [];
    const follow = async (): Promise<void> => {
      await start();
      // As a method marked with @onItem, whose name stays the same.
      gateway.pubsub.follow(SERVICE, NODE, ({ id }) => void seen.push(id), { name: "watch.onNews" });
    };
    const until = async (count: number): Promise<void> => {
      while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    service.publish(NODE, "a", "<x xmlns='urn:x'/>");
    await follow();
    await until(1);
    await gateway.stop();
    service.publish(NODE, "b", "<x xmlns='urn:x'/>");
    await follow();
    await until(2);
    expect(seen).toEqual(["a", "b"]);
  });
});

describe.each<[name: string, open: () => Promise<{ memory: Memory; close(): Promise<void> }>]>([
  ["of the process", async () => ({ memory: createProcessMemory(), close: async () => undefined })],
  [
    "in SQLite",
    async () => {
      const database = await openDatabase("sqlite::memory:");
      await database.migrate();
      return { memory: createMemoryStore(() => database), close: () => database.close() };
    },
  ],
])("a memory %s", (_name, open) => {
  it("keeps what is put there, name by name, and forgets the oldest that is not needed", async () => {
    const { memory, close } = await open();
    for (const key of ["a", "b", "c"]) await memory.put("one", key, `1${key}`);
    await memory.put("two", "a", "2");
    await memory.put("one", "b", "again");
    expect(await memory.find("one", ["a", "b", "x"])).toEqual(
      new Map([
        ["a", "1a"],
        ["b", "again"],
      ]),
    );
    expect(await memory.find("none", ["a"])).toEqual(new Map());
    await memory.prune("one", 3, []);
    expect((await memory.find("one", ["a", "b", "c"])).size).toBe(3);
    // Times of a database are of a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 2));
    await memory.prune("one", 1, ["a", "not there"]);
    expect([...(await memory.find("one", ["a", "b", "c"])).keys()]).toEqual(["a"]);
    expect((await memory.find("two", ["a"])).size).toBe(1);
    const many = Array.from({ length: 1_203 }, (_, index) => `k${index}`);
    expect((await memory.find("one", [...many, "a"])).size).toBe(1);
    await close();
  });
});
