// Methods that the application serves through the table calls; and calls of others that it makes through the outbox.

import { afterEach, describe, expect, it } from "vitest";
import { callStanza } from "../support/memory-gateway.js";
import { recordingLog } from "../support/recording-log.js";
import { type MailboxScene, PEER, type SceneOptions, startScene } from "./support.js";

let scene: MailboxScene | undefined;
afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

const TOTAL = {
  name: "orders.total",
  summary: "The total of an order.",
  params: [{ name: "id", required: true, schema: { type: "integer" } }],
  result: { name: "total", schema: { type: "number" } },
};

async function start(options: SceneOptions = {}): Promise<MailboxScene> {
  scene = await startScene({ mailbox: { methods: [TOTAL] }, ...options });
  return scene;
}

const INT = "<param><value><int>7</int></value></param>";

async function answerWith(assignments: string): Promise<{ answer: string; row: unknown }> {
  const { peer, until, sql } = await start();
  peer.send(callStanza("orders.total", INT));
  const row = await until("select * from calls where status = 'new'");
  await sql(`update calls set ${assignments} where id = ?`, Number(row["id"]));
  const answer = JSON.stringify((await peer.next()).children);
  return { answer, row };
}

describe("a method that the application serves", () => {
  it("is a row with what was called, and the requester gets what the application writes", async () => {
    const { answer, row } = await answerWith("status = 'done', result = '12.5'");
    expect(row).toMatchObject({ method: "orders.total", params: "[7]", requester: PEER, status: "new" });
    expect(answer).toContain("12.5");
    expect(answer).toContain('"double"');
  });

  it.each([
    ["its own fault", "status = 'faulted', fault_code = 4, fault_string = 'no such order'", ['"4"', "no such order"]],
    ["a reserved code", "status = 'faulted', fault_code = -32601, fault_string = 'x'", ["-32500", "internal error"]],
    ["a result of another type", `status = 'done', result = '"much"'`, ["-32603", "result"]],
    ["no JSON", "status = 'done', result = '{'", ["-32603", "not JSON"]],
  ])("faults with %s", async (_what, assignments, parts) => {
    const { answer } = await answerWith(assignments);
    for (const part of parts) expect(answer).toContain(part);
  });

  it("says in the log which row's result is wrong, and where", async () => {
    const log = recordingLog();
    const { peer, until, sql } = await start({ gateway: { log } });
    peer.send(callStanza("orders.total", INT));
    const { id } = await until("select id from calls where status = 'new'");
    await sql(`update calls set status = 'done', result = '"much"' where id = ?`, Number(id));
    expect(await log.until(/^calls\.bad-result/)).toMatch(
      new RegExp(`^calls\\.bad-result .*row=${id} problem=result: double expected, got string`),
    );
  });

  it("faults at the deadline, and the row says so", async () => {
    const { peer, until, sql } = await start({ mailbox: { methods: [{ ...TOTAL, "x-deadline-ms": 200 }] } });
    peer.send(callStanza("orders.total", INT));
    const answer = JSON.stringify((await peer.next()).children);
    expect(answer).toContain("-32400");
    const row = await until("select * from calls where status = 'expired'");
    // Whoever answers now is too late, and sees it.
    await sql("update calls set status = 'done', result = '1' where id = ? and status = 'new'", Number(row["id"]));
    expect(await sql("select status from calls")).toEqual([{ status: "expired" }]);
  });

  it("is checked like any other", async () => {
    const { peer, sql } = await start();
    peer.send(callStanza("orders.total"));
    expect(JSON.stringify((await peer.next()).children)).toContain("-32602");
    expect(await sql("select * from calls")).toEqual([]);
  });

  it("answers many at a time, each its own", async () => {
    const { peer, until, sql } = await start();
    for (let number = 0; number < 50; number += 1)
      peer.send(callStanza("orders.total", `<param><value><int>${number}</int></value></param>`, { id: `c${number}` }));
    await until("select 1 from (select count(*) as waiting from calls) where waiting = 50");
    await sql("update calls set status = 'done', result = json_extract(params, '$[0]') || '.5'");
    const answers = new Map<string | undefined, string>();
    for (let number = 0; number < 50; number += 1) {
      const stanza = await peer.next();
      answers.set(stanza.attrs["id"], JSON.stringify(stanza.children));
    }
    for (let number = 0; number < 50; number += 1) expect(answers.get(`c${number}`)).toContain(`"${number}.5"`);
  });

  it("stops the start when it is no method object, or its name is taken", async () => {
    await expect(start({ mailbox: { methods: [{ summary: "?" }] } })).rejects.toThrow("OpenRPC method object");
    await expect(start({ mailbox: { methods: [TOTAL, TOTAL] } })).rejects.toThrow("there is a method of this name");
    await expect(start({ mailbox: { methods: [{ ...TOTAL, "x-deadline-ms": 0 }] } })).rejects.toThrow("x-deadline-ms");
  });
});

