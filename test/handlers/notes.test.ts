// The service `notes` as callers see it: by Jabber-RPC, with every mistake told as a fault (issue 6).
import { afterEach, describe, expect, it } from "vitest";
import { NotesService } from "../../src/handlers/index.js";
import { createGateway, createMemoryNetwork, createRequester, type Gateway, type Requester } from "../../src/index.js";
import { bodyOf, chat, DESK, GATEWAY, untilPing } from "../support/notes-gateway.js";
import { type RawPeer, startRawPeer } from "../support/raw-peer.js";

const SITE = "site@example.net/web";

describe("the service notes", () => {
  let gateway: Gateway;
  let site: Requester;
  let desk: RawPeer;
  const start = async (): Promise<void> => {
    const network = createMemoryNetwork();
    gateway = createGateway({ link: network.link(GATEWAY), services: [NotesService], access: [{ allow: SITE }] });
    await gateway.start();
    site = createRequester({ link: network.link(SITE) });
    await site.start();
    desk = await startRawPeer(network.link(DESK));
  };
  afterEach(async () => {
    await desk.stop();
    await site.stop();
    await gateway.stop();
  });
  const call = (method: string, ...params: unknown[]): Promise<unknown> =>
    site.call(GATEWAY, `notes.${method}`, params);

  it("notifies, and tells what became of the note", async () => {
    await start();
    const sent = await call("notify", DESK, "hello", { subject: "s", urgency: "high", dedupeKey: "k" });
    expect(sent).toMatchObject({ status: "sent", jid: DESK, sentAt: expect.any(Date) });
    const stanza = await desk.next();
    expect(bodyOf(stanza)).toBe("hello");
    const { id } = sent as { readonly id: string };
    expect(stanza.attrs["id"]).toBe(id);
    desk.send(`<message to='${GATEWAY}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`);
    await untilPing(desk);
    expect(await call("note", id)).toMatchObject({ status: "delivered", deliveredTo: DESK });
    expect(await call("notify", DESK, "again", { dedupeKey: "k" })).toMatchObject({ id, status: "delivered" });
    expect(await call("notify", DESK, "later", { when: "online" })).toMatchObject({ status: "waiting" });
  });

  it("asks, and answers with the answer", async () => {
    await start();
    const answer = call("ask", DESK, "Deploy?", { choices: ["yes", "no"] });
    await desk.next();
    desk.send(chat("no"));
    expect(await answer).toMatchObject({ status: "answered", answer: "no", by: DESK, at: expect.any(Date) });
    const fields = [
      { name: "approve", type: "boolean" },
      { name: "size", choices: ["S", "L"] },
    ];
    const form = call("ask", DESK, "Which?", { form: { fields } });
    await untilPing(desk);
    desk.send(chat("approve: yes\nsize: L"));
    expect(await form).toMatchObject({ status: "answered", answer: { approve: true, size: "L" } });
    expect(await call("ask", DESK, "Quick?", { deadlineMs: 1 })).toMatchObject({ status: "expired" });
  });

  it("puts a question without waiting, tells how it stands, refuses its answer, and takes it back", async () => {
    await start();
    const put = (await call("put", DESK, "How much?", { form: { fields: [{ name: "n", type: "integer" }] } })) as {
      readonly id: string;
      readonly code: string;
      readonly status: string;
    };
    expect(put.status).toBe("open");
    await desk.next();
    expect(await call("question", put.id)).toEqual({ id: put.id, code: put.code, status: "open" });
    desk.send(chat(`${put.code} 500`));
    await untilPing(desk);
    expect(await call("question", put.id)).toMatchObject({ status: "answered", answer: { n: 500 }, by: DESK });
    const form = { fields: [{ name: "n", type: "integer" }] };
    const again = (await call("put", DESK, "How much?", {
      form,
      again: { id: put.id, errors: { n: "at most 100" } },
    })) as {
      readonly id: string;
    };
    expect(bodyOf(await desk.next())).toMatch(/^n: at most 100\n/);
    expect(await call("cancel", again.id)).toBe(true);
    expect(await call("cancel", again.id)).toBe(false);
  });

  it.each<[method: string, params: readonly unknown[], message: string]>([
    ["notify", ["example.org", "x"], "jid: the address of a person"],
    ["notify", ["a b@example.org", "x"], "localpart"],
    ["notify", [DESK, ""], "body: text expected, got an empty one"],
    ["ask", [DESK, "?", { choices: ["a"], form: {} }], "choices or form expected, got both"],
    ["ask", [DESK, "?", { form: { fields: [{ name: "a", type: "int" }] } }], "form.fields[0].type: text, lines"],
    ["ask", [DESK, "?", { deadlineMs: 0 }], "deadlineMs: a whole number of milliseconds"],
    ["put", [DESK, "?", { again: { id: "x", errors: "no" } }], "again: the id of an answered question expected"],
    ["put", [DESK, "?", { again: { id: "x", errors: 7 } }], "again.errors: a text, or texts by field, expected"],
    ["note", ["x"], "there is no such note"],
    ["question", ["x"], "there is no such question"],
  ])("%s%j is a fault", async (method, params, message) => {
    await start();
    await expect(call(method, ...params)).rejects.toMatchObject({ code: 1, message: expect.stringContaining(message) });
  });

  it("is for those whom the access list lets", async () => {
    await start();
    const network = createMemoryNetwork();
    const other = createGateway({
      link: network.link(GATEWAY),
      services: [NotesService],
      access: [{ allow: "a@b.c" }],
    });
    await other.start();
    const mallory = createRequester({ link: network.link("mallory@example.net/x") });
    await mallory.start();
    await expect(mallory.call(GATEWAY, "notes.notify", [DESK, "x"])).rejects.toMatchObject({ condition: "forbidden" });
    await mallory.stop();
    await other.stop();
  });
});
