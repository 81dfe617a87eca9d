// The outbox through the front door: rows that another program writes, and what reaches the recipient.

import { afterEach, describe, expect, it } from "vitest";
import { OutboxProblem, outboxKind } from "../../src/mailbox/index.js";
import { type MailboxScene, PEER, type SceneOptions, startScene, textKind } from "./support.js";

let scene: MailboxScene | undefined;
afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

async function start(options: SceneOptions = {}): Promise<MailboxScene> {
  scene = await startScene(options);
  return scene;
}

const text = (words: string) => JSON.stringify({ text: words });
const isSent = "select * from outbox where id = ? and status = 'sent'";
const isParked = "select * from outbox where id = ? and status = 'parked'";

describe("a row", () => {
  it("is sent under the id that stands in it, and is sent once it is flushed", async () => {
    const { outbox, until, peer } = await start();
    const id = await outbox({ kind: "text", recipient: PEER, body: text("hello") });
    const stanza = await peer.next();
    const row = await until(isSent, id);
    expect(row).toMatchObject({ stanza_id: stanza.attrs["id"], attempts: 1, error: null, lease_owner: null });
    expect(Number(row["sent_at"])).toBeGreaterThanOrEqual(Number(row["created_at"]));
  });

  it.each([
    ["an unknown kind", { kind: "fax" }, /^kind: no kind "fax"; there are call, .*text/],
    ["a bad address", { recipient: "@" }, /^recipient: /],
    ["bad JSON", { body: "{text:" }, /^body: not JSON: /],
    ["a body of another form", { body: "{}" }, "body.text: a text expected"],
    ["illegal characters", { body: text("\u0001") }, /U\+0001|character/],
  ])("with %s is parked with its error, and the others go on", async (_what, fields, error) => {
    const { outbox, until, peer } = await start();
    const good = { kind: "text", recipient: PEER, body: text("good") };
    const bad = await outbox({ ...good, ...fields });
    const next = await outbox(good);
    await peer.next();
    await until(isSent, next);
    const row = await until(isParked, bad);
    if (typeof error === "string") expect(row["error"]).toBe(error);
    else expect(row["error"]).toMatch(error);
  });

  it("may be as large as the limit, and no larger", async () => {
    const body = text("x".repeat(50));
    const { outbox, until } = await start({ gateway: { limits: { outboxBodyBytes: body.length } } });
    const fits = await outbox({ kind: "text", recipient: PEER, body });
    const large = await outbox({ kind: "text", recipient: PEER, body: `${body} ` });
    await until(isSent, fits);
    expect(await until(isParked, large)).toMatchObject({
      error: `body: ${body.length + 1} bytes, and the limit outboxBodyBytes is ${body.length}`,
    });
  });

  it.each([
    [99_999_999_999, "expires_at: 99999999999 looks like seconds; milliseconds since 1970 are expected"],
    [100_000_000_000, "it expired before it could be sent"],
    [1_900_000_000, "expires_at: 1900000000 looks like seconds; milliseconds since 1970 are expected"],
  ])("whose time is %d is parked with what is wrong", async (expires_at, error) => {
    const { outbox, until } = await start();
    const id = await outbox({ kind: "text", recipient: PEER, body: text("late"), expires_at });
    expect(await until(isParked, id)).toMatchObject({ error });
  });

  it("waits for its time, and is not sent after it", async () => {
    const { outbox, until, sql } = await start();
    const expired = await outbox({ kind: "text", recipient: PEER, body: text("late"), expires_at: Date.now() - 1 });
    const later = await outbox({ kind: "text", recipient: PEER, body: text("later"), not_before: Date.now() + 1e9 });
    const now = await outbox({ kind: "text", recipient: PEER, body: text("now") });
    await until(isSent, now);
    expect(await until(isParked, expired)).toMatchObject({ error: "it expired before it could be sent" });
    expect(await sql("select status from outbox where id = ?", later)).toEqual([{ status: "new" }]);
    await sql("update outbox set not_before = null where id = ?", later);
    await until(isSent, later);
  });
});

