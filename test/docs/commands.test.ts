// The commands of the documentation: those that need no server are run as shown; every flag and command has its row.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { SOFTWARE } from "../../src/software.js";
import { CLI, runProcess, startProcess } from "../support/processes.js";
import { documentedCommands, printsAsShown } from "./commands.js";
import { pageOf, ROOT, readPages, tableUnder } from "./pages.js";

const pages = readPages();
const calling = pageOf(pages, "docs/calling.md");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

describe("commands without a server", () => {
  /** What npm test itself has done already is not done again inside of it. */
  const runs = documentedCommands("here", pages)
    .map((one) => ({ ...one, command: one.command.replace(/^npm ci && /, "") }))
    .filter(({ command }) => command !== "npm test");

  it("are there", () => {
    expect(runs.length).toBeGreaterThan(0);
    expect(manifest.scripts["test"]).toContain("vitest run");
  });

  it.each(runs.map((one) => [`${one.place} ${one.command}`, one] as const))("%s", (_name, { command, output }) => {
    // npx itself is tried once, below: it takes a second to find what is here.
    const quick = command.replace("npx --no jabber-rpc", "node dist/src/cli/main.js");
    const { stdout } = spawnSync("sh", ["-c", quick], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(printsAsShown(stdout, output), stdout).toBe(true);
  });

  it("npx --no -- jabber-rpc --help names every command", () => {
    const { stdout } = spawnSync("npx", ["--no", "--", "jabber-rpc", "--help"], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 60_000,
    });
    for (const [cell = ""] of tableUnder(calling, "Command line")) expect(stdout).toContain(`  ${nameIn(cell)} `);
  });
});

describe("the gateway of npm start", () => {
  it("is callable as the pages show", async () => {
    const [start] = documentedCommands("standalone-serve", pages);
    expect(start?.command).toBe("npm ci && npm start");
    // The script as it is, but with accounts and a saved connection that go when the test ends.
    expect(manifest.scripts["start"]).toBe(
      "node dist/src/cli/main.js serve --config examples/gateway.yaml --next-port",
    );
    const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-start-"));
    copyFileSync(join(ROOT, "examples/gateway.yaml"), join(folder, "gateway.yaml"));
    const env = { JABBER_RPC_HOME: folder };
    const args = ["serve", "--config", join(folder, "gateway.yaml"), "--port", "0"];
    const gateway = startProcess(process.execPath, [CLI, ...args], { env });
    try {
      const [ready] = await gateway.until("stdout", /^ready .*\n/m);
      expect(printsAsShown(ready, start?.output ?? [])).toBe(true);
      for (const { command, output } of documentedCommands("standalone", pages)) {
        const words = command.replace("npx --no jabber-rpc ", "").split(" ");
        const { stdout } = await runProcess(process.execPath, [CLI, ...words], { env });
        expect(printsAsShown(stdout, output), `${command}\n${stdout}`).toBe(true);
      }
    } finally {
      await gateway.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the gateway with HTTP doors", () => {
  it("answers as the pages show", async () => {
    const serve = documentedCommands("http-serve", pages).at(-1);
    const config = "examples/gateway.http.yaml";
    expect(serve?.command).toBe(`npx --no jabber-rpc serve --config ${config}`);
    const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-http-"));
    const settings = readFileSync(join(ROOT, config), "utf8");
    writeFileSync(join(folder, "gateway.yaml"), settings.replace("port: 8080", "port: 0"));
    const env = { JABBER_RPC_HOME: folder, JABBER_RPC_HTTP_PASSWORD: "pw" };
    const args = ["serve", "--config", join(folder, "gateway.yaml"), "--port", "0"];
    const gateway = startProcess(process.execPath, [CLI, ...args], { env });
    try {
      const [ready, place = ""] = await gateway.until("stdout", /^ready .* http:\/\/(127\.0\.0\.1:\d+).*\n/m);
      expect(printsAsShown(ready.replace(place, "127.0.0.1:8080"), serve?.output ?? [])).toBe(true);
      const commands = documentedCommands("http", pages);
      expect(commands.length).toBeGreaterThan(4);
      for (const { command, output } of commands) {
        const { stdout, stderr } = await runProcess("sh", ["-c", command.replaceAll("127.0.0.1:8080", place)]);
        expect(printsAsShown(stdout, output), `${command}\n${stdout}${stderr}`).toBe(true);
      }
    } finally {
      await gateway.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("commands with a server", () => {
  const lines = documentedCommands("prosody", pages).map(({ command }) => command);

  it("are there for the interop tests", () => {
    for (const part of ["jabber-rpc list", "jabber-rpc describe", "jabber-rpc call", "call.py", "call.mjs"])
      expect(lines.filter((line) => line.includes(part)).length, part).toBeGreaterThan(0);
    expect(documentedCommands("prosody-serve", pages).at(-1)?.output).toEqual(["ready responder@localhost/gateway"]);
  });

  it("are compared with wildcards", () => {
    expect(printsAsShown("a\nb\nc\n", ["a", "…"])).toBe(true);
    expect(printsAsShown("fault 4: x [call 7f3a]\n", ["fault 4: x [call …]"])).toBe(true);
    expect(printsAsShown("b\n", ["a", "…"])).toBe(false);
    expect(printsAsShown("a\nb\n", ["a"])).toBe(false);
  });
});

describe("the command line's page", () => {
  const program = new Command("jabber-rpc");
  beforeAll(async () => {
    const folder = join(ROOT, "dist/src/cli/commands");
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
      // Each of these modules exports one function that adds its command.
      const exported = (await import(join(folder, file))) as Readonly<Record<string, (program: Command) => void>>;
      for (const [name, add] of Object.entries(exported)) if (/^add\w+Command$/.test(name)) add(program);
    }
  });

  it("has every command, and no other", () => {
    const documented = tableUnder(calling, "Command line").map(([cell = ""]) => nameIn(cell));
    expect(documented.sort()).toEqual(program.commands.map((command) => command.name()).sort());
  });

  it("has every flag with the commands that take it, and no other", () => {
    const logIn = program.commands.filter((command) => command.options.some(({ long }) => long === "--service"));
    const commandsOfFlags = new Map<string, string[]>();
    for (const command of program.commands) {
      for (const { flags } of command.options)
        commandsOfFlags.set(flags, [...(commandsOfFlags.get(flags) ?? []), command.name()]);
    }
    const rows = calling.text.split("\n").filter((line) => line.startsWith("| `--"));
    const documented = rows.map((line) => {
      const [, flag = "", commands = ""] = /^\| `([^`]+)` \| ([^|]+) \|/.exec(line) ?? [];
      return [
        flag,
        commands === "all that log in" ? logIn.map((command) => command.name()).sort() : commands.split(", ").sort(),
      ];
    });
    const actual = [...commandsOfFlags].map(([flag, commands]) => [flag, commands.sort()]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(actual));
  });

  it("has every environment variable", () => {
    const source = readdirSync(join(ROOT, "src/cli"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(ROOT, "src/cli", name), "utf8"))
      .join("\n");
    const variables = new Set(source.match(/JABBER_RPC_[A-Z]+/g));
    expect(variables.size).toBeGreaterThan(3);
    expect([...variables].filter((name) => !calling.text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("the software's version", () => {
  it("is that of the package, and has an entry in the changelog", () => {
    expect(SOFTWARE.version).toBe(manifest.version);
    expect(pageOf(pages, "CHANGELOG.md").text).toContain(`## [${manifest.version}]`);
  });
});

/** `call JID METHOD` is `call`. */
function nameIn(cell: string): string {
  return /^`(\w+)/.exec(cell)?.[1] ?? "";
}
