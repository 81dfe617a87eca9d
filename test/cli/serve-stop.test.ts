// The end of a gateway by SIGTERM, as a real process: refuse, finish, answer, flush, close, exit 0 (issue 3; contract: outcomes).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type FakeElement, FakeServer, type FakeSession } from "../support/fake-server.js";

const MAIN = new URL("../../src/cli/main.js", import.meta.url).pathname;
const INDEX = new URL("../../src/index.js", import.meta.url).href;
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** `test.held` returns when its test says so; `test.stuck` never does. */
const HANDLERS = `
import { defineMethod, string } from ${JSON.stringify(INDEX)};
export default {
  methods: [
    defineMethod("test.held", { params: [], returns: string }, () =>
      new Promise((resolve) => process.once("message", () => resolve("released")))),
    defineMethod("test.stuck", { params: [], returns: string }, () => new Promise(() => {})),
  ],
};
`;

interface Serving {
  readonly child: ChildProcess;
  readonly session: FakeSession;
  readonly exitCode: Promise<number | null>;
}

/** A gateway in component mode that is ready. */
async function serve(limits: object = {}): Promise<Serving> {
  const folder = await mkdtemp(join(tmpdir(), "jabber-rpc-serve-"));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const server = await FakeServer.listen(async (session) => void (await session.acceptComponent("hush")));
  stops.push(() => server.close());
  await writeFile(join(folder, "handlers.mjs"), HANDLERS);
  const settings = {
    link: { mode: "component", service: server.service, jid: "rpc.localhost", password: { env: "SECRET" } },
    handlers: ["./handlers.mjs"],
    // A rule for a bare address would first ask by disco whether its domain is a room service.
    access: [{ allow: "anna@localhost/desk" }],
    limits,
  };
  await writeFile(join(folder, "gateway.yaml"), JSON.stringify(settings));
  const child = spawn(process.execPath, [MAIN, "serve", "--config", join(folder, "gateway.yaml")], {
    env: { ...process.env, SECRET: "hush" },
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  const exited = once(child, "exit");
  stops.push(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await vi.waitUntil(() => printed === "ready rpc.localhost\n", { timeout: 20_000 });
  const [session] = server.sessions;
  if (session === undefined) throw new Error("ready without a connection");
  return { child, session, exitCode: exited.then(() => child.exitCode) };
}

function call(session: FakeSession, id: string, method: string): void {
  session.write(
    `<iq type='set' id='${id}' from='anna@localhost/desk' to='rpc.localhost'><query xmlns='jabber:iq:rpc'>` +
      `<methodCall><methodName>${method}</methodName><params/></methodCall></query></iq>`,
  );
}

function condition(iq: FakeElement): { readonly type: string | undefined; readonly name: string | undefined } {
  const error = iq.children.find((child) => child.name === "error");
  return { type: error?.attrs["type"], name: error?.children[0]?.name };
}

/** Asks until the answer shows that the process has taken the signal. */
async function untilRefused(session: FakeSession): Promise<FakeElement> {
  for (let attempt = 0; ; attempt += 1) {
    call(session, `late${attempt}`, "examples.nosuch");
    const answer = await session.expect("iq");
    if (answer.attrs["type"] === "error") return answer;
  }
}

describe("SIGTERM", () => {
  it("refuses new calls with an error that may be retried, answers running ones, closes its stream and exits 0", async () => {
    const { child, session, exitCode } = await serve();
    call(session, "held", "test.held");
    call(session, "before", "examples.nosuch");
    // Answered behind it: the held call runs.
    expect((await session.expect("iq")).attrs["id"]).toBe("before");
    child.kill("SIGTERM");
    expect(condition(await untilRefused(session))).toEqual({ type: "wait", name: "recipient-unavailable" });
    child.send("go");
    const answer = await session.expect("iq");
    expect(answer.attrs).toMatchObject({
      type: "result",
      id: "held",
      to: "anna@localhost/desk",
      from: "rpc.localhost",
    });
    // What was said is confirmed before the stream is closed.
    const ping = await session.expect("iq");
    expect(ping.children[0]).toMatchObject({ name: "ping" });
    session.write(`<iq type='result' id='${ping.attrs["id"]}' from='localhost' to='rpc.localhost'/>`);
    expect(await session.next()).toBe("footer");
    session.write("</stream:stream>");
    session.end();
    expect(await exitCode).toBe(0);
  });

  it("ends what does not finish within the limit by a fault, and a server that does not answer by time", async () => {
    const { child, session, exitCode } = await serve({ drainMs: 200, flushMs: 200 });
    call(session, "stuck", "test.stuck");
    child.kill("SIGTERM");
    const answer = await session.expect("iq");
    expect(answer.attrs).toMatchObject({ type: "result", id: "stuck" });
    expect(session.received).toContain("<int>-32400</int>");
    expect(await exitCode).toBe(0);
  });

  it("exits at once on a second signal", async () => {
    const { child, session, exitCode } = await serve();
    call(session, "stuck", "test.stuck");
    call(session, "before", "examples.nosuch");
    await session.expect("iq");
    child.kill("SIGTERM");
    await untilRefused(session);
    child.kill("SIGTERM");
    expect(await exitCode).toBe(130);
  });
});
