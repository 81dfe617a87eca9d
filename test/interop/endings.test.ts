// How calls and gateways end when the other side goes: a crash of the server, an orderly end of the gateway (issue 2 §7).

import { describe, expect, it, type TestContext } from "vitest";
import { createRequester } from "../../src/index.js";
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

interface Setting {
  readonly prosody: Prosody;
  readonly gateway: GatewayProcess;
  readonly alice: CliUser;
}

/** A server and a gateway for one test, ended after it. */
async function start({ onTestFinished }: TestContext): Promise<Setting> {
  const prosody = await startProsody({ users: USERS });
  onTestFinished(() => prosody.stop());
  const gateway = await startGatewayProcess(prosody);
  onTestFinished(() => gateway.process.stop());
  return { prosody, gateway, alice: cliUser(prosody, "alice@localhost", "secret") };
}

function hang(mark: string, seconds: number): string[] {
  return ["call", RESPONDER.jid, "probe.hang", `string:${mark}`, `double:${seconds}`];
}

describe.concurrent("a call that runs", () => {
  it("ends with 4 when the server dies, and the gateway comes back with the server", async (context) => {
    const { prosody, gateway, alice } = await start(context);
    const calling = alice.start(hang("crash", 50));
    await gateway.process.until("stderr", /^hanging crash$/m);
    await prosody.kill();
    const { exitCode, stderr } = await calling.ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(/; whether the call ran is unknown\n$/),
    });
    await prosody.restart();
    await gateway.process.until("stderr", /link\.online[\s\S]*link\.offline[\s\S]*link\.online/);
    expect(await alice.run(["call", RESPONDER.jid, "examples.getStateName", "6"])).toMatchObject({
      stdout: '"Colorado"\n',
    });
  });

  it("is answered by a gateway that is told to end, which refuses the next call and exits with 0", async (context) => {
    const { prosody, gateway, alice } = await start(context);
    const service = `xmpp://127.0.0.1:${prosody.port}`;
    const other = createRequester({ link: { service, jid: "alice@localhost/other", password: "secret" } });
    await other.start();
    const running = alice.start(hang("drain", 3));
    await gateway.process.until("stderr", /^hanging drain$/m);
    const stopped = gateway.stop();
    let refusal: unknown;
    // The signal reaches the process some time after it was sent.
    while (refusal === undefined) {
      refusal = await other.call(RESPONDER.jid, "examples.hello").then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    expect(refusal).toMatchObject({ condition: "recipient-unavailable", type: "wait" });
    expect(await running.ended).toEqual({ exitCode: 0, stdout: '"hung drain"\n', stderr: "" });
    expect((await stopped).exitCode).toBe(0);
    await other.stop();
  });

  it("does not keep a gateway that is told twice to end", async (context) => {
    const { gateway, alice } = await start(context);
    const calling = alice.start(hang("twice", 50));
    await gateway.process.until("stderr", /^hanging twice$/m);
    gateway.process.signal("SIGTERM");
    // Two signals of one kind would be delivered as one.
    gateway.process.signal("SIGINT");
    expect((await gateway.process.ended).exitCode).toBe(130);
    await calling.stop();
  });
});

it("a gateway with a wrong password says so and exits with 4", async ({ onTestFinished }) => {
  const prosody = await startProsody({ users: { ...USERS, responder: "another" } });
  onTestFinished(() => prosody.stop());
  const { process: serving } = await spawnGateway(gatewaySettings(prosody));
  const { exitCode, stdout, stderr } = await serving.ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
  expect(stderr).toMatch(/^the server refused the authentication: not-authorized/);
  expect(stderr).not.toContain(RESPONDER.password);
});
