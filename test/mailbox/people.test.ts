// Rows of the outbox for people, and what comes of them in the tables: notes, receipts, questions, answers (issue 6).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork, type Gateway, type MemoryNetwork } from "../../src/index.js";
import { type Database, openDatabase } from "../../src/mailbox/index.js";
import { findChild } from "../../src/xml/index.js";
import { bodyOf, chat, codeIn, DESK, formIn, GATEWAY, submit } from "../support/notes-gateway.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";

let folder: string;
let url: string;
let network: MemoryNetwork;
let gateway: Gateway;
let database: Database;
let desk: RawPeer;

const startGateway = async (): Promise<void> => {
  gateway = createGateway({ link: network.link(GATEWAY), mailbox: { url } });
  await gateway.start();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-people-"));
  url = `sqlite:${join(folder, "mailbox.db")}`;
  network = createMemoryNetwork();
  await startGateway();
  // As a web application has it: a connection of its own.
  database = await openDatabase(url);
  desk = await startRawPeer(network.link(DESK));
});
afterEach(async () => {
  await desk.stop();
  await gateway.stop();
  await database.close();
  await rm(folder, { recursive: true });
});

const insert = async (kind: string, body: unknown, recipient = DESK): Promise<number> => {
  const text = JSON.stringify(body);
  const row = await database.query
    .insertInto("outbox")
    .values({ kind, recipient, body: text })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
};

/** Looks until it is there: another connection tells nobody of its rows, so there is no event to wait for. */
const eventually = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const outbox = (id: number, status: "sent" | "parked") =>
  eventually(() =>
    database.query
      .selectFrom("outbox")
      .selectAll()
      .where("id", "=", id)
      .where("status", "=", status)
      .executeTakeFirst(),
  );
const inbox = (outboxId: number, kind: string) =>
  eventually(() =>
    database.query
      .selectFrom("inbox")
      .selectAll()
      .where("outbox_id", "=", outboxId)
      .where("kind", "=", kind)
      .executeTakeFirst(),
  );

describe("rows of the kind note", () => {
  it("are sent, and their receipts become rows of the inbox", async () => {
    const id = await insert("note", { text: "hello", subject: "s", link: "https://example.org/", urgency: "normal" });
    const stanza = await desk.next();
    expect(bodyOf(stanza)).toBe("hello\nhttps://example.org/");
    const { stanza_id: stanzaId } = await outbox(id, "sent");
    expect(stanza.attrs["id"]).toBe(stanzaId);
    const receipt = `<message to='${GATEWAY}'><received xmlns='urn:xmpp:receipts' id='${stanzaId}'/></message>`;
    const mallory = await startRawPeer(network.link("mallory@example.org/x"));
    mallory.send(receipt);
    await mallory.stop();
    desk.send(receipt);
    expect(await inbox(id, "receipt")).toMatchObject({ sender: DESK, stanza_id: stanzaId });
    expect(await database.query.selectFrom("inbox").select("id").execute()).toHaveLength(1);
  });

  it("wait for the person", async () => {
    const id = await insert("note", { text: "later", when: "online" });
    await eventually(() =>
      database.query
        .selectFrom("outbox")
        .selectAll()
        .where("id", "=", id)
        .where("not_before", "is not", null)
        .executeTakeFirst(),
    );
    desk.send(`<presence to='${GATEWAY}'/>`);
    expect(bodyOf(await desk.next())).toBe("later");
    await outbox(id, "sent");
  });

  it.each<[body: unknown, recipient: string, error: string]>([
    [{ text: "" }, DESK, "body.text: text expected, got an empty one"],
    [{}, DESK, "body.text: text expected, got undefined"],
    [{ text: "a\u0000" }, DESK, "body.text: U+0000 at index 1 cannot be sent in XML"],
    [{ text: "x", link: "javascript:1" }, DESK, "body.link: an address that begins with"],
    [{ text: "x", when: "soon" }, DESK, "body.when: now or online expected"],
    [{ text: "x", color: "red" }, DESK, "body.color: not known; text, subject"],
    [{ text: "x" }, "example.org", "recipient: the address of a person expected, got a domain"],
    [{ text: "x".repeat(10_001) }, DESK, "body.text: at most 10000 characters expected, got 10001"],
    [[], DESK, "body: an object expected, got array"],
  ])("%j to %s is parked", async (body, recipient, error) => {
    const { error: said } = await outbox(await insert("note", body, recipient), "parked");
    expect(said).toContain(error);
  });
});

