// Every command of the command line against a running gateway, with its exit code (issue 2 §6, §7).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliUser, cliUser } from "../support/cli.js";
import { type GatewayProcess, RESPONDER, startGatewayProcess } from "../support/gateway-process.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const TARGET = RESPONDER.jid;
const BARE = "responder@localhost";

let prosody: Prosody;
let gateway: GatewayProcess;
let folder: string;
let alice: CliUser;
let bob: CliUser;

beforeAll(async () => {
  prosody = await startProsody({
    users: { responder: RESPONDER.password, alice: "secret", bob: "secret" },
    contacts: { alice: ["responder"], responder: ["alice"] },
  });
  gateway = await startGatewayProcess(prosody);
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-cli-"));
  alice = cliUser(prosody, "alice@localhost", "secret");
  bob = cliUser(prosody, "bob@localhost", "secret");
});
afterAll(async () => {
  expect((await gateway.stop()).exitCode).toBe(0);
  await prosody.stop();
  await rm(folder, { recursive: true });
});

const ok = (stdout: string) => ({ exitCode: 0, stdout, stderr: "" });

describe.concurrent("call", () => {
  const call = (...words: string[]) => alice.run(["call", TARGET, ...words]);

  it.each<[printed: string, words: string[]]>([
    ['"Colorado"', ["examples.getStateName", "6"]],
    ["Colorado", ["--raw", "examples.getStateName", "6"]],
    // A bare word is a text where the signature says so, and a number is not.
    ['"66"', ["validator1.moderateSizeArrayCheck", '["6"]']],
    [
      '{"ctLeftAngleBrackets":0,"ctRightAngleBrackets":0,"ctAmpersands":1,"ctApostrophes":0,"ctQuotes":0}',
      ["validator1.countTheEntities", "6&7"],
    ],
    ['"2432902008176640000"', ["examples.factorial", "20"]],
    ['{"i8":"2432902008176640000"}', ["--exact", "examples.factorial", "20"]],
    ['"2026-11-23T10:00:00Z"', ["examples.nextDay", "2026-11-22T10:00:00Z"]],
    [
      '{"array":[{"i8":"9007199254740993"},{"boolean":true},{"string":"6"},{"double":2},{"dateTime.iso8601":"20261122T10:00:00"},{"base64":"AAEC"}]}',
      [
        "--exact",
        "validator1.manyTypesTest",
        "i8:9007199254740993",
        "boolean:1",
        "string:6",
        "double:2",
        "date:2026-11-22T10:00:00Z",
        "base64:AAEC",
      ],
    ],
    ['{"array":[{"int":1},{"string":"a"}]}', ["--exact", "probe.echo", 'json:[1,"a"]']],
    ['"int:6"', ["--literal", "probe.echo", '"int:6"']],
    ['"right \\u202e left"', ["probe.echo", '"right \\u202e left"']],
  ])("prints %s", async (printed, words) => {
    expect(await call(...words)).toEqual(ok(`${printed}\n`));
  });

  it("reads a parameter from a file", async () => {
    const file = join(folder, "bytes");
    await writeFile(file, Buffer.from([0, 1, 255]));
    expect(await call("--exact", "probe.echo", `base64:@${file}`)).toEqual(ok('{"base64":"AAH/"}\n'));
  });

  it("reads all parameters from standard input", async () => {
    const ended = await alice.run(["call", TARGET, "examples.getStateName", "-"], { input: "[6]" });
    expect(ended).toEqual(ok('"Colorado"\n'));
  });

  it("makes a call a line, and exits with the worst", async () => {
    const input = '["examples.getStateName",6]\n["examples.getStateName",60]\n\n["shop.refund"]\n["examples.hello"]\n';
    const { exitCode, stdout } = await alice.run(["call", TARGET, "--lines"], { input });
    expect(exitCode).toBe(3);
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const ms = expect.any(Number);
    expect(answers).toEqual([
      { result: "Colorado", ms },
      { fault: { code: 4, message: expect.stringContaining("no state 60") }, ms },
      {
        stanzaError: { condition: "forbidden", text: "alice@localhost may not call this responder's shop.refund" },
        ms,
      },
      { result: "Hello alice@localhost", ms },
    ]);
  });

  it.each<[exitCode: number, stderr: RegExp, words: string[]]>([
    [1, /^a method expected/, []],
    [1, /unknown option '--nosuch'/, ["--nosuch"]],
    [1, /^parameter 1: int expected, got "six"/, ["examples.getStateName", "six"]],
    [1, /^parameter 1: "x" is not JSON/, ["probe.nosuch", "x"]],
    [2, /^fault 4: no state 60 \[call \w+\]\n$/, ["examples.getStateName", "60"]],
    [2, /^fault -32601: no method probe.nosuch \[call \w+\]\n$/, ["probe.nosuch"]],
    [2, /^fault -32602: params\[0\] \(index\): int expected, got string/, ["examples.getStateName", "string:six"]],
    [3, /^forbidden: alice@localhost may not call this responder's shop.refund\n$/, ["shop.refund"]],
    [
      4,
      /^no answer from responder@localhost\/gateway within 300 ms; whether it ran is unknown\n$/,
      ["--timeout", "300ms", "examples.wait", "double:5"],
    ],
  ])("exits with %i and says %s", async (exitCode, stderr, words) => {
    expect(await call(...words)).toEqual({ exitCode, stdout: "", stderr: expect.stringMatching(stderr) });
  });

  it("exits with 3 when nobody is there", async () => {
    const { exitCode, stderr } = await alice.run(["call", `${BARE}/nosuch`, "examples.hello"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringMatching(/^service-unavailable: nobody at that address/),
    });
  });

  it("exits with 4 on a wrong password", async () => {
    const { exitCode, stderr } = await alice.run(["call", TARGET, "examples.hello"], {
      env: { JABBER_RPC_PASSWORD: "wrong" },
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(/alice@localhost|not-authorized/),
    });
  });

  it("exits with 4 when no server is there", async () => {
    const { exitCode, stderr } = await alice.run(["call", TARGET, "examples.hello", "--service", "xmpp://127.0.0.1:1"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/),
    });
  });

  it("exits with 130 on SIGINT", async () => {
    const calling = alice.start(["call", TARGET, "probe.hang", "string:sigint", "double:30"]);
    await gateway.process.until("stderr", /^hanging sigint$/m);
    calling.signal("SIGINT");
    expect((await calling.ended).exitCode).toBe(130);
  });
});

