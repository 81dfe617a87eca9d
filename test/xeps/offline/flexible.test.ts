// Reading kept messages from a server that answers right, wrong, and too much (XEP-0013).

import { afterEach, describe, expect, it } from "vitest";
import { parseJid } from "../../../src/jid.js";
import { OFFLINE_LIMIT_TABLE } from "../../../src/xeps/index.js";
import { createOfflineMessages } from "../../../src/xeps/offline/index.js";
import { childElements, parseDocument, type XmlElement } from "../../../src/xml/index.js";
import type { FakeElement } from "../../support/fake-server.js";
import { type Answers, type MailSession, startMailServer } from "./fake-mail-server.js";

const NS = "http://jabber.org/protocol/offline";
const HAS_IT = { server: [NS] };

let session: MailSession | undefined;
afterEach(async () => {
  const errors = session?.server.errors ?? [];
  await session?.stop();
  session = undefined;
  expect(errors).toEqual([]);
});

async function offline(answers: Answers, features = HAS_IT) {
  session = await startMailServer(features, answers);
  return session.requester.offline;
}

const mark = (node: string): string => `<offline xmlns='${NS}'><item node='${node}'/></offline>`;
const kept = (node: string, body: string, from = "ann@example.org/desk", more = ""): string =>
  `<message from='${from}' to='user@localhost' type='chat'><body>${body}</body><delay xmlns='urn:xmpp:delay' stamp='2026-11-28T12:00:00Z'/>${more}${mark(node)}</message>`;
const viewed = (payload: FakeElement): string[] => payload.children.map(({ attrs }) => attrs["node"] ?? "");
const list = (nodes: readonly string[]): string =>
  `<query xmlns='http://jabber.org/protocol/disco#items' node='${NS}'>${nodes
    .map((node) => `<item jid='user@localhost' node='${node}' name='ann@example.org/desk'/>`)
    .join("")}</query>`;
const parse = (text: string) => findOnly(parseDocument(`<stream xmlns='jabber:client'>${text}</stream>`));
const findOnly = (stream: XmlElement): XmlElement => childElements(stream)[0] ?? stream;
const counted =
  (form: string): Answers =>
  () => ({
    result: `<query xmlns='http://jabber.org/protocol/disco#info' node='${NS}'>${form}</query>`,
  });

describe("where messages are", () => {
  it.each([
    [{ server: [NS] }, "offline"],
    [{ account: [NS] }, "offline"],
    [{ account: ["urn:xmpp:mam:2", NS] }, "offline"],
    [{ account: ["urn:xmpp:mam:2"] }, "archive"],
  ])("%j: %s", async (features, source) => {
    session = await startMailServer(features, () => undefined);
    expect(await session.requester.offline.source()).toBe(source);
    await session.requester.offline.source();
    expect(session.asked).toHaveLength(2);
  });

  it("is nowhere at a server that has neither, or an archive that is not of the account", async () => {
    session = await startMailServer({ server: ["urn:xmpp:mam:2"] }, () => undefined);
    await expect(session.requester.offline.count()).rejects.toMatchObject({
      code: "unsupported",
      message: "localhost has neither XEP-0013 nor an archive (XEP-0313) of this account",
    });
  });

  it.each(["component", "standalone"] as const)("is nowhere in %s mode, which has no account", async (mode) => {
    const { messages } = createOfflineMessages({
      link: { mode, jid: undefined },
      request: () => Promise.reject(new Error("asked")),
      limits: { offlineReadMessages: 1, offlineReadBytes: 1 },
      hold: true,
    });
    await expect(messages.list()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(mode),
    });
  });
});

describe("count", () => {
  it("is what the form says", async () => {
    const form = `<x xmlns='jabber:x:data' type='result'><field var='number_of_messages'><value>66</value></field></x>`;
    expect(await (await offline(counted(form))).count()).toBe(66);
  });

  it.each([
    "",
    "<x xmlns='jabber:x:data' type='result'><field var='number_of_messages'><value>many</value></field></x>",
  ])("is an error without a number: %s", async (form) => {
    await expect((await offline(counted(form))).count()).rejects.toMatchObject({ code: "refused" });
  });
});