describe("rows of the kind question", () => {
  const form = { fields: [{ name: "amount", type: "integer" }] };

  it("are asked, and answered in both tables", async () => {
    const id = await insert("question", { text: "Deploy?", choices: ["yes", "no"], deadlineMs: 60_000 });
    const code = codeIn(await desk.next());
    await outbox(id, "sent");
    desk.send(submit({ "jabber-rpc-question": code, answer: "yes" }));
    const { body, stanza_id: stanzaId, sender } = await inbox(id, "answer");
    expect(JSON.parse(body)).toMatchObject({ code, answer: "yes" });
    expect([stanzaId, sender]).toEqual(["f1", DESK]);
    const question = await database.query.selectFrom("questions").selectAll().executeTakeFirstOrThrow();
    expect(question).toMatchObject({ code, outbox_id: id, status: "answered", answer: '"yes"', answered_by: DESK });
  });

  it("whose answers have an id that was used before lose none", async () => {
    for (const text of ["1?", "2?"]) {
      const id = await insert("question", { text });
      await desk.next();
      desk.send(chat("because"));
      await inbox(id, "answer");
      await desk.next();
    }
    const rows = await database.query.selectFrom("inbox").select("stanza_id").orderBy("id").execute();
    expect(rows.map((row) => row.stanza_id)).toEqual(["m1", expect.stringMatching(/^m1#\d+$/)]);
  });

  it("are still open after a restart, and then answered though nobody waits in that process", async () => {
    const id = await insert("question", { text: "Deploy?", choices: ["yes", "no"] });
    const code = codeIn(await desk.next());
    await outbox(id, "sent");
    await gateway.stop();
    await startGateway();
    desk.send(chat(`${code} no`));
    const { body } = await inbox(id, "answer");
    expect(JSON.parse(body)).toMatchObject({ answer: "no" });
    expect(bodyOf(await desk.next())).toBe(`Thank you (${code}: no).`);
  });

  it("that are sent again, since nobody knows whether they arrived, are the same question", async () => {
    const id = await insert("question", { text: "Deploy?", choices: ["yes", "no"] });
    const first = await desk.next();
    await outbox(id, "sent");
    await gateway.stop();
    await database.query.updateTable("outbox").set({ status: "new" }).where("id", "=", id).execute();
    await startGateway();
    const again = await desk.next();
    expect([again.attrs["id"], codeIn(again)]).toEqual([first.attrs["id"], codeIn(first)]);
    expect(await database.query.selectFrom("questions").select("id").execute()).toHaveLength(1);
  });

  it("refuse an earlier answer: the person is asked again with his values and what was wrong", async () => {
    const first = await insert("question", { text: "How much?", form });
    await desk.next();
    desk.send(chat("500"));
    await inbox(first, "answer");
    await desk.next();
    const again = { outboxId: first, errors: { amount: "at most 100" } };
    const second = await insert("question", { text: "How much?", form, again });
    const stanza = await desk.next();
    expect(bodyOf(stanza)).toMatch(/^amount: at most 100\n/);
    expect(formIn(stanza)).toMatchObject({ amount: ["500"] });
    expect(findChild(stanza, "thread")).toBeDefined();
    desk.send(chat("50"));
    expect(JSON.parse((await inbox(second, "answer")).body)).toMatchObject({ answer: { amount: 50 } });
  });

  it.each<[body: unknown, error: string]>([
    [{ text: "?", choices: [] }, "body.choices: a list of 1 to 100 texts expected"],
    [{ text: "?", form: { fields: [{ type: "text" }] } }, "body.form.fields[0].name: text expected, got undefined"],
    [{ text: "?", deadlineMs: "soon" }, "body.deadlineMs: a whole number of milliseconds"],
    [{ text: "?", again: {} }, "body.again.outboxId: the id of the row"],
    [{ text: "?", again: { outboxId: 7, errors: 7 } }, "body.again.errors: a text, or texts by field"],
    [{ text: "?", again: { outboxId: 7, errors: "no" } }, "again.outboxId: row 7 has no answer to refuse"],
    [{ text: "?", urgency: "high" }, "body.urgency: not known"],
  ])("%j is parked", async (body, error) => {
    expect((await outbox(await insert("question", body), "parked")).error).toContain(error);
  });
});