describe.concurrent("a bare address", () => {
  it("is resolved for a contact", async () => {
    expect(await alice.run(["call", BARE, "examples.getStateName", "6"])).toEqual(ok('"Colorado"\n'));
  });

  it("is resolved for the same account", async () => {
    const own = cliUser(prosody, BARE, RESPONDER.password);
    expect(await own.run(["call", BARE, "examples.getStateName", "6"])).toEqual(ok('"Colorado"\n'));
  });

  it("cannot be resolved for a stranger, who is told what to write", async () => {
    const { exitCode, stderr } = await bob.run(["call", BARE, "examples.getStateName", "6"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining(`give the full one: ${BARE}/RESOURCE`),
    });
  });
});

describe.concurrent("the other commands", () => {
  it("list: the methods that the caller may call, and no other", async () => {
    const { exitCode, stdout } = await alice.run(["list", TARGET]);
    expect(exitCode).toBe(0);
    const methods = stdout.trimEnd().split("\n");
    expect(methods).toEqual(expect.arrayContaining(["examples.getStateName", "probe.echo", "system.listMethods"]));
    expect(methods).not.toContain("shop.refund");
  });

  it("describe: signature and documentation", async () => {
    expect(await alice.run(["describe", TARGET, "examples.getStateName"])).toEqual(
      ok("examples.getStateName(int) -> string\n\nName of the index-th US state, 1 to 50.\n"),
    );
  });

  it("services: a contact's gateway, with software, methods and presence", async () => {
    const { exitCode, stdout } = await alice.run(["services"]);
    expect(exitCode).toBe(0);
    const [head, row, ...others] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^JID +SOFTWARE +METHODS +PRESENCE$/);
    expect(row).toMatch(/^responder@localhost\/gateway +jabber-rpc \d+\.\d+\.\d+ +\d+ +available$/);
    expect(others).toEqual([]);
  });

  it("disco: identity and feature", async () => {
    const { exitCode, stdout } = await alice.run(["disco", TARGET]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^identity {2}automation\/rpc/m);
    expect(stdout).toMatch(/^feature {3}jabber:iq:rpc$/m);
  });

  it("ping: how long it took", async () => {
    const { exitCode, stdout } = await alice.run(["ping", TARGET]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^responder@localhost\/gateway answered in [\d.]+ ms\n$/),
    });
  });

  it("access: the rule that decides, with its line", async () => {
    const access = (...words: string[]) => alice.run(["access", "--config", gateway.configFile, ...words]);
    const allowed = await access("alice@localhost/x", "examples.hello");
    expect(allowed).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^allowed: access\[0\] .*gateway\.yaml:\d+\)\n$/),
      stderr: "",
    });
    const denied = await access("mallory@localhost/x", "examples.hello");
    expect(denied).toEqual({
      exitCode: 3,
      stdout: expect.stringMatching(/^denied: access\[1\] .*gateway\.yaml:\d+\)\n$/),
      stderr: "",
    });
    expect((await access("alice@localhost/x", "shop.refund")).exitCode).toBe(3);
  });

  it("serve --check: only looks at the settings", async () => {
    const { exitCode, stdout } = await alice.run(["serve", "--check", "--config", gateway.configFile]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/gateway\.yaml: ok\n$/) });
  });
});
