// The commands that README and docs/ show with a server, run as shown against a real Prosody (issue 2: documentation).

import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentedCommands, printsAsShown } from "../docs/commands.js";
import { CLI, PYTHON, ROOT, type RunningProcess, runProcess, startProcess } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";

const PASSWORDS = { responder: "responder's", alice: "alice's" };

let prosody: Prosody;
let gateway: RunningProcess;
let folder: string;

beforeAll(async () => {
  prosody = await startProsody({ users: PASSWORDS });
  folder = await mkdtemp(join(tmpdir(), "jabber-rpc-documented-"));
  await symlink(join(ROOT, "examples"), join(folder, "examples"));
  const settings = await readFile(join(ROOT, "examples/gateway.client.yaml"), "utf8");
  await writeFile(join(folder, "gateway.client.yaml"), atPort(settings));
  gateway = startProcess(process.execPath, [CLI, "serve", "--config", join(folder, "gateway.client.yaml")], {
    env: { JABBER_RPC_RESPONDER_PASSWORD: PASSWORDS.responder },
  });
});
afterAll(async () => {
  await gateway.stop();
  await prosody.stop();
  await rm(folder, { recursive: true });
});

function atPort(text: string): string {
  return text.replaceAll("127.0.0.1:5222", `127.0.0.1:${prosody.port}`);
}

it("serve prints what the README shows", async () => {
  const serve = documentedCommands("prosody-serve").at(-1);
  expect(serve?.command).toContain("serve --config examples/gateway.client.yaml");
  const [printed] = await gateway.until("stdout", /^ready .*\n/m);
  expect(printsAsShown(printed, serve?.output ?? [])).toBe(true);
});

describe("commands against a server", () => {
  it.each(documentedCommands("prosody").map((one) => [`${one.place} ${one.command}`, one] as const))(
    "%s",
    async (_name, { command, output }) => {
      const line = atPort(command)
        .replaceAll("npx --no jabber-rpc", `node ${CLI}`)
        .replace(/^python3 /, `${PYTHON} `);
      const { stdout, stderr } = await runProcess("sh", ["-c", line], {
        cwd: folder,
        env: {
          ALICE_PASSWORD: PASSWORDS.alice,
          JABBER_RPC_SERVICE: `xmpp://127.0.0.1:${prosody.port}`,
          JABBER_RPC_JID: "alice@localhost",
          JABBER_RPC_PASSWORD: PASSWORDS.alice,
        },
      });
      // A page shows what a terminal does: results, or what went wrong.
      expect(printsAsShown(stdout === "" ? stderr : stdout, output), stdout + stderr).toBe(true);
    },
  );
});
