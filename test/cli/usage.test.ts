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

writeFileSync(join(folder, "wrong.yaml"), "fields: [a, {name: b, type: int}]\n");

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
  [["notify", "example.org", "x"], "jid: the address of a person such as name@example.org expected, got a domain"],
  [["notify", "a@b", " "], "body: text expected, got an empty one"],
  [
    ["notify", "a@b", "x", "--link", "javascript:1"],
    "link: an address that begins with https:, http:, xmpp:, mailto: or geo: expected",
  ],
  [["publish", "a.example", "n", "--title", ""], "--title: a text expected, got an empty one"],
  [["publish", "a.example", "", "--title", "t"], "node: a text expected, got an empty one"],
  [["publish", "a.example", "n", "--json", "1", "--item", ""], "--item: a text expected, got an empty one"],
  [["follow", "a.example", ""], "node: a text expected, got an empty one"],
  [["say", "r@a.example", "x", "--nick", ""], "--nick: a text expected, got an empty one"],
  [["say", "r@a.example", "x", "--to", " "], "--to: a text expected, got an empty one"],
  [["say", "r@a.example", " "], "text: a text expected, got an empty one"],
  [["ask", "a@b", "?", "--choices", "yes,"], "choices[1]: text expected, got an empty one"],
  [["ask", "a@b", "?", "--choices", "a", "--form", "f"], "--choices or --form expected, got both"],
  [
    ["ask", "a@b", "?", "--form", "wrong.yaml"],
    'form.fields[1].type: text, lines, secret, boolean, integer, number, date, datetime, choice, choices, jid expected, got "int"',
  ],
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
  [
    "link: {mode: memory}\npresence: {subscriptions: ask}\n",
    /^gateway\.yaml:2 presence\.subscriptions: ask needs admin: the address of who is asked$/m,
  ],
  [
    "link: {mode: memory}\npresence:\n  subscriptions: ask\n  admin: example.org\n",
    /^gateway\.yaml:4 presence\.admin: the address of a person such as admin@example\.org expected$/m,
  ],
  [
    "link: {mode: memory}\npresence:\n  allow:\n    - '*@example.org'\n    - '*'\n",
    /^gateway\.yaml:5 presence\.allow\[1\]: .*`\*` matches nobody/m,
  ],
  [
    "link: {mode: standalone}\npresence: {subscriptions: refuse}\n",
    /^gateway\.yaml:2 presence: not in stand-alone mode/m,
  ],
  [
    "link: {mode: standalone, domain: a.example}\nfeeds:\n  - {url: 'http://b.example/', service: a.example, node: n}\n",
    /^gateway\.yaml:3 feeds\[0\]\.service: the gateway's own address, which hosts topics only with `topics:`$/m,
  ],
])("settings %j", async (settings, said) => {
  writeFileSync(join(folder, "gateway.yaml"), settings);
  const { exitCode, stdout, stderr } = await cli(["serve", "--config", "gateway.yaml"]);
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(said);
});
