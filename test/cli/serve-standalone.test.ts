// A stand-alone gateway as a newcomer runs it: real processes, a free port, no server and no network but loopback.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { yamlFormat } from "../../src/config/index.js";
import { createRequester } from "../../src/index.js";
import { type AccountFile, openAccountFile } from "../../src/xmpp/index.js";
import { CLI, type ProcessOptions, type RunningProcess, runProcess, startProcess } from "../support/processes.js";
import { tryLogin } from "../support/try-login.js";

const SETTINGS = `link: {mode: standalone, listen: {port: 0}}
access: [{allow: "*@localhost", methods: "examples.*"}]
`;

describe("serve in stand-alone mode", () => {
  let folder: string;
  let running: RunningProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "jabber-rpc-standalone-"));
    running = [];
  });
  afterEach(async () => {
    for (const process of running) await process.stop();
    rmSync(folder, { recursive: true });
  });

  const options = (more: ProcessOptions = {}): ProcessOptions => ({
    ...more,
    cwd: folder,
    env: { JABBER_RPC_HOME: join(folder, "home"), JABBER_RPC_JID: "", JABBER_RPC_SERVICE: "", ...more.env },
  });
  const cli = (args: string[], more: ProcessOptions = {}) =>
    runProcess(process.execPath, [CLI, ...args], options(more));
  const serve = async (settings = SETTINGS, ...flags: string[]) => {
    writeFileSync(join(folder, "gateway.yaml"), settings);
    const gateway = startProcess(process.execPath, [CLI, "serve", "--config", "gateway.yaml", ...flags], options());
    running.push(gateway);
    const [, line = ""] = await gateway.until("stdout", /^ready (.*)$/m);
    return { gateway, line, port: Number(/:(\d+)\)/.exec(line)?.[1]) };
  };
  /** What passwd does, without a process of its own. */
  const withAccounts = async <T>(use: (accounts: AccountFile) => Promise<T>, file = "accounts.yaml"): Promise<T> => {
    const accounts = await openAccountFile({ path: join(folder, file), format: yamlFormat });
    try {
      return await use(accounts);
    } finally {
      accounts.close();
    }
  };
  const profile = () => JSON.parse(readFileSync(join(folder, "home/default.json"), "utf8"));

  it("is callable from any folder right after its first start, and again after the next", async () => {
    const first = await serve();
    expect(first.line).toMatch(
      /^localhost \(127\.0\.0\.1:\d+\); try: npx --no jabber-rpc call localhost examples\.getStateName 6$/,
    );
    expect(await cli(["call", "localhost", "examples.getStateName", "6"])).toEqual({
      exitCode: 0,
      stdout: '"Colorado"\n',
      stderr: "",
    });
    expect(statSync(join(folder, "home/default.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "accounts.yaml")).mode & 0o777).toBe(0o600);
    const { password } = profile();
    expect(readFileSync(join(folder, "accounts.yaml"), "utf8")).not.toContain(password);
    first.gateway.signal("SIGTERM");
    const ended = await first.gateway.ended;
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain(password);

    const second = await serve();
    expect(profile()).toMatchObject({ jid: "me@localhost", password, service: `xmpp://127.0.0.1:${second.port}` });
    expect((await cli(["call", "localhost", "examples.getStateName", "6", "--raw"])).stdout).toBe("Colorado\n");
  });

  it("leaves a connection that a person saved alone", async () => {
    const person = { jid: "somebody@example.org", password: "x" };
    mkdirSync(join(folder, "home"));
    writeFileSync(join(folder, "home/default.json"), JSON.stringify(person));
    const { line } = await serve();
    expect(line).toMatch(/ --profile local$/);
    expect(profile()).toEqual(person);
    const called = await cli(["call", "localhost", "examples.getStateName", "6", "--profile", "local"]);
    expect(called.stdout).toBe('"Colorado"\n');
  });

  it("is callable again although another gateway has started since", async () => {
    const first = await serve();
    await serve(`${SETTINGS}\n`.replace("listen:", "accounts: others.yaml, listen:"));
    expect(profile()).toMatchObject({ accounts: join(folder, "others.yaml") });
    first.gateway.signal("SIGTERM");
    await first.gateway.ended;
    const { port } = await serve();
    expect(profile()).toMatchObject({ accounts: join(folder, "accounts.yaml"), service: `xmpp://127.0.0.1:${port}` });
    expect((await cli(["call", "localhost", "examples.getStateName", "6"])).stdout).toBe('"Colorado"\n');
  });

  it("serves without a first account where its connection cannot be saved", async () => {
    writeFileSync(join(folder, "home"), "no folder");
    const { gateway, line } = await serve();
    expect(line).toMatch(/^localhost \(127\.0\.0\.1:\d+\)$/);
    await gateway.until("stderr", /the connection cannot be saved: .*; to log in, npx --no jabber-rpc passwd add NAME/);
    expect(existsSync(join(folder, "accounts.yaml"))).toBe(false);
  });

  it("makes no account where a file of accounts exists, even an empty one", async () => {
    await withAccounts(async (accounts) => {
      await accounts.set("bob", "pw");
      await accounts.remove("bob");
    });
    await serve();
    expect(await withAccounts((accounts) => accounts.names())).toEqual([]);
  });

  it("answers at all its addresses and names them in disco", async () => {
    await serve();
    const { service, jid, password } = profile();
    const requester = createRequester({ link: { service, jid, password } });
    await requester.start();
    for (const address of ["rpc.localhost", "rpc@localhost/x", "localhost/x"])
      expect(await requester.call(address, "examples.getStateName", [6]), address).toBe("Colorado");
    await requester.stop();
    const { stdout } = await cli(["disco", "localhost"]);
    expect(stdout).toContain("identity  server/im");
    expect(stdout).toMatch(/^item {6}rpc\.localhost/m);
    expect(stdout).toMatch(/^item {6}rpc@localhost/m);
  });

  it("takes another port when it is told to, and says when one is in use", async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, "127.0.0.1", () => {
        const address = blocker.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      const settings = SETTINGS.replace("port: 0", `port: ${port}`);
      writeFileSync(join(folder, "gateway.yaml"), settings);
      const refused = await cli(["serve", "--config", "gateway.yaml"]);
      expect(refused.exitCode).toBe(4);
      expect(refused.stderr).toMatch(
        new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use; choose another with --port`),
      );
      // The start that failed made no account whose password nobody would know.
      expect(existsSync(join(folder, "accounts.yaml"))).toBe(false);
      // Another TCP port would not help a WebSocket that has none.
      writeFileSync(
        join(folder, "gateway.yaml"),
        SETTINGS.replace("listen: {port: 0}", `listen: {port: 0}, websocket: {port: ${port}}`),
      );
      expect(await cli(["serve", "--config", "gateway.yaml", "--next-port"])).toMatchObject({
        exitCode: 4,
        stderr: expect.stringMatching(`:${port}: the port is in use; choose another with link.websocket.port\n$`),
      });
      const { line } = await serve(settings, "--next-port");
      expect(line).toContain(`port ${port} is in use`);
      expect(profile()).toMatchObject({ jid: "me@localhost" });
      expect((await serve(settings, "--port", "0")).port).toBeGreaterThan(0);
    } finally {
      blocker.close();
    }
  });

  it("refuses a host off loopback without a certificate", async () => {
    writeFileSync(join(folder, "gateway.yaml"), 'link: {mode: standalone, listen: {host: "0.0.0.0", port: 0}}\n');
    const { exitCode, stderr } = await cli(["serve", "--config", "gateway.yaml"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^gateway\.yaml:1 link\.tls: listening on 0\.0\.0\.0, which is not loopback, needs a certificate/,
    );
  });

  it("says which account cannot log in, since its name is the gateway's alias, and that anonymous users may call", async () => {
    await withAccounts((accounts) => accounts.set("bot", "pw"));
    const { gateway } = await serve(SETTINGS.replace("listen:", 'anonymous: true, alias: "bot@localhost", listen:'));
    await gateway.until("stderr", /"name":"bot".*"accounts\.unusable"/);
    await gateway.until("stderr", /gateway\.yaml:1 link\.anonymous: anybody may log in .* access\[0\]/);
  });

  it("takes changed accounts at once", async () => {
    const { port } = await serve();
    const login = (password: string) => tryLogin(`xmpp://127.0.0.1:${port}`, "bob@localhost", password);
    const passwd = (action: string, input: string) =>
      cli(["passwd", action, "bob", "--accounts", "accounts.yaml", "--password-file", "-"], { input });
    expect(await login("one")).toBe("authentication-failed");
    expect(await passwd("add", "one")).toMatchObject({ exitCode: 0, stdout: "added bob\n" });
    expect(await login("one")).toBe("logged in");
    expect(await passwd("set", "two\n")).toMatchObject({ stdout: "changed bob\n" });
    expect(await login("one")).toBe("authentication-failed");
    expect(await login("two")).toBe("logged in");
    expect((await cli(["passwd", "list", "--accounts", "accounts.yaml"])).stdout).toBe("bob\nme\n");
    await cli(["passwd", "remove", "bob", "--accounts", "accounts.yaml"]);
    expect(await login("two")).toBe("authentication-failed");
  });

  it.each([
    [["add", "me"], /there is an account me already/],
    [["set", "nobody"], /there is no account nobody/],
    [["remove", "nobody"], /there is no account nobody/],
    [["add", "bob@localhost"], /no account name/],
    [["add", ""], /no account name/],
    [["add", "RPC"], /^rpc is the gateway's own name: it is called at rpc@ and its domain$/m],
  ])("passwd %j says what is wrong", async (args, expected) => {
    await withAccounts((accounts) => accounts.set("me", "x"), "a.yaml");
    const password = args[0] === "remove" ? [] : ["--password-file", "-"];
    const { exitCode, stderr } = await cli(["passwd", ...args, "--accounts", "a.yaml", ...password], { input: "y" });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(expected);
  });

  it("serves nothing when its pid file cannot be written", async () => {
    writeFileSync(join(folder, "gateway.yaml"), SETTINGS);
    const { exitCode, stdout, stderr } = await cli(["serve", "--config", "gateway.yaml", "--pid-file", "nowhere/pid"]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^the pid file cannot be written: ENOENT.*\n$/m);
  });

  it("is called by commands that end quietly when nobody reads on", async () => {
    await serve();
    const { env, cwd } = options();
    const child = spawn(process.execPath, [CLI, "list", "localhost"], { cwd, env: { ...process.env, ...env } });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const [exitCode] = await once(child, "close");
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  it("reloads when told by its pid file, which goes when it stops", async () => {
    const { gateway } = await serve(SETTINGS, "--pid-file", "gateway.pid");
    expect((await cli(["reload", "--pid-file", "gateway.pid"])).stdout).toMatch(/^told process \d+ to reload$/m);
    await gateway.until("stderr", /serve\.reloaded/);
    gateway.signal("SIGTERM");
    await gateway.ended;
    expect((await cli(["reload", "--pid-file", "gateway.pid"])).exitCode).toBe(1);
  });
});
