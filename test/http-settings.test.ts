// http: and forward: of a settings file: every mistake is told with file and line, and no secret is shown.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../src/config/index.js";
import { createGatewayFromSettings, loadHandlers, reviewSettings } from "../src/gateway-settings.js";
import { readForwardSettings, readHttpSettings } from "../src/http-settings.js";
import { createLinkFromSettings } from "../src/link-settings.js";
import { silentLogger } from "../src/observe/index.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-http-settings-"));
  writeFileSync(join(folder, "pw"), "s3cret\n");
  writeFileSync(join(folder, "empty"), "\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...lines: string[]) =>
  checkSettings(parseSettingsText(join(folder, "g.yaml"), ["link: {mode: memory}", ...lines, ""].join("\n")));

describe("mailbox.methods", () => {
  it("must not be named like a method of a handler", async () => {
    const settings = (name: string) =>
      read('handlers: ["builtin:examples"]', "mailbox:", "  url: sqlite:m.db", "  methods:", `    - name: ${name}`);
    await expect(loadHandlers(settings("examples.getStateName"))).rejects.toThrow(
      /g\.yaml:6 mailbox\.methods\[0\]: "examples\.getStateName": a handler has a method of this name already/,
    );
    await expect(loadHandlers(settings("examples.ours"))).resolves.toMatchObject({ methods: [] });
  });
});

describe("http:", () => {
  it("is off unless it is set", () => {
    expect(readHttpSettings(read())).toBeUndefined();
  });

  it("is read with its secrets", () => {
    const http = readHttpSettings(
      read(
        "http:",
        "  port: 0",
        "  users: [{name: a, password: {file: pw}, jid: a@localhost}]",
        "  domains: [localhost]",
      ),
    );
    expect(http).toMatchObject({
      host: "127.0.0.1",
      port: 0,
      users: [{ name: "a", password: "s3cret", jid: "a@localhost" }],
      tokens: [],
      behindTlsProxy: false,
      insecure: false,
    });
  });

  it.each<[string, string[], RegExp]>([
    ["no port", ["http: {}"], /g\.yaml:2 http\.port: missing/],
    ["an unknown key", ["http:", "  port: 0", "  cors: true"], /g\.yaml:4 http\.cors: unknown key/],
    [
      "a password in clear",
      ["http:", "  port: 0", "  users:", "    - {name: a, password: s3cret, jid: a@localhost}"],
      /g\.yaml:5 http\.users\[0\]\.password: what stands here is not accepted/,
    ],
    [
      "a file that is not there",
      ["http:", "  port: 0", "  users:", "    - {name: a, jid: a@localhost, password: {file: nosuch}}"],
      /g\.yaml:5 http\.users\[0\]\.password: .*nosuch cannot be read/,
    ],
    [
      "an empty secret",
      ["http:", "  port: 0", "  tokens: [{token: {file: empty}, jid: a@localhost}]"],
      /g\.yaml:4 http\.tokens\[0\]\.token: .* is empty/,
    ],
    [
      "a foreign domain",
      [
        "http:",
        "  port: 0",
        "  domains: [localhost]",
        "  users:",
        "    - name: a",
        "      password: {file: pw}",
        "      jid: a@example.org",
      ],
      /g\.yaml:8 http\.users\[0\]\.jid: a@example\.org is not of the domains of the HTTP doors \(localhost\)/,
    ],
    [
      "a domain that is none",
      ["http:", "  port: 0", "  domains: [a@b]"],
      /g\.yaml:4 http\.domains: "a@b" is no domain/,
    ],
  ])("tells of %s", (_name, lines, expected) => {
    const attempt = (): unknown => readHttpSettings(read(...lines));
    expect(attempt).toThrow(expected);
    expect(attempt).not.toThrow(/s3cret/);
  });

  it("is checked without its secrets by --check", () => {
    const lines = [
      "http:",
      "  port: 0",
      "  domains: [localhost]",
      "  users: [{name: a, password: {file: nosuch}, jid: a@evil.example}]",
    ];
    expect(() => reviewSettings(read(...lines))).toThrow(/g\.yaml:5 http\.users\[0\]\.jid/);
    expect(reviewSettings(read(...lines.map((line) => line.replace("evil.example", "localhost"))))).toEqual([]);
  });

  it("opens the doors of a gateway", async () => {
    const settings = read("http: {port: 0}");
    if (settings.settings.link.mode !== "memory") throw new Error("memory expected");
    const link = createLinkFromSettings(settings, settings.settings.link, silentLogger);
    const gateway = createGatewayFromSettings(settings, await loadHandlers(settings), link, silentLogger);
    await gateway.start();
    const answer = await fetch(`http://127.0.0.1:${gateway.http?.port}/healthz`);
    expect(await answer.text()).toBe("ok\n");
    await gateway.stop();
  });
});

describe("forward:", () => {
  it("is read as it is written", () => {
    expect(
      readForwardSettings(read('forward: [{allow: a@localhost, to: "*@example.org", methods: "shop.*"}]')),
    ).toEqual([{ allow: "a@localhost", to: "*@example.org", methods: "shop.*" }]);
  });

  it.each<[string, string[], RegExp]>([
    ["no responder", ["forward:", "  - {allow: a@localhost}"], /g\.yaml:3 forward\[0\]\.to: missing/],
    [
      "everybody",
      ["forward:", "  - {allow: a@localhost, to: b@localhost}", '  - {allow: "*", to: b@localhost}'],
      /g\.yaml:4 forward\[1\]\.allow: .*matches nobody/,
    ],
    [
      "a pattern that is none",
      ["forward:", '  - {allow: a@localhost, to: "b*@localhost"}'],
      /g\.yaml:3 forward\[0\]\.to: /,
    ],
    [
      "methods that are none",
      ["forward:", '  - {allow: a@localhost, to: b@localhost, methods: "a*"}'],
      /g\.yaml:3 forward\[0\]\.methods: /,
    ],
  ])("tells of %s", (_name, lines, expected) => {
    expect(() => reviewSettings(read(...lines))).toThrow(expected);
  });
});
