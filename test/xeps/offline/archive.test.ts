// Reading an archive in place of kept messages, page by page and with suspicion (XEP-0313 §4, §5; XEP-0059).

import { afterEach, describe, expect, it } from "vitest";
import { OFFLINE_LIMIT_TABLE } from "../../../src/xeps/index.js";
import type { FakeElement } from "../../support/fake-server.js";
import { type Answers, type MailSession, OWN, startMailServer } from "./fake-mail-server.js";

const NS = "urn:xmpp:mam:2";

let session: MailSession | undefined;
afterEach(async () => {
  const errors = session?.server.errors ?? [];
  await session?.stop();
  session = undefined;
  expect(errors).toEqual([]);
});

async function archive(answers: Answers) {
  session = await startMailServer({ account: [NS] }, answers);
  return session.requester.offline;
}

const child = (element: FakeElement | undefined, name: string) => element?.children.find((one) => one.name === name);
const query = (payload: FakeElement) => {
  const set = child(payload, "set");
  return {
    id: payload.attrs["queryid"] ?? "",
    max: Number(child(set, "max")?.text),
    before: child(set, "before")?.text ?? "",
  };
};

interface Entry {
  readonly id: string;
  readonly from?: string;
  readonly type?: string;
}

function entry(
  { id, from = "ann@example.org/desk", type = "chat" }: Entry,
  queryid: string,
  by = ` from='${OWN}'`,
): string {
  const message = `<message xmlns='jabber:client' from='${from}' to='${OWN}' type='${type}'><body>${id}</body></message>`;
  const delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-11-28T12:00:00.5Z'/>";
  return `<message${by}><result xmlns='${NS}' queryid='${queryid}' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'>${delay}${message}</forwarded></result></message>`;
}

function fin(entries: readonly Entry[], isComplete: boolean): string {
  const set = entries.length === 0 ? "" : `<first>${entries[0]?.id}</first><last>${entries.at(-1)?.id}</last>`;
  return `<fin xmlns='${NS}'${isComplete ? " complete='true'" : ""}><set xmlns='http://jabber.org/protocol/rsm'>${set}</set></fin>`;
}

/** An archive that gives pages as it should, though never more than `most` at a time. */
function serve(entries: readonly Entry[], most = 100): Answers {
  return (payload) => {
    const { id, max, before } = query(payload);
    const end = before === "" ? entries.length : entries.findIndex((one) => one.id === before);
    const start = Math.max(0, end - Math.min(max, most));
    const page = entries.slice(start, end);
    return { before: page.map((one) => entry(one, id)).join(""), result: fin(page, start === 0) };
  };
}

const numbered = (count: number): Entry[] => Array.from({ length: count }, (_, index) => ({ id: `n${index + 1}` }));

describe("an archive", () => {
  it.each([0, 1, 50, 51, 130])("of %i messages is read whole, oldest first", async (count) => {
    const messages = await archive(serve(numbered(count)));
    expect((await messages.fetch()).map(({ body }) => body)).toEqual(numbered(count).map(({ id }) => id));
    expect(await messages.count()).toBe(count);
  });

  it("may give smaller pages than it was asked for", async () => {
    expect(await (await archive(serve(numbered(25), 10))).count()).toBe(25);
  });

  it("shows what others have written, when, and nothing of rooms, errors and of one's own", async () => {
    const messages = await archive(
      serve([
        { id: "own", from: `${OWN}/other` },
        { id: "room", type: "groupchat" },
        { id: "error", type: "error" },
        { id: "ann" },
      ]),
    );
    const stamp = new Date("2026-11-28T12:00:00.500Z");
    expect(await messages.list()).toEqual([{ id: "ann", from: "ann@example.org/desk", stamp }]);
    expect(await messages.show("ann")).toMatchObject({ id: "ann", type: "chat", body: "ann", stamp });
    await expect(messages.show("own")).rejects.toMatchObject({ code: "not-found", message: "no message own" });
  });

  it("is looked at as far as the limit, from the newest", async () => {
    const max = OFFLINE_LIMIT_TABLE.offlineReadMessages.default;
    const messages = await archive(serve(numbered(max + 1)));
    const all = await messages.list();
    expect(all).toHaveLength(max);
    expect(all[0]?.id).toBe("n2");
    expect(all.at(-1)?.id).toBe(`n${max + 1}`);
  });

  it("is believed only when it is the own one, and answers the question", async () => {
    const messages = await archive((payload) => {
      const { id } = query(payload);
      const forged = entry({ id: "forged" }, id, " from='eve@evil.example/x'") + entry({ id: "old" }, "other-query");
      return {
        before: forged + entry({ id: "true" }, id) + entry({ id: "unnamed" }, id, ""),
        result: fin([{ id: "true" }], true),
      };
    });
    expect((await messages.list()).map(({ id }) => id)).toEqual(["true", "unnamed"]);
  });

  it("ends when it gives a page twice, or no end", async () => {
    const twice = await archive((payload) => {
      const { id } = query(payload);
      return { before: entry({ id: "one" }, id), result: fin([{ id: "one" }], false) };
    });
    await expect(twice.list()).rejects.toMatchObject({
      code: "refused",
      message: "the archive gives the same page twice",
    });
    await session?.stop();
    await expect((await archive(() => ({}))).list()).rejects.toMatchObject({ code: "refused" });
  });

  it("leaves out entries that are none", async () => {
    const messages = await archive((payload) => {
      const { id } = query(payload);
      const bad = [
        `<message><result xmlns='${NS}' queryid='${id}' id='a'/></message>`,
        `<message><result xmlns='${NS}' queryid='${id}' id='b'><forwarded xmlns='urn:xmpp:forward:0'/></result></message>`,
        entry({ id: "c" }, id).replace(" id='c'", ""),
        entry({ id: "d", from: "@" }, id),
      ];
      return { before: bad.join("") + entry({ id: "good" }, id), result: fin([{ id: "good" }], true) };
    });
    expect((await messages.list()).map(({ id }) => id)).toEqual(["good"]);
  });

  it("can only be read", async () => {
    const messages = await archive(serve(numbered(1)));
    for (const change of [messages.remove(["n1"]), messages.purge()])
      await expect(change).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringContaining("can only be read"),
      });
  });
});
