// A gateway's life: what was accepted is answered, whatever comes in between.
import { describe, expect, it } from "vitest";
import { createGateway, createMemoryNetwork, createRequester, defineMethod, string } from "../src/index.js";

async function startGateway(run: (signal: AbortSignal) => Promise<string>) {
  const network = createMemoryNetwork();
  let tellRunning: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    tellRunning = resolve;
  });
  const gateway = createGateway({
    link: network.link("rpc.example.org"),
    access: [{ anyone: true }],
    methods: [
      defineMethod("test.run", { params: [], returns: string }, (call) => {
        tellRunning();
        return run(call.signal);
      }),
    ],
  });
  await gateway.start();
  const requester = createRequester({ link: network.link("alice@example.org/desk") });
  await requester.start();
  return { gateway, running, call: () => requester.call("rpc.example.org", "test.run") };
}

/** Everything that promises alone can do has happened by then. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("stopping a gateway", () => {
  it("answers the calls that run, refuses new ones, and resolves when all is sent", async () => {
    let finish: (text: string) => void = () => undefined;
    const result = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const { gateway, running, call } = await startGateway(() => result);
    const answer = call();
    await running;
    const stopped = gateway.stop();
    await nextTurn();
    await expect(call()).rejects.toMatchObject({ condition: "recipient-unavailable" });
    finish("done");
    await expect(answer).resolves.toBe("done");
    await stopped;
  });

  it("ends a call that takes too long, and answers it too", async () => {
    const { gateway, running, call } = await startGateway(() => new Promise(() => undefined));
    const answer = call();
    await running;
    const stopped = gateway.stop({ drainMs: 1 });
    await expect(answer).rejects.toMatchObject({ code: -32400 });
    await stopped;
  });
});
