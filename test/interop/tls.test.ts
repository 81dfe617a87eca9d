// TLS as people configure it: a self-signed certificate is trusted by name of its file, or refused with the reason (issue 2 §5).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliUser, cliUser } from "../support/cli.js";
import { gatewaySettings, RESPONDER, spawnGateway, startGatewayProcess } from "../support/gateway-process.js";
import { ROOT } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const FIXTURES = join(ROOT, "test/fixtures/tls");
const OTHER_CERTIFICATE = join(FIXTURES, "other.example.crt");

let prosody: Prosody;
let folder: string;
let ca: string;
let alice: CliUser;

beforeAll(async () => {
  prosody = await startProsody({ users: { responder: RESPONDER.password, alice: "secret" }, tls: true });
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-tls-"));
  ca = join(folder, "localhost.crt");
  await writeFile(ca, prosody.certificate ?? "");
  alice = cliUser(prosody, "alice@localhost", "secret");
});
afterAll(async () => {
  await prosody.stop();
  await rm(folder, { recursive: true });
});

describe("a server that requires STARTTLS, with a self-signed certificate", () => {
  it("is served and called by those who trust the certificate", async () => {
    const gateway = await startGatewayProcess(prosody, { tls: { ca } });
    const { exitCode, stdout } = await alice.run(["call", "--ca", ca, RESPONDER.jid, "examples.getStateName", "6"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '"Colorado"\n' });
    const { exitCode: served, stderr } = await gateway.stop();
    expect(served).toBe(0);
    expect(stderr).toMatch(/"encrypted":true/);
  });

  it.each<[whom: string, flags: string[], reason: RegExp]>([
    ["nobody of its own", [], /self-signed certificate/],
    ["somebody else", ["--ca", OTHER_CERTIFICATE], /self-signed certificate/],
  ])("is refused by a caller who trusts %s, who is told why", async (_whom, flags, reason) => {
    const { exitCode, stdout, stderr } = await alice.run(["call", ...flags, RESPONDER.jid, "examples.hello"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("is taken by a caller who says that any certificate will do", async () => {
    const { exitCode } = await alice.run(["ping", "--insecure", "localhost"]);
    expect(exitCode).toBe(0);
  });

  it("is refused by a gateway that does not trust it, with exit code 4", async () => {
    const { process: serving } = await spawnGateway(gatewaySettings(prosody));
    const { exitCode, stdout, stderr } = await serving.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toMatch(/self-signed certificate/);
  });
});

describe("a server with the certificate of another domain", () => {
  it("is refused although the certificate is trusted, and both names are told", async () => {
    const ssl = `ssl = { key = "${FIXTURES}/other.example.key", certificate = "${OTHER_CERTIFICATE}" }`;
    const other = await startProsody({ users: { alice: "secret" }, tls: true, hostConfig: ssl });
    const caller = cliUser(other, "alice@localhost", "secret");
    const { exitCode, stdout, stderr } = await caller.run(["ping", "--ca", OTHER_CERTIFICATE, "localhost"]);
    await other.stop();
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr).toMatch(/localhost.*other\.example/);
  });
});