describe("rows of one recipient", () => {
  it("arrive in their order", async () => {
    const { sql, peer, until } = await start();
    await sql("begin immediate");
    for (let number = 0; number < 600; number += 1)
      await sql("insert into outbox (kind, recipient, body) values ('text', ?, ?)", PEER, text(String(number)));
    await sql("commit");
    for (let number = 0; number < 600; number += 1) {
      const stanza = await peer.next();
      expect(stanza.children).toMatchObject([{ name: "body", children: [String(number)] }]);
    }
    await until("select 1 from (select count(*) as sent from outbox where status = 'sent') where sent = 600");
  });

  it("wait for the one before them that is tried again, while those of others do not", async () => {
    const tries: string[] = [];
    let fails = 2;
    const { outbox, until, sql } = await start({
      gateway: { limits: { outboxRetryMs: 1 } },
      kinds: () => [
        outboxKind<string>({
          name: "flaky",
          read: (body) => String(body),
          send: (row, value) => {
            tries.push(`${value} ${row.attempt}`);
            if (value === "first" && fails-- > 0) throw new Error("not now");
            return "confirmed";
          },
        }),
      ],
    });
    await sql("begin immediate");
    const first = await outbox({ kind: "flaky", recipient: PEER, body: '"first"' });
    const second = await outbox({ kind: "flaky", recipient: PEER, body: '"second"' });
    const other = await outbox({ kind: "flaky", recipient: "bob@example.org", body: '"other"' });
    await sql("commit");
    await until(isSent, second);
    await until(isSent, other);
    expect(await until(isSent, first)).toMatchObject({ attempts: 3, error: null });
    expect(tries.filter((each) => !each.startsWith("other"))).toEqual(["first 1", "first 2", "first 3", "second 1"]);
    expect(tries.indexOf("other 1")).toBeLessThan(tries.indexOf("first 2"));
  });

  it("go on when the one before them is parked, at once or after its last try", async () => {
    const { outbox, until } = await start({
      gateway: { limits: { outboxRetryMs: 1, outboxTries: 2 } },
      kinds: (link) => [
        textKind(link),
        outboxKind({ name: "never", read: () => 0, send: () => Promise.reject(new OutboxProblem("never")) }),
        outboxKind({ name: "fails", read: () => 0, send: () => Promise.reject(new Error("no")) }),
      ],
    });
    const never = await outbox({ kind: "never", recipient: PEER, body: "0" });
    const fails = await outbox({ kind: "fails", recipient: PEER, body: "0" });
    const good = await outbox({ kind: "text", recipient: PEER, body: text("good") });
    await until(isSent, good);
    expect(await until(isParked, never)).toMatchObject({ error: "never", attempts: 1 });
    expect(await until(isParked, fails)).toMatchObject({ error: "no (try 2, the last)", attempts: 2 });
  });
});

it("a postponed row holds nobody up, and costs no try", async () => {
  let isOnline = false;
  const { outbox, until, sql } = await start({
    kinds: (link) => [
      textKind(link),
      outboxKind({
        name: "online",
        read: () => 0,
        send: () => (isOnline ? "confirmed" : { postponedUntil: Date.now() + 1e9 }),
      }),
    ],
  });
  const postponed = await outbox({ kind: "online", recipient: PEER, body: "0" });
  const good = await outbox({ kind: "text", recipient: PEER, body: text("good") });
  await until(isSent, good);
  const [row] = await sql("select * from outbox where id = ?", postponed);
  expect(row).toMatchObject({ status: "new", attempts: 0, next_try_at: null });
  isOnline = true;
  await sql("update outbox set not_before = 0 where id = ?", postponed);
  expect(await until(isSent, postponed)).toMatchObject({ attempts: 1 });
});

/** The stanza comes back to the gateway. */
const bounce = (peer: MailboxScene["peer"], id: string | undefined, type: string, condition: string, more = ""): void =>
  peer.send(
    `<message type='error' id='${id}' to='rpc.example.org'><error type='${type}'>` +
      `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${more}</error></message>`,
  );

it("what comes back is parked with what the network said, if the right one says so", async () => {
  const { outbox, until, peer } = await start();
  const id = await outbox({ kind: "text", recipient: PEER, body: text("hello") });
  const stanza = await peer.next();
  await until(isSent, id);
  bounce(peer, stanza.attrs["id"], "cancel", "service-unavailable");
  expect(await until(isParked, id)).toMatchObject({ error: "it came back: service-unavailable" });
  const told = await until("select * from inbox where outbox_id = ?", id);
  const stanzaId = stanza.attrs["id"] ?? "";
  expect(told).toMatchObject({ kind: "error", sender: PEER, stanza_id: stanzaId });
  expect(JSON.parse(String(told["body"]))).toEqual({ stanzaId, error: "it came back: service-unavailable" });
});

