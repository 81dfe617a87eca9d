// Outages under load: nothing is lost from the books, nothing runs twice, and the gateway is back by itself (issue 3, must hold).
// JABBER_RPC_FULL=1 does more rounds.

import { afterEach, describe, expect, it } from "vitest";
import { createComponentLink, createGateway, createRequester, type Gateway, type Requester } from "../../src/index.js";
import { createClientLink, type Link } from "../../src/xmpp/index.js";
import { startEjabberd } from "../support/ejabberd.js";
import { Ledger } from "../support/ledger.js";
import { startProsody } from "../support/prosody.js";
import type { ServerProcess } from "../support/server-process.js";
import { startTcpProxy } from "../support/tcp-proxy.js";

/** The shortest fifth is over when the outage comes: 200 are in flight. */
const CALLS = 250;
const ROUNDS = process.env["JABBER_RPC_FULL"] === "1" ? 5 : 1;
const PASSWORD = "secret";
/** From before the outage until the link is back. */
const WORK_MS = [50, 700, 1_000, 1_500, 2_500];
/** Several outages in a row would make the waits before each reconnection longer and longer, as they should for a real server. */
const random = (): number => Math.random() * 0.05;
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Scene {
  readonly server: ServerProcess;
  readonly ledger: Ledger;
  readonly gateway: Gateway;
  readonly requester: Requester;
  readonly address: string;
  /** Ends every connection of the gateway. */
  readonly cutGateway: () => void;
  /** Ends every connection of the requester. */
  readonly cutRequester: () => void;
}

async function setScene(
  mode: "client" | "component",
  modules: readonly string[],
  start: typeof startProsody | typeof startEjabberd = startProsody,
): Promise<Scene> {
  const server = await start({
    users: { responder: PASSWORD, anna: PASSWORD },
    components: { "rpc.localhost": "hush" },
    modules,
  });
  stops.push(() => server.stop());
  const gatewayWire = await startTcpProxy(mode === "component" ? server.componentPort : server.port);
  const requesterWire = await startTcpProxy(server.port);
  stops.push(
    () => gatewayWire.stop(),
    () => requesterWire.stop(),
  );
  const address = mode === "component" ? "rpc.localhost" : "responder@localhost/gateway";
  const link: Link =
    mode === "component"
      ? createComponentLink({ service: `xmpp://127.0.0.1:${gatewayWire.port}`, jid: address, password: "hush", random })
      : createClientLink({ service: `xmpp://127.0.0.1:${gatewayWire.port}`, jid: address, password: PASSWORD, random });
  const ledger = new Ledger();
  const gateway = createGateway({ link, methods: [ledger.method], access: [{ allow: "anna@localhost" }] });
  await gateway.start();
  stops.push(() => gateway.stop({ drainMs: 100 }));
  const requester = createRequester({
    link: { service: `xmpp://127.0.0.1:${requesterWire.port}`, jid: "anna@localhost/desk", password: PASSWORD, random },
  });
  await requester.start();
  stops.push(() => requester.stop());
  return { server, ledger, gateway, requester, address, cutGateway: gatewayWire.cut, cutRequester: requesterWire.cut };
}

/**
 * Starts all calls and resolves when the shortest have their results, so that the outage comes in their midst, and at a moment in
 * which nothing is on the wire: what is lost there cannot be known on a stream without acknowledgements.
 */
async function startCalls({ ledger, requester, address }: Scene): Promise<{ readonly done: Promise<unknown> }> {
  let short = CALLS / WORK_MS.length;
  let begin: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const calls = Array.from({ length: CALLS }, (_, index) =>
    ledger.record(WORK_MS[index % WORK_MS.length] ?? 0, async (id) => {
      const result = await requester.call(address, "ledger.work", [id], { timeoutMs: 15_000 });
      short -= 1;
      if (short === 0) begin?.();
      return result;
    }),
  );
  await begun;
  return { done: Promise.all(calls) };
}

/** Calls until one is answered: the gateway has to come back without help. */
async function untilBack({ ledger, requester, address }: Scene): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const before = ledger.count().result;
    await ledger.record(0, (id) => requester.call(address, "ledger.work", [id], { timeoutMs: 2_000 }));
    if (ledger.count().result > before) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the gateway did not come back");
}

function expectBalanced({ ledger }: Scene): void {
  const endings = ledger.count();
  expect(Object.values(endings).reduce((sum, count) => sum + count, 0)).toBe(ledger.sent);
  expect(ledger.contradictions()).toEqual([]);
  expect(endings.fault).toBe(0);
}

describe.each(["client", "component"] as const)("in %s mode", (mode) => {
  it.each([
    ["with stream management", ["smacks"]],
    ["without stream management", []],
  ])("balances when Prosody is killed and restarted under 200 calls, %s", async (_what, modules) => {
    const scene = await setScene(mode, modules);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { done } = await startCalls(scene);
      await scene.server.restart();
      await done;
      await untilBack(scene);
      expectBalanced(scene);
    }
    expect(scene.ledger.count()["outcome unknown"]).toBeGreaterThan(0);
  });

  it.each([
    ["Prosody", startProsody],
    ["ejabberd", startEjabberd],
  ])("answers every call although the gateway's connection to %s was cut under them", async (_name, start) => {
    const scene = await setScene(mode, ["smacks"], start);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = scene.ledger.count().result;
      const { done } = await startCalls(scene);
      scene.cutGateway();
      await done;
      expectBalanced(scene);
      expect(scene.ledger.count().result - before).toBe(CALLS);
      await untilBack(scene);
    }
  });
});

it("keeps a requester's calls over a cut of its own connection", async () => {
  const scene = await setScene("component", ["smacks"]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { done } = await startCalls(scene);
    scene.cutRequester();
    await done;
    expectBalanced(scene);
    await untilBack(scene);
  }
  expect(scene.ledger.count().result).toBeGreaterThanOrEqual(CALLS * ROUNDS);
  expect(scene.ledger.count()["outcome unknown"]).toBe(0);
});

it("ends a requester's calls at once when its session cannot be resumed", async () => {
  const scene = await setScene("component", []);
  const { done } = await startCalls(scene);
  scene.cutRequester();
  await done;
  expect(scene.ledger.count()["timed out"]).toBe(0);
  expectBalanced(scene);
  expect(scene.ledger.count()["outcome unknown"]).toBeGreaterThan(0);
  await untilBack(scene);
});
