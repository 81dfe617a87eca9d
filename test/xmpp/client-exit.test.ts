// A program whose link has ended can exit: neither the link nor the library below leaves a timer or a socket behind.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { BIND_FEATURE, mechanismsFeature } from "../support/fake-server.js";
import { useServers } from "../support/link-harness.js";

const serve = useServers();

/** Runs a program with `createClientLink` and `options` in scope. The library waits 30 s for a binding; the program may not. */
async function runProgram(service: string, body: string): Promise<string> {
  const module = new URL("../../src/xmpp/client-link.js", import.meta.url).href;
  const program = `
    import { createClientLink } from ${JSON.stringify(module)};
    const options = { service: ${JSON.stringify(service)}, jid: "user@localhost/test", password: "secret" };
    const listener = { stanza() {}, oversize() {}, online() {}, offline() {} };
    ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 20_000,
  });
  return stdout.trim();
}

it("exits after a start that failed while the binding was awaited", async () => {
  const { server } = await serve(async (session) => {
    await session.openStream(mechanismsFeature(["SCRAM-SHA-1"]));
    await session.authenticate("secret");
    await session.openStream(BIND_FEATURE);
    await session.expect("iq");
  });
  const body = `
    const link = createClientLink({ ...options, onlineTimeoutMs: 300, closeTimeoutMs: 50 });
    await link.start(listener).catch((error) => console.log(error.code));`;
  expect(await runProgram(server.service, body)).toBe("timeout");
  // The library's own reconnection would have come a second later.
  expect(server.sessions).toHaveLength(1);
});

it("exits after stop while the server's header is awaited", async () => {
  const { server } = await serve((session) => session.expectHeader());
  const body = `
    const link = createClientLink({ ...options, onlineTimeoutMs: 60_000 });
    const started = link.start(listener).catch((error) => console.log(error.code));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await link.stop();
    await started;`;
  expect(await runProgram(server.service, body)).toBe("stopped");
});

it("exits after stop, with a ping and a keep-alive on their way", async () => {
  const { server } = await serve(async (session) => {
    await session.login();
  });
  const body = `
    const link = createClientLink({ ...options, closeTimeoutMs: 50 });
    await link.start(listener);
    link.send("<presence/>");
    const flushed = link.flushed().catch((error) => console.log(error.code));
    await new Promise((resolve) => setImmediate(resolve));
    await link.stop();
    await flushed;`;
  expect(await runProgram(server.service, body)).toBe("stopped");
});