describe("what comes back", () => {
  it("for now, is sent again under its id after a while, and is parked at outboxTries", async () => {
    const { outbox, until, peer, sql } = await start({ gateway: { limits: { outboxRetryMs: 1, outboxTries: 3 } } });
    const id = await outbox({ kind: "text", recipient: PEER, body: text("hello") });
    const first = await peer.next();
    bounce(peer, first.attrs["id"], "wait", "resource-constraint");
    const second = await peer.next();
    expect(second).toEqual(first);
    await until(isSent, id);
    expect(await sql("select * from inbox")).toEqual([]);
    bounce(peer, first.attrs["id"], "wait", "resource-constraint");
    expect(await peer.next()).toEqual(first);
    bounce(peer, first.attrs["id"], "wait", "resource-constraint");
    const error = "it came back: resource-constraint (try 3, the last)";
    expect(await until(isParked, id)).toMatchObject({ error, attempts: 3 });
    const told = await until("select * from inbox where outbox_id = ?", id);
    expect(JSON.parse(String(told["body"]))).toMatchObject({ error });
  });

  it("before it counts as sent, is sent again all the same", async () => {
    const { outbox, until, peer } = await start({ gateway: { limits: { outboxRetryMs: 1 } } });
    const ids: number[] = [];
    for (let number = 0; number < 20; number += 1)
      ids.push(await outbox({ kind: "text", recipient: PEER, body: text(String(number)) }));
    const seen = new Map<string | undefined, number>();
    while ([...seen.values()].filter((times) => times === 2).length < ids.length) {
      const { attrs } = await peer.next();
      const times = (seen.get(attrs["id"]) ?? 0) + 1;
      seen.set(attrs["id"], times);
      if (times === 1) bounce(peer, attrs["id"], "wait", "recipient-unavailable");
    }
    for (const id of ids) expect(await until(isSent, id)).toMatchObject({ attempts: 2, error: null });
  });

  it("for now, waits with the reason in its row, and expires like any other", async () => {
    const { outbox, until, peer, sql } = await start({
      gateway: { limits: { outboxRetryMs: 1e9, outboxMaxRetryMs: 1e9 } },
    });
    const id = await outbox({ kind: "text", recipient: PEER, body: text("hello"), expires_at: Date.now() + 1e9 });
    const { attrs } = await peer.next();
    bounce(
      peer,
      attrs["id"],
      "wait",
      "resource-constraint",
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>full</text>",
    );
    const row = await until("select * from outbox where id = ? and next_try_at is not null", id);
    expect(row).toMatchObject({ status: "new", error: "it came back: resource-constraint, full", sent_at: null });
    await sql("update outbox set expires_at = ? where id = ?", Date.now() - 1, id);
    await until(isParked, id);
  });

  it.each([
    ["auth", "registration-required"],
    ["modify", "not-acceptable"],
    ["cancel", "gone"],
  ])("with an error of type %s is parked", async (type, condition) => {
    const { outbox, until, peer } = await start();
    const id = await outbox({ kind: "text", recipient: PEER, body: text("hello") });
    const { attrs } = await peer.next();
    bounce(peer, attrs["id"], type, condition);
    expect(await until(isParked, id)).toMatchObject({ error: `it came back: ${condition}` });
  });

  it("as a warning changes nothing", async () => {
    const { outbox, until, peer, sql } = await start();
    const id = await outbox({ kind: "text", recipient: PEER, body: text("hello") });
    const { attrs } = await peer.next();
    await until(isSent, id);
    bounce(peer, attrs["id"], "continue", "undefined-condition");
    const other = await outbox({ kind: "text", recipient: PEER, body: text("next") });
    bounce(peer, (await peer.next()).attrs["id"], "cancel", "gone");
    await until(isParked, other);
    expect(await sql("select status from outbox where id = ?", id)).toEqual([{ status: "sent" }]);
  });
});
