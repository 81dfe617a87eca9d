// The command "Open questions": for whom it is there, and how it answers (issue 6; XEP-0050).
import { afterEach, describe, expect, it } from "vitest";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  type Gateway,
  type Requester,
} from "../../../src/index.js";
import { DESK, GATEWAY } from "../../support/notes-gateway.js";

const NODE = "system.questions";
const DEPLOY = { text: "Deploy?", choices: ["yes", "no"] } as const;

describe("the command of open questions", () => {
  const network = createMemoryNetwork();
  let gateway: Gateway;
  const requesters: Requester[] = [];
  const start = async (options: Partial<Parameters<typeof createGateway>[0]> = {}): Promise<void> => {
    gateway = createGateway({ ...options, link: network.link(GATEWAY) });
    await gateway.start();
  };
  const as = async (jid: string): Promise<Requester> => {
    const requester = createRequester({ link: network.link(jid) });
    await requester.start();
    requesters.push(requester);
    return requester;
  };
  afterEach(async () => {
    for (const requester of requesters.splice(0)) await requester.stop();
    await gateway.stop();
  });

  it("is there for whoever was asked, without any rule, and hidden from all others", async () => {
    await start();
    const [alice, bob] = [await as(DESK), await as("bob@example.org/desk")];
    expect(await alice.listCommands(GATEWAY)).toEqual([]);
    await expect(alice.command(GATEWAY, NODE)).rejects.toMatchObject({ condition: "forbidden" });
    await gateway.notes.put(DESK, DEPLOY);
    expect(await alice.listCommands(GATEWAY)).toEqual([{ node: NODE, name: "Open questions" }]);
    expect(await alice.discoInfo(GATEWAY, NODE)).toMatchObject({ identities: [{ name: "Open questions" }] });
    expect(await bob.listCommands(GATEWAY)).toEqual([]);
    await expect(bob.command(GATEWAY, NODE)).rejects.toMatchObject({ condition: "forbidden" });
    await expect(bob.discoInfo(GATEWAY, NODE)).rejects.toMatchObject({ condition: "forbidden" });
  });

  it("goes straight to the form of the only question", async () => {
    await start();
    const alice = await as(DESK);
    const { answer, code } = await gateway.notes.put(DESK, DEPLOY);
    const asked = await alice.command(GATEWAY, NODE);
    expect(asked).toMatchObject({
      status: "executing",
      actions: { offered: ["complete"] },
      form: { title: "Deploy?" },
    });
    const form = { type: "submit", fields: [{ var: "answer", values: ["maybe"] }] } as const;
    const wrong = await alice.command(GATEWAY, NODE, { sessionId: asked.sessionId, action: "complete", form });
    expect(wrong).toMatchObject({
      status: "executing",
      notes: [{ type: "error", text: "Answer: one of yes, no expected" }],
    });
    const right = { type: "submit", fields: [{ var: "answer", values: ["no"] }] } as const;
    const done = await alice.command(GATEWAY, NODE, { sessionId: asked.sessionId, action: "complete", form: right });
    expect(done).toMatchObject({ status: "completed", notes: [{ type: "info", text: `Thank you (${code}: no).` }] });
    expect(await answer).toMatchObject({ status: "answered", value: "no", by: DESK });
    expect(await alice.listCommands(GATEWAY)).toEqual([]);
  });

  it("lets one of several be chosen", async () => {
    await start();
    const alice = await as(DESK);
    const first = await gateway.notes.put(DESK, DEPLOY);
    const second = await gateway.notes.put(DESK, "Why?");
    const { sessionId, form } = await alice.command(GATEWAY, NODE);
    expect(form?.fields[0]?.options).toEqual([
      { value: first.id, label: `${first.code}: Deploy?` },
      { value: second.id, label: `${second.code}: Why?` },
    ]);
    const choice = { type: "submit", fields: [{ var: "question", values: [second.id] }] } as const;
    const asked = await alice.command(GATEWAY, NODE, { sessionId, action: "next", form: choice });
    expect(asked).toMatchObject({ form: { title: "Why?" }, actions: { offered: ["prev", "complete"] } });
    const because = { type: "submit", fields: [{ var: "answer", values: ["because"] }] } as const;
    await alice.command(GATEWAY, NODE, { sessionId, action: "complete", form: because });
    expect(await second.answer).toMatchObject({ value: "because" });
  });

  it("tells who comes too late", async () => {
    await start();
    const alice = await as(DESK);
    const { id, code } = await gateway.notes.put(DESK, DEPLOY);
    const { sessionId } = await alice.command(GATEWAY, NODE);
    await gateway.notes.cancel(id);
    const form = { type: "submit", fields: [{ var: "answer", values: ["yes"] }] } as const;
    expect(await alice.listCommands(GATEWAY)).toEqual([]);
    const other = await gateway.notes.put(DESK, DEPLOY);
    expect(await alice.command(GATEWAY, NODE, { sessionId, action: "complete", form })).toMatchObject({
      status: "completed",
      notes: [{ type: "error", text: `Question ${code} was taken back, so it needs no answer.` }],
    });
    expect(await gateway.notes.questionOf(other.id)).toMatchObject({ state: "open" });
    await gateway.notes.cancel(other.id);
    expect(await alice.command(GATEWAY, NODE)).toMatchObject({
      status: "completed",
      notes: [{ type: "error", text: "There is no open question." }],
    });
  });

  it("is not there where commands are off", async () => {
    await start({ commands: false });
    const alice = await as(DESK);
    await gateway.notes.put(DESK, DEPLOY);
    await expect(alice.command(GATEWAY, NODE)).rejects.toMatchObject({ condition: "feature-not-implemented" });
  });
});
