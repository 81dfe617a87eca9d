// createMailbox: what a web application in JavaScript does, beside a gateway on the same tables.

import { afterEach, beforeEach, expect, it } from "vitest";
import { createMailbox, type Mailbox, RpcFault } from "../../src/index.js";
import { findChild, textOf } from "../../src/xml/index.js";
import { callStanza } from "../support/memory-gateway.js";
import { type MailboxScene, PEER, startScene } from "./support.js";

let scene: MailboxScene;
let mailbox: Mailbox;
beforeEach(async () => {
  scene = await startScene({
    mailbox: { methods: [{ name: "shop.half", params: [{ name: "n", required: true, schema: { type: "integer" } }] }] },
    gateway: { forward: [{ allow: "rpc.example.org", to: PEER }] },
    kinds: () => [],
  });
  mailbox = await createMailbox({ url: `sqlite:${scene.file}` });
});
afterEach(async () => {
  await mailbox.close();
  await scene.stop();
});

async function nextBody(): Promise<string> {
  const body = findChild(await scene.peer.next(), "body");
  return body === undefined ? "" : textOf(body);
}

it("sends a note, once for a key", async () => {
  const id = await mailbox.notify(PEER, { text: "Done.", subject: "Backup" }, { dedupeKey: "backup 1" });
  expect(await mailbox.notify(PEER, "again", { dedupeKey: "backup 1" })).toBe(id);
  expect(await nextBody()).toBe("Done.");
  await scene.until("select 1 from outbox where id = ? and status = 'sent'", id);
});

it("asks, and gets the answer", async () => {
  const asking = mailbox.ask(PEER, { text: "Deploy?", choices: ["yes", "no"] });
  asking.catch(() => undefined);
  expect(await nextBody()).toContain("Deploy?");
  const row = await scene.until("select * from questions where status = 'open'");
  scene.peer.send(`<message to='rpc.example.org' type='chat' id='a1'><body>${row["code"]} yes</body></message>`);
  expect(await asking).toBe("yes");
  const [answer] = await mailbox.inbox({ kinds: ["answer"] });
  expect(answer).toMatchObject({ sender: PEER, outboxId: row["outbox_id"] });
});

it("says why there will be no answer", async () => {
  await expect(mailbox.ask("@", "?")).rejects.toThrow(/^row \d+ is parked: recipient: /);
  await expect(mailbox.answerTo(4_711)).rejects.toThrow("there is no row 4711 in the outbox");
});

it("calls, and gets the result or the fault", async () => {
  const answers = ["<params><param><value><int>3</int></value></param></params>"];
  answers.push(
    "<fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>" +
      "<member><name>faultString</name><value><string>no</string></value></member></struct></value></fault>",
  );
  const calls = [mailbox.call(PEER, { method: "a.b", params: [1] })];
  calls.push(mailbox.call(PEER, { method: "a.c" }));
  for (const call of calls) call.catch(() => undefined);
  for (const answer of answers) {
    const { attrs } = await scene.peer.next();
    scene.peer.send(
      `<iq type='result' id='${attrs["id"]}' to='rpc.example.org'><query xmlns='jabber:iq:rpc'>` +
        `<methodResponse>${answer}</methodResponse></query></iq>`,
    );
  }
  expect(await calls[0]).toBe(3);
  await expect(calls[1]).rejects.toMatchObject({ code: 4, message: "no" });
});

it("reads the inbox from where it was", async () => {
  for (const words of ["one", "two"])
    scene.peer.send(`<message to='rpc.example.org' type='chat' id='${words}'><body>${words}</body></message>`);
  await scene.until("select 1 from inbox where stanza_id = 'two'");
  const [one, two] = await mailbox.inbox();
  expect([one?.body, two?.body]).toEqual([{ text: "one" }, { text: "two" }]);
  expect(await mailbox.inbox({ after: one?.id ?? 0, limit: 1 })).toEqual([two]);
});

it("serves a method: results, faults, and errors that the caller learns nothing of", async () => {
  const stop = mailbox.serve("shop.half", (params, { requester }) => {
    expect(requester).toBe(PEER);
    const [number] = params as [number];
    if (number === 1) throw new RpcFault(7, "odd");
    if (number === 3) throw new Error("a secret of the shop");
    return { half: number / 2 };
  });
  const answerTo = async (number: number): Promise<string> => {
    scene.peer.send(callStanza("shop.half", `<param><value><int>${number}</int></value></param>`));
    return JSON.stringify((await scene.peer.next()).children);
  };
  expect(await answerTo(4)).toContain('"half"');
  expect(await answerTo(1)).toContain('"odd');
  const internal = await answerTo(3);
  expect(internal).toContain("-32500");
  expect(internal).not.toContain("secret");
  await stop();
  expect(await scene.sql("select distinct status from calls order by 1")).toEqual([
    { status: "done" },
    { status: "faulted" },
  ]);
});
