// How calls and gateways end when the other side goes: a crash of the server, an orderly end of the gateway (issue 2 §7).

import { afterEach, expect, it } from "vitest";
import { type CliUser, cliUser } from "../support/cli.js";
import {
  type GatewayProcess,
  gatewaySettings,
  RESPONDER,
  spawnGateway,
  startGatewayProcess,
} from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const USERS = { responder: RESPONDER.password, alice: "secret" };
const opened: { stop(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.stop();
});

async function start(): Promise<{ prosody: Prosody; gateway: GatewayProcess; alice: CliUser }> {
  const prosody = await startProsody({ users: USERS });
  opened.push(prosody);
  const gateway = await startGatewayProcess(prosody);
  opened.push(gateway);
  return { prosody, gateway, alice: cliUser(prosody, "alice@localhost", "secret") };
}

const hang = (mark: string, seconds: number) => [
  "call",
  RESPONDER.jid,
  "probe.hang",
  `string:${mark}`,
  `double:${seconds}`,
];

it("a server that dies under a call ends the call with 4, and the gateway comes back with the server", async () => {
  const { prosody, gateway, alice } = await start();
  const calling = alice.start(hang("crash", 50));
  await gateway.process.until("stderr", /^hanging crash$/m);
  await prosody.kill();
  const { exitCode, stderr } = await calling.ended;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/; whether the call ran is unknown\n$/),
  });
  await prosody.restart();
  await gateway.process.until("stderr", /link\.online[\s\S]*link\.online/);
  expect(await alice.run(["call", RESPONDER.jid, "examples.getStateName", "6"])).toMatchObject({
    stdout: '"Colorado"\n',
  });
});

it("a gateway that is told to end answers the running call, refuses the next, and exits with 0", async () => {
  const { gateway, alice } = await start();
  const running = alice.start(hang("drain", 3));
  await gateway.process.until("stderr", /^hanging drain$/m);
  const ended = gateway.stop();
  const refused = await alice.run(["call", RESPONDER.jid, "examples.hello"]);
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/^recipient-unavailable: /) });
  expect(await running.ended).toEqual({ exitCode: 0, stdout: '"hung drain"\n', stderr: "" });
  expect((await ended).exitCode).toBe(0);
});

it("a gateway that is told twice to end goes at once", async () => {
  const { gateway, alice } = await start();
  const calling = alice.start(hang("twice", 50));
  await gateway.process.until("stderr", /^hanging twice$/m);
  gateway.process.signal("SIGTERM");
  // Two signals of one kind would be delivered as one.
  gateway.process.signal("SIGINT");
  expect((await gateway.process.ended).exitCode).toBe(130);
  calling.signal("SIGKILL");
});

it("a gateway with a wrong password says so and exits with 4", async () => {
  const prosody = await startProsody({ users: { ...USERS, responder: "another" } });
  opened.push(prosody);
  const { process: serving } = await spawnGateway(gatewaySettings(prosody));
  const { exitCode, stdout, stderr } = await serving.ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
  expect(stderr).toMatch(/^the server refused the authentication: not-authorized/);
  expect(stderr).not.toContain(RESPONDER.password);
});
