// The same calls from three kinds of callers straight to a stand-alone gateway: in clear, over STARTTLS and over WebSocket (issue 3).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExactJson } from "../../src/values/index.js";
import { STORIES } from "../stories/stories.js";
import { type Caller, type CallerName, startCaller } from "../support/callers.js";
import type { RawPeer } from "../support/raw-peer.js";
import { runStory } from "../support/run-story.js";
import { startSlixmppRawPeer } from "../support/slixmpp-raw-peer.js";
import { type Accounts, makeAccounts, type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { echoCases } from "./echo-cases.js";
import { VALIDATOR1_CASES } from "./validator1-cases.js";

type Transport = "TCP" | "STARTTLS" | "WebSocket" | "WebSocket under TLS";

/** How each logs in where it may choose; slixmpp and our requester speak no WebSocket. */
const WAYS: readonly (readonly [kind: CallerName, transport: Transport, mechanism: string])[] = [
  ["our requester", "TCP", "SCRAM-SHA-256"],
  ["our requester", "STARTTLS", "SCRAM-SHA-256"],
  ["slixmpp", "TCP", "SCRAM-SHA-256"],
  ["slixmpp", "STARTTLS", "SCRAM-SHA-256"],
  ["@xmpp/client", "TCP", "SCRAM-SHA-1"],
  ["@xmpp/client", "STARTTLS", "SCRAM-SHA-1"],
  ["@xmpp/client", "WebSocket", "SCRAM-SHA-1"],
  ["@xmpp/client", "WebSocket under TLS", "SCRAM-SHA-1"],
];
const ADDRESSES = ["localhost", "localhost/somewhere", "rpc.localhost", "rpc@localhost", "rpc@localhost/gateway"];

const users = { alice: "pass word €", mallory: "secret" };
let accounts: Accounts;
let clear: StandaloneProcess;
let secured: StandaloneProcess;

beforeAll(async () => {
  accounts = await makeAccounts(users);
  const { path } = accounts;
  [clear, secured] = await Promise.all([
    startStandalone({ accounts: path }),
    startStandalone({ accounts: path, tls: true }),
  ]);
});
afterAll(async () => {
  expect(await Promise.all([clear.stop(), secured.stop()])).toEqual([0, 0]);
  await accounts.remove();
});

/** Logs in over a transport; the gateway's log has to say so. */
async function logIn(kind: CallerName, transport: Transport, mechanism: string): Promise<Caller> {
  const isSecured = transport === "STARTTLS" || transport === "WebSocket under TLS";
  const server = isSecured ? secured : clear;
  const way = transport.startsWith("WebSocket") ? server.overWebSocket : server;
  const caller = await startCaller(kind, way, "alice", users.alice);
  const line = `"account":"alice","address":"127.0.0.1","mechanism":"${mechanism}","encrypted":${isSecured}`;
  await server.gateway.process.until("stderr", new RegExp(line));
  return caller;
}

describe.each(WAYS)("%s over %s", (kind, transport, mechanism) => {
  let caller: Caller;
  const call = (method: string, ...params: ExactJson[]) => caller.call("localhost", method, params);

  beforeAll(async () => {
    caller = await logIn(kind, transport, mechanism);
  });
  afterAll(() => caller.stop());

  it.each(VALIDATOR1_CASES)("validator1.$method", async ({ method, params, result }) => {
    expect(await call(`validator1.${method}`, ...params)).toEqual({ value: result });
  });

  it.each(echoCases(kind))("%s comes back as it is", async (_text, value) => {
    expect(await call("probe.echo", value)).toEqual({ value });
  });

  it.each(ADDRESSES)("is answered by %s", async (address) => {
    expect(await caller.call(address, "examples.getStateName", [{ int: 6 }])).toEqual({
      value: { string: "Colorado" },
    });
  });

  it("gets faults and stanza errors", async () => {
    const message = expect.stringMatching(/^no state 60 \[call \w+\]$/);
    expect(await call("examples.getStateName", { int: 60 })).toEqual({ fault: { code: 4, message } });
    const text = "alice@localhost may not call this responder's shop.refund";
    expect(await call("shop.refund")).toEqual({ error: { type: "auth", condition: "forbidden", text } });
    const away = await caller.call("alice@localhost/nowhere", "examples.hello", []);
    expect(away.error).toMatchObject({ type: "cancel", condition: "service-unavailable" });
  });

  it("is answered every one of many calls at once", async () => {
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const outcomes = await Promise.all(numbers.map((index) => call("probe.echo", { int: index })));
    expect(outcomes).toEqual(numbers.map((index) => ({ value: { int: index } })));
  });
});

it("slixmpp is forbidden what a rule denies", async () => {
  const mallory = await startCaller("slixmpp", clear, "mallory", users.mallory);
  expect(await mallory.call("localhost", "examples.hello")).toMatchObject({ error: { condition: "forbidden" } });
  await mallory.stop();
});

describe("the stories, told and heard by slixmpp over STARTTLS", () => {
  let peer: RawPeer;
  beforeAll(async () => {
    peer = await startSlixmppRawPeer(secured, "alice@localhost/raw", users.alice);
  });
  afterAll(() => peer.stop());

  it.each(STORIES.map((story) => [story.name, story] as const))("%s", async (_name, story) => {
    await runStory(story, peer, "rpc.localhost");
  });
});
