// Wrong words on the command line and in settings: exit code 1, said before anything is connected.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CLI, runProcess } from "../support/processes.js";

const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-usage-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nobody listens there, so whoever tries to connect exits with 4. */
const NOWHERE = { JABBER_RPC_SERVICE: "xmpp://127.0.0.1:1", JABBER_RPC_JID: "me@localhost", JABBER_RPC_PASSWORD: "x" };

const cli = (args: readonly string[]) => runProcess(process.execPath, [CLI, ...args], { cwd: folder, env: NOWHERE });

it.each([
  [["call", "localhost"], "a method expected after the address, or --lines"],
  [
    ["list", "localhost", "--service", "http://127.0.0.1:1"],
    "service http://127.0.0.1:1: expected xmpp://host:port or xmpps://host:port",
  ],
  [
    ["list", "localhost", "--service", "127.0.0.1:1"],
    "service 127.0.0.1:1: expected xmpp://host:port or xmpps://host:port",
  ],
  [["passwd", "list", "--accounts", "nowhere.yaml"], "there is no file nowhere.yaml"],
])("%j", async (args, said) => {
  expect(await cli(args)).toEqual({ exitCode: 1, stdout: "", stderr: `${said}\n` });
});

it.each([
  [
    'link: {mode: client, jid: "a@@b", password: {env: JABBER_RPC_PASSWORD}}\n',
    /^gateway\.yaml:1 link\.jid: "a@@b" is not an address/,
  ],
  [
    "link: {mode: memory}\nroomServices:\n  - rooms.example.org\n  - '*'\n",
    /^gateway\.yaml:4 roomServices\[1\]: "\*": a domain expected$/m,
  ],
])("settings %j", async (settings, said) => {
  writeFileSync(join(folder, "gateway.yaml"), settings);
  const { exitCode, stdout, stderr } = await cli(["serve", "--config", "gateway.yaml"]);
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(said);
});
