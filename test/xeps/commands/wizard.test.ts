// Wizards on the wire: forwards, backwards, branches, two people at once, and at most one run (XEP-0050 §2.4, §3.3, §3.4).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  boolean,
  defineMethod,
  defineWizard,
  enumeration,
  int,
  optional,
  RpcFault,
  string,
  struct,
} from "../../../src/index.js";
import type { MethodSpec } from "../../../src/rpc/index.js";
import { type CommandPeer, type CommandResponder, startCommandResponder, valuesOf } from "../../support/commands.js";

const runs: string[] = [];
/** Resolved by a test to let a run go on. */
let gates: (() => void)[] = [];

const order = defineWizard(
  "shop.order",
  {
    doc: "Orders something to drink.",
    steps: {
      what: {
        title: "What",
        fields: { item: enumeration("tea", "coffee"), amount: int },
        next: ({ what }) => (what !== undefined && what.amount > 10 ? "reason" : "where"),
      },
      reason: { fields: { reason: string, code: optional(string({ secret: true })) } },
      where: { fields: { street: string, isGift: boolean } },
    },
    returns: struct({ text: string }),
  },
  ({ what, reason, where }, call) => {
    const text = `${what?.amount} ${what?.item} to ${where?.street}${where?.isGift === true ? " as a gift" : ""}`;
    runs.push(`${call.requester.jid.bare} ${call.via} ${text}${reason === undefined ? "" : ` for ${reason.reason}`}`);
    if (where?.street === "nowhere") throw new RpcFault(5, "there is no such street");
    return { text };
  },
);
const survey = defineWizard(
  "shop.survey",
  {
    steps: {
      name: { fields: { name: string } },
      age: { fields: { age: optional(int) } },
      words: { fields: { words: optional(string), more: optional(boolean) } },
    },
    returns: string,
  },
  (values) => JSON.stringify(values),
);
const ended = defineWizard(
  "shop.ended",
  {
    steps: {
      first: { fields: { goOn: boolean }, next: ({ first }) => (first?.goOn ? "second" : undefined) },
      second: { fields: { text: string } },
    },
    returns: string,
  },
  ({ second }) => second?.text ?? "ended early",
);
const backwards = defineWizard(
  "shop.backwards",
  { steps: { one: { fields: { text: string } }, two: { fields: { text: string }, next: () => "one" } } },
  () => undefined,
);
const slow = defineWizard(
  "shop.slow",
  { steps: { one: { fields: { text: string } } }, returns: string },
  async ({ one }) => {
    runs.push(`slow ${one?.text}`);
    await new Promise<void>((resolve) => gates.push(resolve));
    return "slow";
  },
);
const METHODS: readonly MethodSpec[] = [order, survey, ended, backwards, slow];

