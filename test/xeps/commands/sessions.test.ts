// Sessions of commands: their ids, and their limits at the edge (XEP-0050 §3.3; COMMAND_LIMIT_TABLE).
import { afterEach, describe, expect, it } from "vitest";
import { defineMethod, int } from "../../../src/index.js";
import type { Limits } from "../../../src/limits.js";
import { type CommandResponder, startCommandResponder } from "../../support/commands.js";

const EXPIRED = "not-allowed cancel session-expired";
const UNKNOWN = "bad-request modify bad-sessionid";
const gates: (() => void)[] = [];
const METHODS = [
  defineMethod("shop.pay", { params: [int], returns: int }, (amount) => amount),
  defineMethod("shop.hello", { params: [], returns: int }, () => 1),
  defineMethod(
    "shop.slow",
    { params: [], returns: int },
    () => new Promise<number>((resolve) => gates.push(() => resolve(1))),
  ),
  defineMethod("shop.once", { params: [], returns: int, atMostOnce: true }, () => gates.push(() => undefined)),
];

describe("a session", () => {
  let responder: CommandResponder | undefined;
  afterEach(async () => {
    await responder?.stop();
    responder = undefined;
    gates.length = 0;
  });
  const start = async (limits: Partial<Limits> = {}) => {
    responder = await startCommandResponder({ methods: METHODS, limits });
    return { responder, alice: await responder.as("alice@example.org/desk") };
  };
  const pay = { fields: { param1: "1" } };

  it("has an id that nobody guesses, another one each time", async () => {
    const { alice } = await start();
    const ids = new Set<string>();
    for (let count = 0; count < 50; count += 1) ids.add((await alice.run("shop.pay")).sessionId);
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/);
  });

  it("of a command that asks nothing is over at once, and has an id all the same", async () => {
    const { alice } = await start();
    const { status, sessionId } = await alice.run("shop.hello");
    expect(status).toBe("completed");
    expect((await alice.run("shop.hello", { sessionId, action: "complete" })).error).toBe(EXPIRED);
  });

  it("one more of the same account ends the one that was left alone longest", async () => {
    const { responder: here, alice } = await start({ commandSessionsPerRequester: 2 });
    const phone = await here.as("alice@example.org/phone");
    const first = (await alice.run("shop.pay")).sessionId;
    const second = (await phone.run("shop.pay")).sessionId;
    // At the limit both live; the first was used last.
    expect((await alice.run("shop.pay", { sessionId: first })).status).toBe("executing");
    const third = (await alice.run("shop.pay")).sessionId;
    expect((await phone.run("shop.pay", { sessionId: second, ...pay })).error).toBe(EXPIRED);
    expect((await alice.run("shop.pay", { sessionId: first, ...pay })).status).toBe("completed");
    expect((await alice.run("shop.pay", { sessionId: third, ...pay })).status).toBe("completed");
  });

  it("one more than all requesters may have is refused, until one ends", async () => {
    const { responder: here, alice } = await start({ commandSessions: 2 });
    const bob = await here.as("bob@example.org/desk");
    const { sessionId } = await alice.run("shop.pay");
    expect((await bob.run("shop.pay")).status).toBe("executing");
    expect((await bob.run("shop.pay")).error).toBe("resource-constraint wait -");
    await alice.run("shop.pay", { sessionId, action: "cancel" });
    expect((await bob.run("shop.pay")).status).toBe("executing");
  });

  it("is remembered for a while after its end, the latest ones only", async () => {
    const { alice } = await start({ commandEndedSessions: 2 });
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await alice.run("shop.hello")).sessionId);
    const errors = [];
    for (const sessionId of ids) errors.push((await alice.run("shop.hello", { sessionId })).error);
    expect(errors).toEqual([UNKNOWN, EXPIRED, EXPIRED]);
  });

  it("is open again when its command could not be run yet", async () => {
    const { alice } = await start({ callsInFlight: 1 });
    const { sessionId } = await alice.run("shop.pay");
    alice.send("shop.slow", { id: "slow" });
    expect((await alice.run("shop.pay", { sessionId, ...pay })).error).toBe("resource-constraint wait -");
    gates[0]?.();
    expect((await alice.next()).status).toBe("completed");
    expect((await alice.run("shop.pay", { sessionId, ...pay })).status).toBe("completed");
  });

  it("joins an equal request to the run that it repeats", async () => {
    const { alice } = await start();
    alice.send("shop.slow");
    alice.send("shop.slow");
    expect((await alice.run("shop.hello", { id: "sync" })).status).toBe("completed");
    expect(gates).toHaveLength(1);
    gates[0]?.();
    expect((await alice.next()).sessionId).toBe((await alice.next()).sessionId);
  });

  it("is the first one for an equal request of a method that runs at most once", async () => {
    const { alice } = await start();
    const first = await alice.run("shop.once");
    expect((await alice.run("shop.once")).sessionId).toBe(first.sessionId);
    expect(gates).toHaveLength(1);
    expect((await alice.run("shop.once", { id: "c2" })).sessionId).not.toBe(first.sessionId);
  });
});

describe("the first request", () => {
  it("runs when it brings a form that answers the first one", async () => {
    const responder = await startCommandResponder({ methods: METHODS });
    const alice = await responder.as("alice@example.org/desk");
    const end = await alice.run("shop.pay", { fields: { param1: "7" } });
    expect(end).toMatchObject({ status: "completed", form: { fields: [{ var: "result", values: ["7"] }] } });
    // XEP-0050 §3.5.1: a form of type cancel is a submission too.
    const payload = "<x xmlns='jabber:x:data' type='cancel'><field var='param1'><value>8</value></field></x>";
    expect((await alice.run("shop.pay", { payload })).form?.fields[0]?.values).toEqual(["8"]);
    expect((await alice.run("shop.pay", { fields: { param1: "x" } })).status).toBe("executing");
    await responder.stop();
  });
});
