// Notes to people: what goes over the wire, when, and what is known of it afterwards (issue 6; XEP-0184, XEP-0203, XEP-0066).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Note, NotifyOptions } from "../../../src/index.js";
import { findChild, textOf, type XmlElement } from "../../../src/xml/index.js";
import {
  ALICE,
  bodyOf,
  chat,
  DESK,
  GATEWAY,
  type NotesGateway,
  startNotesGateway,
  untilPing,
} from "../../support/notes-gateway.js";

const receipt = (id: string, attrs = ""): string =>
  `<message to='${GATEWAY}' ${attrs}><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`;

const has = (stanza: XmlElement, name: string, ns: string): boolean => findChild(stanza, name, ns) !== undefined;

describe("notes", () => {
  let running: NotesGateway;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 1_800_000_000_000 });
    running = await startNotesGateway();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await running.stop();
  });
  const notify = (jid: string, note: Note | string, options?: NotifyOptions) =>
    running.gateway.notes.notify(jid, note, options);

  it("are chat messages that ask for a receipt", async () => {
    const desk = await running.person(DESK);
    const { record, isDuplicate } = await notify(DESK, { body: "a < b", subject: "s", link: "https://example.org/7" });
    expect(record).toMatchObject({ state: "sent", jid: DESK, sentAt: new Date(1_800_000_000_000) });
    expect(isDuplicate).toBe(false);
    const stanza = await desk.next();
    expect(stanza.attrs).toMatchObject({ type: "chat", from: GATEWAY, to: DESK, id: record.id });
    expect(bodyOf(stanza)).toBe("a < b\nhttps://example.org/7");
    const oob = findChild(stanza, "x", "jabber:x:oob") ?? expect.fail();
    expect(textOf(findChild(oob, "url") ?? oob)).toBe("https://example.org/7");
    expect(has(stanza, "request", "urn:xmpp:receipts")).toBe(true);
    expect(has(stanza, "delay", "urn:xmpp:delay")).toBe(false);
  });

  it.each([
    ["low", "headline", { request: false, attention: false, store: false, "no-store": true }],
    ["normal", "chat", { request: true, attention: false, store: false, "no-store": false }],
    ["high", "chat", { request: true, attention: true, store: true, "no-store": false }],
  ] as const)("of urgency %s are of type %s", async (urgency, type, payloads) => {
    const desk = await running.person(DESK);
    await notify(DESK, { body: "x", urgency });
    const stanza = await desk.next();
    expect(stanza.attrs["type"]).toBe(type);
    expect({
      request: has(stanza, "request", "urn:xmpp:receipts"),
      attention: has(stanza, "attention", "urn:xmpp:attention:0"),
      store: has(stanza, "store", "urn:xmpp:hints"),
      "no-store": has(stanza, "no-store", "urn:xmpp:hints"),
    }).toEqual(payloads);
  });

  it("are delivered when the person's own client says so, and only then", async () => {
    const heard: string[] = [];
    await running.stop();
    running = await startNotesGateway({ access: [{ anyone: true }], onMessage: ({ body }) => void heard.push(body) });
    const desk = await running.person(DESK);
    const mallory = await running.person("mallory@example.org/desk");
    const { record, delivered } = await notify(ALICE, "hello");
    mallory.send(receipt(record.id));
    await untilPing(mallory);
    expect(running.gateway.notes.noteOf(record.id)).toMatchObject({ state: "sent" });
    desk.send(receipt(record.id));
    expect(await delivered).toMatchObject({ state: "delivered", deliveredTo: DESK });
    expect(running.gateway.notes.noteOf(record.id)).toMatchObject({ state: "delivered" });
    // An error that comes after the receipt takes nothing back.
    desk.send(`<message type='error' id='${record.id}' to='${GATEWAY}'><error type='cancel'/></message>`);
    await untilPing(desk);
    expect(running.gateway.notes.noteOf(record.id)).toMatchObject({ state: "delivered" });
    expect(heard).toEqual([]);
  });

  it("fail when the person's server says so", async () => {
    const desk = await running.person(DESK);
    const { record, delivered } = await notify(DESK, "hello");
    desk.send(
      `<message type='error' id='${record.id}' to='${GATEWAY}'><error type='cancel'>` +
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    expect(await delivered).toMatchObject({ state: "failed", error: "service-unavailable" });
  });

  it("wait for the person, and say since when", async () => {
    const desk = await running.person(DESK);
    const { record, sent } = await notify(ALICE, { body: "later", urgency: "high" }, { when: "online" });
    expect(record.state).toBe("waiting");
    expect(await untilPing(desk)).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    const other = await running.person("alice@example.org/phone");
    desk.send(`<presence to='${GATEWAY}'><show>away</show><status>lunch</status></presence>`);
    expect(await sent).toMatchObject({ state: "sent", sentAt: new Date(1_800_000_060_000) });
    expect(running.gateway.presence.of("Alice@example.org/x")).toEqual({
      isAvailable: true,
      resources: [{ jid: DESK, show: "away", status: "lunch", priority: 0 }],
    });
    // The memory network hands a message for a bare address to nobody, so what was written is seen by the next one.
    const again = await notify(DESK, "now", { when: "online" });
    expect(again.record.state).toBe("sent");
    expect(bodyOf(await desk.next())).toBe("now");
    await other.stop();
  });

  it("that went late have a delay and ask for no attention", async () => {
    const desk = await running.person(DESK);
    await notify(DESK, { body: "later", urgency: "high" }, { when: "online" });
    desk.send(`<presence to='${GATEWAY}'/>`);
    const stanza = await desk.next();
    expect(findChild(stanza, "delay", "urn:xmpp:delay")?.attrs).toMatchObject({
      stamp: "2027-01-15T08:00:00Z",
      from: GATEWAY,
    });
    expect(has(stanza, "attention", "urn:xmpp:attention:0")).toBe(false);
  });

  it("expire unsent", async () => {
    const desk = await running.person(DESK);
    const { sent, delivered } = await notify(DESK, "x", { when: "online", expiresInMs: 1_000 });
    await vi.advanceTimersByTimeAsync(999);
    expect(running.gateway.notes.noteOf((await notify(DESK, "y", { dedupeKey: "k" })).record.id)?.state).toBe("sent");
    await vi.advanceTimersByTimeAsync(1);
    expect(await sent).toMatchObject({ state: "expired" });
    expect(await delivered).toMatchObject({ state: "expired" });
    desk.send(`<presence to='${GATEWAY}'/>`);
    expect((await untilPing(desk)).map(bodyOf)).toEqual(["y"]);
  });

  it("of the same key are sent once", async () => {
    const desk = await running.person(DESK);
    const first = await notify(DESK, "one", { dedupeKey: "order 7" });
    const second = await notify(DESK, "two", { dedupeKey: "order 7" });
    expect(second).toMatchObject({ isDuplicate: true, record: { id: first.record.id } });
    expect((await untilPing(desk)).map(bodyOf)).toEqual(["one"]);
  });

  it.each<[what: string, jid: string, note: unknown, options: unknown, error: string]>([
    ["no address", "a b@", "x", {}, "localpart"],
    [
      "a domain",
      "example.org",
      "x",
      {},
      "jid: the address of a person such as name@example.org expected, got a domain",
    ],
    [
      "an address that is no text",
      7 as never,
      "x",
      {},
      "jid: an address such as name@example.org expected, got number",
    ],
    ["a note of another type", DESK, 7, {}, "a note expected, got number"],
    ["an empty text", DESK, " ", {}, "body: text expected, got an empty one"],
    ["a control character", DESK, "a\u0001b", {}, "body: U+0001 at index 1 cannot be sent in XML"],
    [
      "a lone surrogate",
      DESK,
      { body: "x", subject: "\ud800" },
      {},
      "subject: U+D800 at index 0 cannot be sent in XML",
    ],
    ["a link that runs", DESK, { body: "x", link: "javascript:1" }, {}, "link: an address that begins with"],
    [
      "another urgency",
      DESK,
      { body: "x", urgency: "urgent" },
      {},
      'urgency: low, normal, high expected, got "urgent"',
    ],
    ["another time", DESK, "x", { when: "later" }, 'when: now, online expected, got "later"'],
    ["no time to live", DESK, "x", { expiresInMs: 0 }, "expiresInMs: a whole number of milliseconds from 1 to"],
  ])("of %s are refused", async (_what, jid, note, options, error) => {
    // What the compiler would refuse arrives from JavaScript and from JSON all the same.
    await expect(notify(jid, note as string, options as NotifyOptions)).rejects.toThrow(error);
  });

  it("are as long as the limit allows, and no longer", async () => {
    await running.stop();
    running = await startNotesGateway({ limits: { noteChars: 10 } });
    const desk = await running.person(DESK);
    await notify(DESK, "0123456789");
    expect(bodyOf(await desk.next())).toBe("0123456789");
    await expect(notify(DESK, "0123456789a")).rejects.toThrow("body: at most 10 characters expected, got 11");
  });

  it("whose message would be too large are refused", async () => {
    await running.stop();
    running = await startNotesGateway({ limits: { maxSentBytes: 1_000 } });
    await expect(notify(DESK, "x".repeat(1_000))).rejects.toThrow(/has 1\d\d\d bytes, .* limit of 1000/);
  });

  it("wait up to the limit of those that wait, and are remembered up to that of those that went", async () => {
    await running.stop();
    running = await startNotesGateway({ limits: { notesWaiting: 1, noteRecords: 1 } });
    const first = await notify(DESK, "1", { when: "online" });
    await expect(notify(DESK, "2", { when: "online" })).rejects.toThrow("at most 1 notes and questions can wait");
    const desk = await running.person(DESK);
    desk.send(`<presence to='${GATEWAY}'/>`);
    await first.sent;
    const second = await notify(DESK, "3");
    expect(running.gateway.notes.noteOf(first.record.id)).toBeUndefined();
    expect(running.gateway.notes.noteOf(second.record.id)).toMatchObject({ state: "sent" });
    // What is forgotten has nothing to wait for any more.
    expect(await first.delivered).toMatchObject({ state: "sent" });
  });

  it("leave what is written beside a receipt to the handlers of messages", async () => {
    const heard: string[] = [];
    await running.stop();
    running = await startNotesGateway({ access: [{ allow: DESK }], onMessage: ({ body }) => void heard.push(body) });
    const desk = await running.person(DESK);
    desk.send(chat("hi", "<received xmlns='urn:xmpp:receipts' id='x'/>"));
    await untilPing(desk);
    expect(heard).toEqual(["hi"]);
  });
});
