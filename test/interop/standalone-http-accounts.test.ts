// The users of a small web application log in at a gateway that asks the application for each password (issue 3).

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCaller } from "../support/callers.js";
import { type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { compileStropheCaller, type StropheCaller } from "../support/strophe.js";

const users = { alice: "pass word €", bob: "bob's" };
const CALL = ["localhost", "examples.getStateName", "6"] as const;

let application: Server;
let asked: unknown[];
let secured: StandaloneProcess;
let clear: StandaloneProcess;
let strophe: StropheCaller;

beforeAll(async () => {
  asked = [];
  // The whole of what an application has to offer: its own check of a password, at an address of its own.
  application = createServer((request, response) => {
    void json(request).then((body) => {
      // Only the gateway asks.
      const { name, password } = body as { name: string; password: string };
      asked.push({ method: request.method, type: request.headers["content-type"], name, password });
      const isRight = new Map(Object.entries(users)).get(name) === password;
      response.writeHead(name === "trouble" ? 500 : isRight ? 204 : 403).end();
    });
  }).listen(0, "127.0.0.1");
  await once(application, "listening");
  const accounts = { http: `http://127.0.0.1:${(application.address() as AddressInfo).port}/xmpp-login` };
  [secured, clear, strophe] = await Promise.all([
    startStandalone({ accounts, tls: true }),
    startStandalone({ accounts, link: { plainOnLoopback: true } }),
    compileStropheCaller(),
  ]);
});
afterAll(async () => {
  expect(await Promise.all([secured.stop(), clear.stop(), strophe.remove()])).toEqual([0, 0, undefined]);
  application.close();
  await once(application, "close");
});

describe("a user of the application", () => {
  it.each([
    ["our requester", "alice"],
    ["slixmpp", "alice"],
    // @xmpp/client 0.14 cannot send a password of other than Latin letters by PLAIN.
    ["@xmpp/client", "bob"],
  ] as const)("logs in with %s over TLS", async (kind, name) => {
    asked.length = 0;
    const caller = await startCaller(kind, secured, name, users[name]);
    const [to, method] = CALL;
    expect(await caller.call(to, method, [{ int: 6 }])).toEqual({ value: { string: "Colorado" } });
    await caller.stop();
    expect(asked).toEqual([{ method: "POST", type: "application/json", name, password: users[name] }]);
    await secured.gateway.process.until(
      "stderr",
      new RegExp(`"account":"${name}".*"mechanism":"PLAIN","encrypted":true`),
    );
  });

  it("logs in on loopback without TLS where the settings say so", async () => {
    const called = await strophe.call(clear, { jid: "bob@localhost/c", password: "bob's" }, CALL);
    expect(called).toMatchObject({ exitCode: 0, stdout: "Colorado\n" });
    await clear.gateway.process.until("stderr", /"account":"bob".*"mechanism":"PLAIN","encrypted":false/);
  });
});

it.each([
  ["with a wrong password", "alice", "wrong", "not-authorized"],
  ["whom the application does not know", "mallory", "pass word €", "not-authorized"],
  ["when the application is in trouble", "trouble", "secret-x", "temporary-auth-failure"],
])("nobody gets in %s, and the log keeps the password to itself", async (_when, name, password, condition) => {
  const called = await strophe.call(secured, { jid: `${name}@localhost/c`, password }, CALL);
  expect(called).toMatchObject({ exitCode: 4, stdout: "" });
  const [, before] = await secured.gateway.process.until("stderr", new RegExp(`([^]*)"condition":"${condition}"`));
  expect(before).not.toContain(`"${password}"`);
});
