// Questions of two gateways that share one database: whichever of them the answer reaches takes it (docs/notes.md).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boolean, dateTime, struct } from "../../src/index.js";
import { openDatabase } from "../../src/mailbox/index.js";
import { bodyOf, chat, DESK, type NotesGateway, startNotesGateway } from "../support/notes-gateway.js";
import type { RawPeer } from "../support/raw-peer.js";
import { recordingLog } from "../support/recording-log.js";

let folder: string;
let url: string;
let asking: NotesGateway;
let other: NotesGateway;
/** The person, as the other one reaches him. */
let atOther: RawPeer;
let log: ReturnType<typeof recordingLog>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-questions-"));
  url = `sqlite:${join(folder, "mailbox.db")}`;
  log = recordingLog();
  asking = await startNotesGateway({ mailbox: { url } });
  other = await startNotesGateway({ mailbox: { url }, log });
  atOther = await other.person(DESK);
});
afterEach(async () => {
  await asking.stop();
  await other.stop();
  await rm(folder, { recursive: true });
});

/** What the other gateway says to a message, once it knows of a question. */
const sayThere = async (id: string, text: string): Promise<string> => {
  await log.until(new RegExp(`question.taken-up id=${id} `));
  atOther.send(chat(text));
  return bodyOf(await atOther.next());
};

describe("a question", () => {
  it("is answered at the other gateway, and the asker gets what it asked for", async () => {
    const form = struct({ approve: boolean, day: dateTime });
    const { id, answer } = await asking.gateway.notes.put(DESK, { text: "Approve?", form });
    expect(await sayThere(id, "approve: yes\nday: 2026-11-28T10:00:00Z")).toMatch(/^Thank you/);
    const value = { approve: true, day: new Date("2026-11-28T10:00:00Z") };
    expect(await answer).toMatchObject({ status: "answered", by: DESK, value });
  });

  it("that its asker has taken back is open at neither", async () => {
    const { id } = await asking.gateway.notes.put(DESK, { text: "Deploy?", choices: ["yes", "no"] });
    expect(await sayThere(id, "perhaps")).toContain("is not answered yet");
    expect(await asking.gateway.notes.cancel(id)).toBe(true);
    expect(await sayThere(id, "yes")).toContain("was taken back");
    expect(await other.gateway.notes.questionOf(id)).toMatchObject({ state: "canceled" });
  });

  it("that cannot be read is said once, and the next one is taken up", async () => {
    const database = await openDatabase(url);
    const form = JSON.stringify({ to: DESK, spec: { text: "?", asks: { kind: "dance" } }, createdAt: 0 });
    await database.query
      .insertInto("questions")
      .values({ code: "XX", asked: "alice@example.org", deadline_at: Date.now() + 60_000, form })
      .execute();
    await database.close();
    expect(await log.until(/question\.unusable/)).toContain("id=1 ");
    const { id, answer } = await asking.gateway.notes.put(DESK, { text: "Deploy?", choices: ["yes", "no"] });
    expect(await sayThere(id, "yes")).toMatch(/^Thank you/);
    expect(await answer).toMatchObject({ value: "yes" });
    // Nor does it keep a gateway from starting.
    const next = await startNotesGateway({ mailbox: { url }, log });
    expect(log.lines.filter((line) => line.startsWith("question.unusable"))).toHaveLength(2);
    await next.stop();
  });
});
