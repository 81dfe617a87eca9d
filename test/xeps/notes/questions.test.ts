// Questions to people: every way to answer, and everything that is no answer (issue 6; XEP-0004, XEP-0050).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type AskOptions,
  array,
  boolean,
  dateTime,
  double,
  enumeration,
  exact,
  int,
  long,
  type OpenQuestion,
  optional,
  type Question,
  string,
  struct,
} from "../../../src/index.js";
import { findChild, textOf } from "../../../src/xml/index.js";
import {
  ALICE,
  bodyOf,
  chat,
  codeIn,
  DESK,
  formIn,
  GATEWAY,
  type NotesGateway,
  startNotesGateway,
  submit,
  untilPing,
} from "../../support/notes-gateway.js";
import type { RawPeer } from "../../support/raw-peer.js";

const DEPLOY = { text: "Deploy 1.2?", choices: ["yes", "no"] } as const;

describe("questions", () => {
  let running: NotesGateway;
  let desk: RawPeer;
  let heard: string[];
  const start = async (options: Parameters<typeof startNotesGateway>[0] = {}): Promise<void> => {
    heard = [];
    const onMessage = ({ body }: { readonly body: string }) => void heard.push(body);
    running = await startNotesGateway({ access: [{ allow: DESK }], onMessage, ...options });
    desk = await running.person(DESK);
  };
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: 1_800_000_000_000 });
    await start();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await running.stop();
  });
  const put = (question: Question | string, options?: AskOptions<never>): Promise<OpenQuestion<unknown>> =>
    running.gateway.notes.put(DESK, question, options);
  /** Says something, and gives what the gateway says to it. */
  const say = async (peer: RawPeer, stanza: string): Promise<string[]> => {
    peer.send(stanza);
    return (await untilPing(peer)).map(bodyOf);
  };

  it("are shown with their replies, a form and a code", async () => {
    const { code, id } = await put({ ...DEPLOY, text: "Deploy 1.2?\nIt has been tested.", subject: "Release" });
    expect(code).toMatch(/^[2-9][A-Z]$/);
    const stanza = await desk.next();
    expect(stanza.attrs).toMatchObject({ type: "chat", from: GATEWAY, to: DESK });
    expect(bodyOf(stanza)).toBe(
      `Deploy 1.2?\nIt has been tested.\n\nReply with one of: yes, no.\nQuestion ${code}, open until 2027-01-15T08:10:00Z.`,
    );
    expect(textOf(findChild(stanza, "thread") ?? stanza)).toBe(id);
    expect(formIn(stanza)).toMatchObject({ "jabber-rpc-question": [code], answer: [] });
  });

  it("say what a line means that is left out", async () => {
    const smileys = "😀".repeat(61);
    const fields = [
      { name: "reference" },
      { name: "approve", type: "boolean", value: true },
      { name: "urgent", type: "boolean", value: false },
      { name: "budget", type: "integer", min: 0, required: false, value: 90 },
      { name: "size", choices: ["S", { value: "L", label: "Large" }], value: "L" },
      { name: "places", type: "choices", choices: ["A", "B", "C"], value: ["A", "C"] },
      { name: "pin", type: "secret", value: "1234" },
      { name: "fits", value: smileys.slice(2) },
      { name: "long", value: smileys },
      { name: "lines", type: "lines", value: "one\ntwo" },
      { name: "remarks", required: false },
    ] as const;
    const { answer } = await put({ text: "Buy?", form: { fields } });
    expect(
      bodyOf(await desk.next())
        .split("\n")
        .slice(3, -1),
    ).toEqual([
      "reference: a text",
      "approve: yes or no (yes unless given)",
      "urgent: yes or no",
      "budget: a whole number of at least 0 (90 unless given)",
      "size: one of: S, Large (Large unless given)",
      "places: any of: A, B, C, divided by commas (A, C unless given)",
      "pin: a text (what stands in the form unless given)",
      `fits: a text (${smileys.slice(2)} unless given)`,
      `long: a text (${smileys.slice(2)}… unless given)`,
      "lines: a text (one, two unless given)",
      "remarks: a text (may be left out)",
    ]);
    await say(desk, chat("reference: A7"));
    await expect(answer).resolves.toMatchObject({
      value: { approve: true, urgent: false, budget: 90, size: "L", places: ["A", "C"] },
    });
  });

  it("are answered by a plain reply", async () => {
    const answer = running.gateway.notes.ask(DESK, DEPLOY);
    const code = codeIn(await desk.next());
    expect(await say(desk, chat("Yes", "<request xmlns='urn:xmpp:receipts'/>"))).toEqual([
      "",
      `Thank you (${code}: yes).`,
    ]);
    expect(await answer).toEqual({ status: "answered", value: "yes", by: DESK, at: new Date(1_800_000_000_000) });
    expect(heard).toEqual([]);
  });

  it("are answered by their form", async () => {
    const { answer } = await put(DEPLOY);
    const code = codeIn(await desk.next());
    expect(await say(desk, submit({ "jabber-rpc-question": code, answer: "no" }))).toEqual([
      `Thank you (${code}: no).`,
    ]);
    expect(await answer).toMatchObject({ value: "no" });
  });

  it.each<[what: string, question: Question | string, reply: string, value: unknown]>([
    ["a text", "Why?", "because  of\nthat", "because  of\nthat"],
    ["a choice by its place", DEPLOY, "2", "no"],
    ["a choice with its code", DEPLOY, "CODE no", "no"],
    ["a boolean", { text: "?", form: boolean }, "n", false],
    ["an int", { text: "?", form: int }, " 42 ", 42],
    ["a long", { text: "?", form: long }, "9007199254740993", 9007199254740993n],
    ["a double", { text: "?", form: double }, "2.5", 2.5],
    ["a time", { text: "?", form: dateTime }, "2026-11-28T10:00:00Z", new Date("2026-11-28T10:00:00Z")],
    ["an enumeration", { text: "?", form: enumeration("red", "blue") }, "BLUE", "blue"],
    ["several of a list", { text: "?", form: array(enumeration("a", "b", "c")) }, "c, a", ["a", "c"]],
    [
      "a struct",
      { text: "?", form: struct({ approve: boolean, amount: int, note: optional(string) }) },
      "approve: yes\nAmount: 3",
      { approve: true, amount: 3 },
    ],
    [
      "a described form",
      {
        text: "?",
        form: {
          fields: [
            { name: "approve", type: "boolean" },
            { name: "amount", type: "integer", min: 1, max: 10 },
            { name: "why", type: "lines" },
            { name: "on", type: "date", required: false },
            { name: "size", choices: ["S", { value: "L", label: "Large" }] },
          ],
        },
      },
      "approve = no\namount: 10\nwhy: one\ntwo\nsize: large",
      { approve: false, amount: 10, why: "one\ntwo", size: "L" },
    ],
  ])("take %s by chat", async (_what, question, reply, value) => {
    const { answer, code } = await put(question);
    await desk.next();
    await say(desk, chat(reply.replace("CODE", code.toLowerCase())));
    expect(await answer).toMatchObject({ status: "answered", value });
  });

  it("of a form take what is typed into it", async () => {
    const { answer } = await put({
      text: "Order 7",
      form: {
        title: "Approval",
        fields: [
          "reference",
          { name: "approve", type: "boolean", value: true },
          { name: "big", type: "integer" },
          { name: "at", type: "datetime" },
          { name: "tags", type: "choices", choices: ["a", "b"], required: false },
          { name: "who", type: "jid", required: false },
          { name: "pin", type: "secret" },
          { name: "rate", type: "number", help: "Per cent." },
        ],
      },
    });
    const stanza = await desk.next();
    expect(formIn(stanza)).toMatchObject({ approve: ["true"], tags: [] });
    const values = {
      reference: "x",
      big: "+9007199254740993",
      at: "2026-11-28T11:00:00+01:00",
      pin: "1234",
      rate: "1.5",
    };
    const said = await say(desk, submit({ "jabber-rpc-question": codeIn(stanza), ...values }));
    // What is secret is not said again.
    expect(said).toEqual([`Thank you (${codeIn(stanza)}).`]);
    expect(await answer).toMatchObject({
      value: {
        reference: "x",
        approve: true,
        big: "9007199254740993",
        at: "2026-11-28T10:00:00Z",
        tags: [],
        pin: "1234",
        rate: 1.5,
      },
    });
  });

  it("that are answered wrongly say what was expected, and stay open", async () => {
    const { answer, code } = await put(DEPLOY);
    await desk.next();
    expect(await say(desk, chat("maybe"))).toEqual([
      `Question ${code} is not answered yet.\nAnswer: one of yes, no expected\nReply with one of: yes, no.`,
    ]);
    await say(desk, chat("yes"));
    expect(await answer).toMatchObject({ value: "yes" });
  });

  it("send a form again with the values that were given and what was wrong", async () => {
    const { answer } = await put({
      text: "?",
      form: struct({ approve: boolean, amount: int, pin: string({ secret: true }) }),
    });
    const code = codeIn(await desk.next());
    desk.send(submit({ "jabber-rpc-question": code, approve: "1", amount: "many", pin: "1234" }));
    const again = await desk.next();
    expect(bodyOf(again)).toContain("Amount: whole number expected");
    expect(formIn(again)).toMatchObject({ "jabber-rpc-question": [code], approve: ["1"], amount: ["many"], pin: [] });
    const x = findChild(again, "x", "jabber:x:data") ?? expect.fail();
    expect(textOf(findChild(x, "instructions") ?? x)).toBe("Amount: whole number expected");
    await say(desk, submit({ "jabber-rpc-question": code, approve: "1", amount: "5", pin: "1234" }));
    expect(await answer).toMatchObject({ value: { approve: true, amount: 5, pin: "1234" } });
  });

  it("may be refused by who asks, with an error for each field", async () => {
    const check = vi.fn(async (given: { amount: number }) =>
      given.amount > 100 ? { amount: "at most 100" } : undefined,
    );
    const answer = running.gateway.notes.ask(DESK, { text: "How much?", form: struct({ amount: int }) }, { check });
    await desk.next();
    expect((await say(desk, chat("500")))[0]).toContain("amount: at most 100");
    await say(desk, chat("50"));
    expect(await answer).toMatchObject({ value: { amount: 50 } });
    expect(check).toHaveBeenCalledTimes(2);
  });

  it("whose check fails stay open, and the person is told that it is our fault", async () => {
    let fails = true;
    const answer = running.gateway.notes.ask(DESK, DEPLOY, {
      check: () => {
        if (fails) throw new Error("the database is away");
        return undefined;
      },
    });
    await desk.next();
    expect((await say(desk, chat("yes")))[0]).toMatch(
      /^Your answer to question \w+ could not be taken; it is still open/,
    );
    fails = false;
    await say(desk, chat("yes"));
    expect(await answer).toMatchObject({ value: "yes" });
  });

  it("may be put again because of an earlier answer, with its values", async () => {
    const form = {
      fields: [
        { name: "amount", type: "integer" },
        { name: "tags", type: "choices", choices: ["a", "b"] },
      ],
    } as const;
    const first = await put({ text: "How much?", form });
    await desk.next();
    await say(desk, chat("amount: 500\ntags: b"));
    await first.answer;
    await put({ text: "How much?", form }, { again: { id: first.id, errors: { amount: "at most 100" } } });
    const again = await desk.next();
    expect(bodyOf(again)).toMatch(/^amount: at most 100\n\nHow much\?/);
    expect(formIn(again)).toMatchObject({ amount: ["500"], tags: ["b"] });
    await expect(put("x", { again: { id: "other", errors: "no" } })).rejects.toThrow(
      "again: the id of an answered question",
    );
  });

  describe("of which several are open", () => {
    it("never take a bare reply, but one with the code", async () => {
      const [first, second] = [await put(DEPLOY), await put({ text: "Restart?", form: boolean })];
      await desk.next();
      expect(bodyOf(await desk.next())).toContain(`Others are open too: begin your reply with ${second.code}.`);
      const [list] = await say(desk, chat("yes"));
      expect(list).toBe(
        `2 questions are open, so begin your reply with the code of one, such as ${first.code}:\n` +
          `${first.code}: Deploy 1.2? Reply with one of: yes, no.\n${second.code}: Restart? Reply yes or no.`,
      );
      expect(await say(desk, chat(`${second.code} no`))).toEqual([`Thank you (${second.code}: no).`]);
      expect(await second.answer).toMatchObject({ value: false });
      // One is left: that one needs no code any more.
      await say(desk, chat("yes"));
      expect(await first.answer).toMatchObject({ value: "yes" });
      expect(heard).toEqual([]);
    });

    it("take forms, which carry the code, or at least the thread, themselves", async () => {
      const [first, second] = [await put(DEPLOY), await put(DEPLOY)];
      expect(await say(desk, submit({ answer: "yes" }))).toContainEqual(
        expect.stringContaining("2 questions are open"),
      );
      await say(desk, submit({ "jabber-rpc-question": second.code, answer: "no" }));
      expect(await second.answer).toMatchObject({ value: "no" });
      const inThread = submit({ answer: "yes" }).replace("</message>", `<thread>${first.id}</thread></message>`);
      await say(desk, inThread);
      expect(await first.answer).toMatchObject({ value: "yes" });
    });
  });

  it("take the first valid answer, and tell the others so", async () => {
    const { answer, code } = await put(DEPLOY);
    await desk.next();
    const phone = await running.person(`${ALICE}/phone`);
    await say(desk, chat("yes"));
    expect(await say(phone, submit({ "jabber-rpc-question": code, answer: "no" }))).toEqual([
      `Question ${code} has been answered already, from ${DESK} at 2027-01-15T08:00:00Z. Yours does not count.`,
    ]);
    // A bare reply that would have been an answer is told so once; afterwards it is chat like any other.
    expect(await say(phone, chat("no"))).toEqual([expect.stringContaining("answered already")]);
    expect(await say(desk, chat("no"))).toEqual([]);
    expect(heard).toEqual(["no"]);
    expect(await answer).toMatchObject({ value: "yes", by: DESK });
  });

  it("expire, and who answers late is told so", async () => {
    const { answer, code, id } = await put(DEPLOY, { deadlineMs: 1_000 });
    await desk.next();
    await vi.advanceTimersByTimeAsync(999);
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "open", asked: ALICE });
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toEqual({ status: "expired" });
    expect(await say(desk, chat(`${code} yes`))).toEqual([`Question ${code} has expired: your answer came too late.`]);
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "expired" });
  });

  it("are taken back, and the person is told", async () => {
    const { answer, code, id } = await put(DEPLOY);
    await desk.next();
    expect(await running.gateway.notes.cancel(id)).toBe(true);
    expect(await running.gateway.notes.cancel(id)).toBe(false);
    expect(await answer).toEqual({ status: "canceled" });
    expect(bodyOf(await desk.next())).toBe(`Question ${code} was taken back, so it needs no answer.`);
    const stop = new AbortController();
    const aborted = running.gateway.notes.ask(DESK, DEPLOY, { signal: stop.signal });
    await desk.next();
    stop.abort();
    expect(await aborted).toEqual({ status: "canceled" });
  });

  it("end with an error when the gateway stops", async () => {
    const { answer } = await put(DEPLOY);
    await running.stop();
    await expect(answer).rejects.toThrow("the gateway stopped before question");
  });

  it.each<[what: string, stanza: string]>([
    ["delayed", chat("yes", "<delay xmlns='urn:xmpp:delay' stamp='2026-11-22T10:00:00Z'/>")],
    ["delayed the old way", chat("yes", "<x xmlns='jabber:x:delay' stamp='20261122T10:00:00'/>")],
    ["of a room", chat("yes", "", "type='groupchat'")],
    ["an error", chat("yes", "", "type='error'")],
    ["a headline", chat("yes", "", "type='headline'")],
    ["forwarded", chat("yes", "<forwarded xmlns='urn:xmpp:forward:0'/>")],
    ["a carbon", chat("yes", "<received xmlns='urn:xmpp:carbons:2'/>")],
    ["without text", `<message to='${GATEWAY}'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`],
    ["a canceled form", submit({}, "cancel")],
    ["a form that asks us", submit({ answer: "yes" }, "form")],
    ["a form of another kind", submit({ FORM_TYPE: "http://example.org/other", answer: "yes" })],
    ["a form for another code", submit({ "jabber-rpc-question": "1Z", answer: "yes" })],
  ])("are not answered by what is %s", async (_what, stanza) => {
    const { id } = await put(DEPLOY);
    await desk.next();
    expect(await say(desk, stanza)).toEqual([]);
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "open" });
  });

  it.each<[what: string, payload: string, text: string]>([
    ["OMEMO", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>", "yes"],
    ["OMEMO 2", "<encrypted xmlns='urn:xmpp:omemo:2'/>", "yes"],
    ["explicitly encrypted", "<encryption xmlns='urn:xmpp:eme:0' namespace='x'/>", "yes"],
    ["OpenPGP", "<openpgp xmlns='urn:xmpp:openpgp:0'/>", "yes"],
    ["old PGP", "<x xmlns='jabber:x:encrypted'>abc</x>", "yes"],
    ["OTR", "", "?OTR:AAMD"],
  ])("are not answered by the placeholder of %s, and the person is told why", async (_what, payload, text) => {
    const { id, code } = await put(DEPLOY);
    await desk.next();
    expect(await say(desk, chat(text, payload))).toEqual([
      `I cannot read encrypted messages. Answer question ${code} without encryption, or by the command "Open questions".`,
    ]);
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "open" });
    expect(heard).toEqual([]);
  });

  it("are answered only by the person, whatever code and form others send", async () => {
    const { id, code } = await put(DEPLOY);
    await desk.next();
    for (const jid of ["mallory@example.org/desk", "notalice@example.org/x", "alice@example.org.evil.net/desk"]) {
      const other = await running.person(jid);
      await say(other, chat(`${code} yes`));
      await say(other, submit({ "jabber-rpc-question": code, answer: "yes" }));
    }
    const room = await running.person("rooms.example.net");
    await say(room, chat(`${code} yes`, "", `from='alice@rooms.example.net/desk' id='m1'`).replace("type='chat'", ""));
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "open" });
  });

  it("are never taken from an occupant of a room, nor put to one", async () => {
    await running.stop();
    await start({ roomServices: ["rooms.example.net"] });
    await expect(running.gateway.notes.put("ops@rooms.example.net", "Deploy?")).rejects.toThrow(
      "jid: rooms.example.net is a room service",
    );
    await running.stop();
    await start();
    // One that only shows itself as a room service when it is asked.
    const rooms = await running.person("rooms.example.net");
    const { id, code } = await running.gateway.notes.put("ops@rooms.example.net", DEPLOY);
    await rooms.next();
    rooms.send(chat(`${code} yes`, "", "from='ops@rooms.example.net/admin'"));
    const { attrs } = await rooms.next();
    rooms.send(
      `<iq type='result' id='${attrs["id"]}' to='${GATEWAY}'><query xmlns='http://jabber.org/protocol/disco#info'>` +
        "<identity category='conference' type='text'/></query></iq>",
    );
    await untilPing(rooms);
    expect(await running.gateway.notes.questionOf(id)).toMatchObject({ state: "open" });
  });

  it("leave help to the gateway, and chat that is none of theirs to its handlers", async () => {
    expect(await say(desk, chat("hello"))).toEqual([]);
    expect(heard).toEqual(["hello"]);
    const { answer, code } = await put("Any remarks?");
    await desk.next();
    expect((await say(desk, chat("help")))[0]).toMatch(/^You may call no method/);
    await say(desk, chat(`#${code}: help`));
    expect(await answer).toMatchObject({ value: "help" });
  });

  it("go again when they came back and the person arrives, and the asker is told why", async () => {
    const reasons: string[] = [];
    await put(DEPLOY, { returned: (reason) => reasons.push(reason) });
    const { attrs } = await desk.next();
    const error =
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>nobody here</text></error>";
    // This was never sent.
    desk.send(`<message type='error' id='other' to='${GATEWAY}'>${error}</message>`);
    expect(await untilPing(desk)).toEqual([]);
    expect(reasons).toEqual([]);
    desk.send(`<message type='error' id='${attrs["id"]}' to='${GATEWAY}'>${error}</message>`);
    expect(await untilPing(desk)).toEqual([]);
    expect(reasons).toEqual([expect.stringMatching(/service-unavailable.*nobody here/)]);
    const stranger = await running.person("mallory@example.org/desk");
    stranger.send(`<message type='error' id='${attrs["id"]}' to='${GATEWAY}'>${error}</message>`);
    expect(await untilPing(stranger)).toEqual([]);
    expect(reasons).toHaveLength(1);
    desk.send(`<presence to='${GATEWAY}'/>`);
    const again = await desk.next();
    expect(again.attrs["id"]).toBe(attrs["id"]);
    expect(findChild(again, "delay", "urn:xmpp:delay")).toBeDefined();
  });

  it("that come back from somebody who is there wait until he comes anew", async () => {
    desk.send(`<presence to='${GATEWAY}'/>`);
    await put(DEPLOY);
    const { attrs } = await desk.next();
    desk.send(`<message type='error' id='${attrs["id"]}' to='${GATEWAY}'><error type='cancel'/></message>`);
    expect(await untilPing(desk)).toEqual([]);
    desk.send(`<presence to='${GATEWAY}' type='unavailable'/>`);
    expect(await untilPing(desk)).toEqual([]);
    desk.send(`<presence to='${GATEWAY}'/>`);
    expect((await desk.next()).attrs["id"]).toBe(attrs["id"]);
  });

  it("stop answering a writer that is wrong again and again, who may be a program", async () => {
    await running.stop();
    await start({ limits: { questionWrongAnswers: 2 } });
    const { answer } = await put(DEPLOY);
    await desk.next();
    expect(await say(desk, chat("a"))).toHaveLength(1);
    expect(await say(desk, chat("b"))).toHaveLength(1);
    expect(await say(desk, chat("c"))).toEqual([]);
    await say(desk, chat("yes"));
    expect(await answer).toMatchObject({ value: "yes" });
  });

  it("are as many as the limits allow, and no more", async () => {
    await running.stop();
    await start({ limits: { questionsOpen: 3, questionsOpenPerPerson: 2 } });
    const { notes } = running.gateway;
    await notes.put(ALICE, "1");
    await notes.put(ALICE, "2");
    await expect(notes.put(ALICE, "3")).rejects.toThrow(`at most 2 questions to ${ALICE} can be open`);
    await notes.put("bob@example.org", "3");
    await expect(notes.put("bob@example.org", "4")).rejects.toThrow("at most 3 questions can be open");
  });

  it("that ended are remembered up to the limit", async () => {
    await running.stop();
    await start({ limits: { questionsRemembered: 1 } });
    const ended = [await put(DEPLOY), await put(DEPLOY)];
    for (const { id } of ended) await running.gateway.notes.cancel(id);
    await untilPing(desk);
    expect(await running.gateway.notes.questionOf(ended[0]?.id ?? "")).toBeUndefined();
    expect(await running.gateway.notes.questionOf(ended[1]?.id ?? "")).toMatchObject({ state: "canceled" });
    expect(await say(desk, chat(`${ended[0]?.code} yes`))).toEqual([]);
    expect(await say(desk, chat(`${ended[1]?.code} yes`))).toHaveLength(1);
  });

  it("whose message would be too large are refused, and none is left open", async () => {
    await running.stop();
    await start({ limits: { maxSentBytes: 2_000 } });
    await expect(put("x".repeat(2_000))).rejects.toThrow(/has \d+ bytes, .* limit of 2000/);
    await put("Small?");
    expect((await desk.next()).attrs["type"]).toBe("chat");
    expect(await say(desk, chat("yes"))).toHaveLength(1);
  });

  it.each<[question: unknown, error: string]>([
    [7, "a question expected, got number"],
    [{ text: "" }, "text: text expected, got an empty one"],
    [{ text: "a\u0000" }, "text: U+0000 at index 1 cannot be sent in XML"],
    [{ text: "?", choices: [] }, "choices: a list of 1 to 100 texts expected"],
    [{ text: "?", choices: ["a", 7] }, "choices[1]: text expected, got number"],
    [{ text: "?", choices: ["Yes", "yes"] }, "choices: choices that differ by more than case expected"],
    [{ text: "?", choices: ["a"], form: {} }, "choices or form expected, got both"],
    [{ text: "?", form: exact }, "form: a person cannot be asked for exact"],
    [{ text: "?", form: [] }, "form: an object with fields expected, got array"],
    [{ text: "?", form: { field: [] } }, "form.field: not known here; title, fields expected"],
    [{ text: "?", form: { fields: [] } }, "form.fields: 1 to 100 fields expected, got 0"],
    [{ text: "?", form: { fields: [7] } }, "form.fields[0]: a name, or an object with a name, expected, got number"],
    [{ text: "?", form: { fields: ["a", "a"] } }, 'form.fields[1].name: a name of its own expected, "a" is taken'],
    [{ text: "?", form: { fields: [{ name: "a", type: "int" }] } }, "form.fields[0].type: text, lines, secret"],
    [{ text: "?", form: { fields: [{ name: "a", size: 1 }] } }, "form.fields[0].size: not known here; name, type"],
    [
      { text: "?", form: { fields: [{ name: "a", type: "choice" }] } },
      "form.fields[0].choices: a list of choices expected",
    ],
    [
      { text: "?", form: { fields: [{ name: "a", type: "lines", choices: ["b"] }] } },
      "only the types choice and choices",
    ],
    [
      { text: "?", form: { fields: [{ name: "a", choices: ["b", "b"] }] } },
      "choices with values of their own expected",
    ],
    [
      { text: "?", form: { fields: [{ name: "a", min: 1 }] } },
      "form.fields[0].min: only integer, number, date, datetime",
    ],
    [{ text: "?", form: { fields: [{ name: "a", type: "integer", max: "x" }] } }, "fields[0].max: a number expected"],
    [
      { text: "?", form: { fields: [{ name: "a", required: 1 }] } },
      "fields[0].required: true or false expected, got number",
    ],
    [{ text: "?", form: { fields: [{ name: "jabber-rpc-question" }] } }, "fields[0].name: a name of its own expected"],
  ])("that are wrong are refused: %j", async (question, error) => {
    await expect(put(question as string)).rejects.toThrow(error);
  });
});
