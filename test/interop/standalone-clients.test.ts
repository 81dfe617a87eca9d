// Programs on libraries of other people that log in at a stand-alone gateway, and call where they can (issue 3).

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequester } from "../../src/index.js";
import { createMemoryAccounts, createStandaloneLink } from "../../src/xmpp/index.js";
import { PEERS, trusting } from "../support/callers.js";
import { type Ended, PYTHON, ROOT, runProcess, startProcess } from "../support/processes.js";
import { type Accounts, makeAccounts, type StandaloneProcess, startStandalone } from "../support/standalone-process.js";
import { compileStropheCaller, type StropheCaller } from "../support/strophe.js";

const users = { alice: "pass word €" };
const OTHER_CERTIFICATE = join(ROOT, "test/fixtures/tls/other.example.crt");

let accounts: Accounts;
let clear: StandaloneProcess;
let secured: StandaloneProcess;
let strophe: StropheCaller;

beforeAll(async () => {
  accounts = await makeAccounts(users);
  [clear, secured, strophe] = await Promise.all([
    startStandalone({ accounts: accounts.path }),
    startStandalone({ accounts: accounts.path, tls: true }),
    compileStropheCaller(),
  ]);
});
afterAll(async () => {
  expect(await Promise.all([clear.stop(), secured.stop()])).toEqual([0, 0]);
  await Promise.all([accounts.remove(), strophe.remove()]);
});

/** The gateway's log says how somebody logged in. */
const loggedIn = ({ gateway }: StandaloneProcess, mechanism: string, isEncrypted: boolean) =>
  gateway.process.until("stderr", new RegExp(`"mechanism":"${mechanism}","encrypted":${isEncrypted}`));

describe("aioxmpp", () => {
  const call = (
    server: StandaloneProcess,
    words: string[],
    certificateFile = server.certificateFile,
    password = users.alice,
  ) => {
    const args = [
      join(PEERS, "aioxmpp_caller.py"),
      `127.0.0.1:${server.port}`,
      "alice@localhost/aio",
      password,
      ...words,
    ];
    return runProcess(PYTHON, args, { env: trusting(certificateFile) });
  };

  it("logs in under TLS, which it demands, and calls", async () => {
    const { exitCode, stdout } = await call(secured, ["localhost", "examples.getStateName", "6"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "Colorado\n" });
    await loggedIn(secured, "SCRAM-SHA-256", true);
  });

  it("reads our stanza errors", async () => {
    expect((await call(secured, ["rpc@localhost", "shop.refund", "6"])).stdout).toBe("error forbidden\n");
  });

  it("refuses a gateway without TLS, and one with a certificate that it does not trust", async () => {
    const words = ["localhost", "examples.getStateName", "6"];
    expect(await call(clear, words)).toMatchObject({ exitCode: 1, stdout: "" });
    const { exitCode, stderr } = await call(secured, words, OTHER_CERTIFICATE);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("certificate verify failed");
  });
});

describe("libstrophe", () => {
  const alice = { jid: "alice@localhost/c", password: users.alice };

  it.each([
    ["in clear", () => clear, ""],
    ["over STARTTLS", () => secured, " with TLS"],
  ] as const)("logs in %s and calls", async (_how, server, suffix) => {
    expect(await strophe.call(server(), alice, ["localhost", "examples.getStateName", "6"])).toEqual({
      exitCode: 0,
      stdout: "Colorado\n",
      stderr: `online as alice@localhost/c${suffix}\n`,
    });
    await loggedIn(server(), "SCRAM-SHA-256", suffix !== "");
  });

  it("gets faults and stanza errors, and is not let in with a wrong password", async () => {
    const { exitCode, stdout } = await strophe.call(clear, alice, ["rpc@localhost", "examples.getStateName", "60"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^faultCode4faultStringno state 60 \[call \w+\]\n$/);
    const forbidden = await strophe.call(clear, alice, ["rpc.localhost", "shop.refund", "6"]);
    expect(forbidden).toMatchObject({ exitCode: 3, stdout: "error forbidden\n" });
    const wrong = await strophe.call(secured, { ...alice, password: "wrong" }, ["localhost", "examples.hello", "6"]);
    expect(wrong).toMatchObject({ exitCode: 4, stdout: "" });
  });
});

describe("go-sendxmpp", () => {
  const send = ({ port, certificateFile }: StandaloneProcess, text: string, password = users.alice): Promise<Ended> => {
    const account = ["-u", "alice@localhost", "-p", password, "-j", `localhost:${port}`];
    // It cannot write to a domain, which is what the alias is for.
    return runProcess("go-sendxmpp", [...account, "rpc@localhost"], {
      input: text,
      env: { ...trusting(certificateFile), HOME: "/nonexistent" },
    });
  };

  it("logs in with PLAIN under TLS, and its messages arrive", async () => {
    expect(await send(secured, "help")).toMatchObject({ exitCode: 0, stderr: "" });
    await loggedIn(secured, "PLAIN", true);
    const done = /"method":"help","requester":"alice@localhost\/go-sendxmpp\.\w+","via":"message".*"outcome":"value"/;
    await secured.gateway.process.until("stderr", done);
  });

  it("is not let in with a wrong password, nor does it log in without TLS", async () => {
    expect((await send(secured, "help", "wrong")).exitCode).not.toBe(0);
    expect((await send(clear, "help")).exitCode).not.toBe(0);
  });
});

describe("slixmpp's xep_0009 plugin behind a stand-alone gateway", () => {
  it("is called through the connection that it has opened", async () => {
    const slix = createMemoryAccounts({ iterations: 4096 });
    await slix.set("slix", "secret");
    const link = createStandaloneLink({ domain: "localhost", listen: { port: 0 }, accounts: slix });
    const requester = createRequester({ link });
    await requester.start();
    const script = join(PEERS, "slixmpp_responder.py");
    const peer = startProcess(PYTHON, [script, `127.0.0.1:${link.listening?.port}`, "slix@localhost", "secret"]);
    await peer.until("stdout", /^ready$/m);
    expect(await requester.call("slix@localhost/plugin", "echo", [["añ€", 1, null]])).toEqual(["añ€", 1, null]);
    await expect(requester.call("slix@localhost/plugin", "fail", [1])).rejects.toMatchObject({ code: 7 });
    await expect(requester.call("slix@localhost/nobody", "echo", [1])).rejects.toMatchObject({
      condition: "service-unavailable",
    });
    const hanging = requester.call("slix@localhost/by-hand", "slow", []);
    const refused = expect(hanging).rejects.toMatchObject({ condition: "recipient-unavailable" });
    await peer.stop();
    await refused;
    await requester.stop();
  });
});