describe("a wizard", () => {
  let responder: CommandResponder;
  let alice: CommandPeer;
  beforeEach(async () => {
    runs.length = 0;
    gates = [];
    responder = await startCommandResponder({ methods: METHODS });
    alice = await responder.as("alice@example.org/desk");
  });
  afterEach(() => responder.stop());

  it("goes from step to step and runs once, behind the last", async () => {
    const first = await alice.run("shop.order");
    expect(first).toMatchObject({ status: "executing", actions: "next*", form: { title: "What" } });
    expect(first.form?.instructions).toEqual(["Orders something to drink."]);
    const { sessionId } = first;
    const second = await alice.run("shop.order", { sessionId, action: "next", fields: { item: "tea", amount: "2" } });
    expect(second).toMatchObject({
      status: "executing",
      sessionId,
      actions: "prev complete*",
      form: { title: "Where" },
    });
    expect(runs).toEqual([]);
    const end = await alice.run("shop.order", {
      sessionId,
      action: "complete",
      fields: { street: "Main", isGift: "1" },
    });
    expect(end).toMatchObject({ status: "completed", sessionId, notes: [] });
    expect(valuesOf(end.form)).toEqual({ text: "2 tea to Main as a gift" });
    expect(runs).toEqual(["alice@example.org command 2 tea to Main as a gift"]);
  });

  it("takes execute for what the actions say", async () => {
    const { sessionId } = await alice.run("shop.order");
    await alice.run("shop.order", { sessionId, fields: { item: "tea", amount: "2" } });
    const end = await alice.run("shop.order", { sessionId, action: "execute", fields: { street: "Main" } });
    expect(valuesOf(end.form)).toEqual({ text: "2 tea to Main" });
  });

  it("chooses the next step by the values so far", async () => {
    const { sessionId } = await alice.run("shop.order");
    const branch = await alice.run("shop.order", { sessionId, fields: { item: "coffee", amount: "11" } });
    expect(branch).toMatchObject({ form: { title: "Reason" }, actions: "prev next*" });
    await alice.run("shop.order", { sessionId, fields: { reason: "a party" } });
    await alice.run("shop.order", { sessionId, fields: { street: "Main" } });
    expect(runs).toEqual(["alice@example.org command 11 coffee to Main for a party"]);
  });

  it("ends where next says so, and goes on where it does not", async () => {
    const early = await alice.run("shop.ended");
    const end = await alice.run("shop.ended", { sessionId: early.sessionId, fields: { goOn: "0" } });
    expect(valuesOf(end.form)).toEqual({ result: "ended early" });
    const { sessionId } = await alice.run("shop.ended");
    const second = await alice.run("shop.ended", { sessionId, fields: { goOn: "true" } });
    expect(second).toMatchObject({ status: "executing", actions: "prev complete*" });
  });

  it("goes back with the values that were given, but for private ones, and forgets none on the way forth", async () => {
    const { sessionId } = await alice.run("shop.order");
    await alice.run("shop.order", { sessionId, fields: { item: "coffee", amount: "11" } });
    await alice.run("shop.order", { sessionId, fields: { reason: "a party", code: "s3cret" } });
    const typed = { sessionId, action: "prev", fields: { street: "half of a str" } };
    const reason = await alice.run("shop.order", typed);
    expect(reason).toMatchObject({ status: "executing", actions: "prev next*" });
    expect(valuesOf(reason.form)).toEqual({ reason: "a party", code: "" });
    const what = await alice.run("shop.order", { sessionId, action: "prev" });
    expect(what.actions).toBe("next*");
    expect(valuesOf(what.form)).toEqual({ item: "coffee", amount: "11" });
    const where = await alice.run("shop.order", { sessionId, fields: { item: "coffee", amount: "3" } });
    expect(valuesOf(where.form)).toEqual({ street: "half of a str", isGift: "false" });
    await alice.run("shop.order", { sessionId, fields: { street: "Main" } });
    expect(runs).toEqual(["alice@example.org command 3 coffee to Main"]);
  });

  it("never holds a form against its rules that comes with prev or cancel", async () => {
    const { sessionId } = await alice.run("shop.order");
    await alice.run("shop.order", { sessionId, fields: { item: "tea", amount: "2" } });
    const back = await alice.run("shop.order", { sessionId, action: "prev", fields: { isGift: "perhaps" } });
    expect(back).toMatchObject({ status: "executing", notes: [] });
    const end = await alice.run("shop.order", { sessionId, action: "cancel", fields: { amount: "many" } });
    expect(end).toMatchObject({ status: "canceled", notes: [] });
    expect(end.form).toBeUndefined();
  });

  it("shows a form again that is not answered, with what was given and what is wrong", async () => {
    const { sessionId } = await alice.run("shop.order");
    const again = await alice.run("shop.order", { sessionId, fields: { item: "juice", amount: "many" } });
    expect(again).toMatchObject({ status: "executing", sessionId, actions: "next*" });
    expect(again.notes).toEqual(["error: Item: one of tea, coffee expected", "error: Amount: whole number expected"]);
    expect(again.form?.instructions?.slice(0, 2)).toEqual(again.notes.map((note) => note.slice("error: ".length)));
    expect(valuesOf(again.form)).toEqual({ item: "juice", amount: "many" });
    const missing = await alice.run("shop.order", { sessionId });
    expect(missing.notes).toEqual(["error: Item: a value is required", "error: Amount: a value is required"]);
  });

  it("may be completed early where all that is left may be left empty", async () => {
    const first = await alice.run("shop.survey");
    expect(first.actions).toBe("next* complete");
    const { sessionId } = first;
    const end = await alice.run("shop.survey", { sessionId, action: "complete", fields: { name: "Ann" } });
    expect(valuesOf(end.form)).toEqual({ result: '{"name":{"name":"Ann"},"age":{},"words":{}}' });
  });

  it("runs at once when the first request answers the only form that is left", async () => {
    const first = await alice.run("shop.survey", { fields: { name: "Ann" } });
    expect(first).toMatchObject({ status: "executing", actions: "prev next* complete" });
    expect(first.form?.title).toBe("Age");
  });

  it("that fails is completed, with an error note", async () => {
    const { sessionId } = await alice.run("shop.order");
    await alice.run("shop.order", { sessionId, fields: { item: "tea", amount: "2" } });
    const end = await alice.run("shop.order", { sessionId, fields: { street: "nowhere" } });
    expect(end.status).toBe("completed");
    expect(end.notes).toEqual([expect.stringMatching(/^error: there is no such street \[call \w+\] \(fault 5\)$/)]);
  });

  it("that would go back by itself is our mistake, and does not run", async () => {
    const { sessionId } = await alice.run("shop.backwards", { fields: { text: "a" } });
    expect((await alice.run("shop.backwards", { sessionId, fields: { text: "b" } })).error).toBe(
      "internal-server-error cancel -",
    );
  });

  it("is run by two people at once, each with their own values", async () => {
    const bob = await responder.as("bob@example.org/desk");
    const [one, two] = [(await alice.run("shop.order")).sessionId, (await bob.run("shop.order")).sessionId];
    expect(one).not.toBe(two);
    await alice.run("shop.order", { sessionId: one, fields: { item: "tea", amount: "1" } });
    await bob.run("shop.order", { sessionId: two, fields: { item: "coffee", amount: "2" } });
    await alice.run("shop.order", { sessionId: one, fields: { street: "A" } });
    await bob.run("shop.order", { sessionId: two, fields: { street: "B" } });
    expect(runs).toEqual(["alice@example.org command 1 tea to A", "bob@example.org command 2 coffee to B"]);
  });

  it("cannot be stolen, not even by another device of the same account, and the owner goes on", async () => {
    const { sessionId } = await alice.run("shop.order");
    await alice.run("shop.order", { sessionId, fields: { item: "tea", amount: "1" } });
    for (const jid of ["mallory@example.org/desk", "alice@example.org/phone"]) {
      const thief = await responder.as(jid);
      for (const action of ["complete", "cancel", "prev", "next", "execute"]) {
        const { error } = await thief.run("shop.order", { sessionId, action, fields: { street: "theirs" } });
        expect(error).toBe("bad-request modify bad-sessionid");
      }
    }
    await alice.run("shop.order", { sessionId, action: "complete", fields: { street: "mine" } });
    expect(runs).toEqual(["alice@example.org command 1 tea to mine"]);
    // Nor does an ended one tell a thief that it was there.
    const thief = await responder.as("eve@example.org/desk");
    expect((await thief.run("shop.order", { sessionId })).error).toBe("bad-request modify bad-sessionid");
  });

  it("runs once, however often it is completed while it runs", async () => {
    const { sessionId } = await alice.run("shop.slow");
    const complete = { sessionId, action: "complete", fields: { text: "once" } };
    alice.send("shop.slow", { ...complete, id: "c1" });
    alice.send("shop.slow", { ...complete, id: "c1" });
    alice.send("shop.slow", { ...complete, id: "c2" });
    alice.send("shop.slow", { sessionId, action: "cancel", id: "c3" });
    // The equal request waits for the answer to the first; the others find the session ended.
    expect((await alice.next()).error).toBe("not-allowed cancel session-expired");
    expect((await alice.next()).error).toBe("not-allowed cancel session-expired");
    gates[0]?.();
    expect([(await alice.next()).status, (await alice.next()).status]).toEqual(["completed", "completed"]);
    expect(runs).toEqual(["slow once"]);
  });

  it("shares its name with no method", () => {
    const method = defineMethod("shop.order", { params: [] }, () => undefined);
    return expect(startCommandResponder({ methods: [order, method] })).rejects.toThrow(
      '"shop.order": there is a wizard of this name already',
    );
  });

  it.each<[string, () => unknown, string]>([
    [
      "a name of ours",
      () => defineWizard("system.x", { steps: { a: { fields: {} } } }, () => undefined),
      "belong to the",
    ],
    ["no step", () => defineWizard("a.b", { steps: {} }, () => undefined), "at least one step"],
    [
      "a step that is a number",
      () => defineWizard("a.b", { steps: { 1: { fields: {} } } }, () => undefined),
      "named 1",
    ],
    [
      "no descriptor",
      () => defineWizard("a.b", { steps: { a: { fields: { x: "int" as never } } } }, () => undefined),
      "x",
    ],
  ])("is not defined with %s", (_what, define, problem) => {
    expect(define).toThrow(problem);
  });
});
