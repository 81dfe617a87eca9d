// Every row of the error table of ad-hoc commands, on the wire (XEP-0050 §4.4).
import { afterEach, describe, expect, it } from "vitest";
import { defineMethod, defineWizard, int, optional, string } from "../../../src/index.js";
import { type CommandPeer, commandPeer, startCommandResponder } from "../../support/commands.js";
import { startMemoryGateway } from "../../support/memory-gateway.js";

let runs = 0;
const METHODS = [
  defineMethod("shop.pay", { params: [int], returns: int }, (amount) => {
    runs += 1;
    return amount;
  }),
  defineMethod("shop.hidden", { params: [], command: false }, () => undefined),
  defineMethod("shop.secret", { params: [] }, () => undefined),
  defineWizard(
    "shop.order",
    { steps: { what: { fields: { item: string } }, where: { fields: { street: string, note: optional(string) } } } },
    () => undefined,
  ),
];

describe("an error of a command", () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
    runs = 0;
  });
  let nowMs = 0;
  const start = async (): Promise<CommandPeer> => {
    const responder = await startCommandResponder({
      methods: METHODS,
      access: [{ anyone: true, methods: ["shop.pay", "shop.hidden", "shop.order", "shop.nosuch"] }],
      now: () => nowMs,
    });
    open.push(responder);
    return responder.as("alice@example.org/desk");
  };
  const session = async (alice: CommandPeer, node = "shop.pay"): Promise<string> => (await alice.run(node)).sessionId;

  it("malformed-action: an action that is none", async () => {
    const alice = await start();
    expect((await alice.run("shop.pay", { action: "exec" })).error).toBe("bad-request modify malformed-action");
    expect((await alice.run("shop.pay", { action: "" })).error).toBe("bad-request modify malformed-action");
  });

  it.each(["next", "prev", "complete"])("bad-action: %s begins nothing", async (action) => {
    expect((await (await start()).run("shop.pay", { action })).error).toBe("bad-request modify bad-action");
  });

  it("bad-action: an action that this stage does not offer; the session goes on", async () => {
    const alice = await start();
    const sessionId = await session(alice, "shop.order");
    for (const action of ["prev", "complete"]) {
      const { error } = await alice.run("shop.order", { action, sessionId, fields: { item: "tea" } });
      expect(error).toBe("bad-request modify bad-action");
    }
    const second = await alice.run("shop.order", { action: "next", sessionId, fields: { item: "tea" } });
    expect(second.actions).toBe("prev complete*");
    expect((await alice.run("shop.order", { action: "next", sessionId })).error).toBe("bad-request modify bad-action");
  });

  it("bad-locale: what is no language", async () => {
    const alice = await start();
    expect((await alice.run("shop.pay", { lang: "not a language" })).error).toBe("bad-request modify bad-locale");
  });

  it("any other language is answered in ours, which the reply states", async () => {
    const { stanza, status } = await (await start()).run("shop.pay", { lang: "de-AT" });
    expect(status).toBe("executing");
    expect(stanza.children[0]).toMatchObject({ attrs: { "xml:lang": "en" } });
  });

  it.each([
    ["a form of type form", "<x xmlns='jabber:x:data' type='form'/>"],
    ["a form of type result", "<x xmlns='jabber:x:data' type='result'/>"],
    ["a form of no defined type", "<x xmlns='jabber:x:data' type='error'/>"],
    ["a form without a type", "<x xmlns='jabber:x:data'/>"],
  ])("bad-payload: %s", async (_what, payload) => {
    const alice = await start();
    const sessionId = await session(alice);
    expect((await alice.run("shop.pay", { sessionId, payload })).error).toBe("bad-request modify bad-payload");
    expect((await alice.run("shop.pay", { sessionId, fields: { param1: "1" } })).status).toBe("completed");
  });

  it("bad-sessionid: one that never was", async () => {
    const alice = await start();
    for (const sessionId of ["nosuch", ""]) {
      const { error } = await alice.run("shop.pay", { sessionId, fields: { param1: "1" } });
      expect(error).toBe("bad-request modify bad-sessionid");
    }
    expect(runs).toBe(0);
  });

  it("bad-sessionid: cancel without a session", async () => {
    expect((await (await start()).run("shop.pay", { action: "cancel" })).error).toBe(
      "bad-request modify bad-sessionid",
    );
  });

  it("bad-sessionid: that of another command", async () => {
    const alice = await start();
    const sessionId = await session(alice, "shop.order");
    const { error } = await alice.run("shop.pay", { sessionId, fields: { param1: "1" } });
    expect(error).toBe("bad-request modify bad-sessionid");
  });

  it.each(["shop.pay", "shop.order"])("session-expired: %s was canceled", async (node) => {
    const alice = await start();
    const sessionId = await session(alice, node);
    expect(await alice.run(node, { sessionId, action: "cancel" })).toMatchObject({ status: "canceled", sessionId });
    expect((await alice.run(node, { sessionId, fields: { param1: "1" } })).error).toBe(
      "not-allowed cancel session-expired",
    );
    expect(runs).toBe(0);
  });

  it("session-expired: it was completed, so that a second complete runs nothing", async () => {
    const alice = await start();
    const sessionId = await session(alice);
    const complete = { sessionId, action: "complete", fields: { param1: "5" } };
    expect((await alice.run("shop.pay", complete)).status).toBe("completed");
    expect((await alice.run("shop.pay", { ...complete, id: "c2" })).error).toBe("not-allowed cancel session-expired");
    expect(runs).toBe(1);
  });

  it("session-expired: it was left alone for too long, to the millisecond", async () => {
    nowMs = 0;
    const alice = await start();
    const [kept, left] = [await session(alice), await session(alice)];
    nowMs = 599_999;
    expect((await alice.run("shop.pay", { sessionId: kept, fields: { param1: "1" } })).status).toBe("completed");
    nowMs = 600_000;
    expect((await alice.run("shop.pay", { sessionId: left, fields: { param1: "1" } })).error).toBe(
      "not-allowed cancel session-expired",
    );
    expect(runs).toBe(1);
  });

  it("forbidden: whether there is such a command or not", async () => {
    const alice = await start();
    expect((await alice.run("shop.secret")).error).toBe("forbidden cancel -");
    expect((await alice.run("shop.nothing")).error).toBe("forbidden cancel -");
  });

  it("forbidden: who may call nothing at all, whatever he sends", async () => {
    const responder = await startCommandResponder({ methods: METHODS, access: [{ allow: "bob@example.org" }] });
    open.push(responder);
    const alice = await responder.as("alice@example.org/desk");
    expect((await alice.run(undefined, { action: "exec" })).error).toBe("forbidden cancel -");
  });

  it("item-not-found: no such command, or one that is only a method", async () => {
    const alice = await start();
    expect((await alice.run("shop.nosuch")).error).toBe("item-not-found cancel -");
    expect((await alice.run("shop.hidden")).error).toBe("item-not-found cancel -");
  });

  it("feature-not-implemented: commands are turned off", async () => {
    const gateway = await startMemoryGateway({ methods: METHODS, commands: false });
    open.push(gateway);
    const alice = commandPeer(gateway.peer);
    expect((await alice.run("shop.pay")).error).toBe("feature-not-implemented cancel -");
  });

  it("bad-request: no node, and a get", async () => {
    const alice = await start();
    expect((await alice.run(undefined)).error).toBe("bad-request modify -");
    expect((await alice.run("")).error).toBe("bad-request modify -");
    alice.peer.send(
      "<iq type='get' to='rpc.example.org' id='g1'><command xmlns='http://jabber.org/protocol/commands' node='shop.pay'/></iq>",
    );
    expect((await alice.next()).error).toBe("bad-request modify -");
  });
});