describe("kind call", () => {
  const body = JSON.stringify({ method: "lamp.set", params: ["on", 3] });
  const forward = [{ allow: "shop@example.org", to: PEER, methods: "lamp.*" }];
  const mailbox = { requester: "shop@example.org" };

  it("calls, and its answer is a row of the inbox", async () => {
    const { peer, outbox, until } = await start({ mailbox, gateway: { forward } });
    const id = await outbox({ kind: "call", recipient: PEER, body });
    const iq = await peer.next();
    expect(JSON.stringify(iq.children)).toContain("lamp.set");
    peer.send(
      `<iq type='result' id='${iq.attrs["id"]}' to='rpc.example.org'><query xmlns='jabber:iq:rpc'><methodResponse><params>` +
        "<param><value><boolean>1</boolean></value></param></params></methodResponse></query></iq>",
    );
    const answer = await until("select * from inbox where outbox_id = ?", id);
    expect(answer).toMatchObject({ kind: "result", sender: PEER, body: '{"result":true}' });
    await until("select 1 from outbox where id = ? and status = 'sent'", id);
  });

  it("gives faults and refusals as faults", async () => {
    const { peer, outbox, until } = await start({ mailbox, gateway: { forward } });
    const id = await outbox({ kind: "call", recipient: PEER, body });
    const iq = await peer.next();
    peer.send(
      `<iq type='error' id='${iq.attrs["id"]}' to='rpc.example.org'><error type='auth'>` +
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    );
    const answer = await until("select * from inbox where outbox_id = ?", id);
    expect(JSON.parse(String(answer["body"]))).toMatchObject({ fault: { code: -32001 } });
  });

  it.each([
    [
      "without a rule",
      {},
      { recipient: "other@example.org" },
      /no rule of forward lets shop@example.org call lamp.set/,
    ],
    ["without a method", {}, { body: "{}" }, "body.method: a text expected"],
    ["with more than that", {}, { body: '{"method":"a","x":1}' }, "body.x: not known; there are method and params"],
    ["with no list", {}, { body: '{"method":"a","params":{}}' }, "body.params: an array expected"],
    ["with a bad name", {}, { body: '{"method":"a b"}' }, /body.method: "a b"/],
  ])("is parked %s", async (_what, options, fields, error) => {
    const { outbox, until } = await start({ mailbox, gateway: { forward }, ...options });
    const id = await outbox({ kind: "call", recipient: PEER, body, ...fields });
    const row = await until("select * from outbox where id = ? and status = 'parked'", id);
    if (typeof error === "string") expect(row["error"]).toBe(error);
    else expect(row["error"]).toMatch(error);
  });

  it("whose gateway died is not called again; the inbox says that its outcome is unknown", async () => {
    const { outbox, until, sql } = await start({ mailbox, gateway: { forward } });
    await sql("begin immediate");
    const id = await outbox({ kind: "call", recipient: PEER, body });
    await sql(
      "update outbox set status = 'leased', lease_owner = 'dead', lease_until = 1, stanza_id = 's1' where id = ?",
      id,
    );
    await sql("commit");
    await until("select 1 from outbox where id = ? and status = 'parked'", id);
    const answer = await until("select * from inbox where outbox_id = ?", id);
    expect(JSON.parse(String(answer["body"]))).toMatchObject({ fault: { code: -32004 } });
  });
});