describe("show", () => {
  it("gives a message with all that is in it", async () => {
    const messages = await offline((payload) =>
      viewed(payload)[0] === "7"
        ? { before: kept("7", "a &amp; b", undefined, "<subject>s</subject><thread>t</thread>") }
        : undefined,
    );
    const message = await messages.show("7");
    expect(message).toMatchObject({
      id: "7",
      from: "ann@example.org/desk",
      type: "chat",
      body: "a & b",
      subject: "s",
      thread: "t",
    });
    expect(message.stamp).toEqual(new Date("2026-11-28T12:00:00Z"));
    expect(message.xml).toContain("<body>a &amp; b</body>");
  });

  it("says that there is none: by an error, and by an answer without a message", async () => {
    const messages = await offline((payload) => (viewed(payload)[0] === "1" ? { error: "item-not-found" } : {}));
    for (const id of ["1", "2"])
      await expect(messages.show(id)).rejects.toMatchObject({ code: "not-found", message: `no message ${id}` });
  });

  it("takes no message with another mark, and refuses two with one", async () => {
    const messages = await offline((payload) => {
      const [id = ""] = viewed(payload);
      return {
        before:
          id === "1"
            ? kept("9", "live") + kept("1", "kept")
            : kept(id, "kept") + kept(id, "forged", "eve@evil.example/x"),
      };
    });
    expect((await messages.show("1")).body).toBe("kept");
    await expect(messages.show("2")).rejects.toMatchObject({ code: "ambiguous" });
  });

  it("does not show errors and messages of rooms", async () => {
    const messages = await offline((payload) => ({
      before: kept(viewed(payload)[0] ?? "", "x").replace("'chat'", "'groupchat'"),
    }));
    await expect(messages.show("1")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("fetch", () => {
  const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);
  const server =
    (count: number, body = "x"): Answers =>
    (payload) =>
      payload.name === "query"
        ? { result: list(ids(count)) }
        : {
            before: viewed(payload)
              .map((id) => kept(id, body))
              .join(""),
          };

  it("views all that is listed, some at a time", async () => {
    const messages = await offline(server(120));
    expect((await messages.fetch()).map(({ id }) => id)).toEqual(ids(120));
    expect(session?.asked.filter(({ name }) => name === "offline").map(({ children }) => children.length)).toEqual([
      50, 50, 20,
    ]);
    expect((await messages.list()).at(-1)).toEqual({ id: "120", from: "ann@example.org/desk" });
  });

  it("reads as many messages as the limit, and no more", async () => {
    const max = OFFLINE_LIMIT_TABLE.offlineReadMessages.default;
    expect(await (await offline(server(max))).fetch()).toHaveLength(max);
    await session?.stop();
    await expect((await offline(server(max + 1))).fetch()).rejects.toMatchObject({ code: "too-much" });
  });

  it("reads as many bytes as the limit, and no more", async () => {
    const [ids3, all] = [ids(3), await (await offline(server(3))).fetch()];
    const bytes = all.reduce((sum, { xml }) => sum + xml.length, 0);
    // Without a network, so that the limit can be another.
    const read = (offlineReadBytes: number) => {
      const reader = createOfflineMessages({
        link: { mode: "client", jid: parseJid("user@localhost/reader") },
        limits: { offlineReadMessages: 3, offlineReadBytes },
        request: async (_type, _to, payload) => {
          const isView = payload.startsWith("<offline");
          if (isView) for (const id of ids3) void reader.feature.message?.(parse(kept(id, "x")));
          const info = `<query xmlns='http://jabber.org/protocol/disco#info'><feature var='${NS}'/></query>`;
          return parse(`<iq>${isView ? "" : payload.includes("#items") ? list(ids3) : info}</iq>`);
        },
      });
      return reader.messages.fetch();
    };
    expect(await read(bytes)).toHaveLength(3);
    await expect(read(bytes - 1)).rejects.toMatchObject({ code: "too-much" });
  });
});

describe("remove and purge", () => {
  it("send what they are told, and say what the server refuses", async () => {
    const messages = await offline((payload) => {
      if (payload.name === "query") return { result: list(["1", "2", "9"]) };
      return viewed(payload)[0] === "9" ? { error: "item-not-found" } : {};
    });
    await messages.remove(["1", "2"]);
    await messages.remove([]);
    await messages.purge();
    const sent = session?.asked
      .filter(({ name }) => name === "offline")
      .map(({ children }) => children.map(({ name, attrs }) => ({ name, ...attrs })));
    expect(sent).toEqual([
      [
        { name: "item", action: "remove", node: "1" },
        { name: "item", action: "remove", node: "2" },
      ],
      [{ name: "purge" }],
    ]);
    await expect(messages.remove(["9"])).rejects.toMatchObject({ code: "not-found", message: "no message 9" });
    const before = session?.asked.length;
    await expect(messages.remove(["1", "7", "8"])).rejects.toMatchObject({
      code: "not-found",
      message: "no message 7, 8",
    });
    expect(session?.asked.slice(before).map(({ name }) => name)).toEqual(["query"]);
  });

  it.each([
    ["forbidden", "refused"],
    ["feature-not-implemented", "unsupported"],
  ])("%s is %s", async (error, code) => {
    await expect((await offline(() => ({ error }))).purge()).rejects.toMatchObject({ code });
  });
});
