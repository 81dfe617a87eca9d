// Settings: every mistake is said with file, line, key, value and what was expected.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText, readSecret, readSettings } from "../../src/config/index.js";
import { LIMIT_TABLE } from "../../src/limits.js";

const check = (text: string) => checkSettings(parseSettingsText("gateway.yaml", text));
const MEMORY = "link: {mode: memory}\n";

describe("checkSettings", () => {
  it("fills in every default", () => {
    const { settings } = check(MEMORY);
    expect(settings).toMatchObject({
      link: { mode: "memory", jid: "localhost" },
      handlers: ["builtin:examples"],
      access: [],
      values: { reading: "lenient", dates: { zone: "UTC" }, extensions: "on", void: "string" },
      unknownMethod: "fault",
      log: { level: "info", format: "auto" },
    });
    for (const [key, row] of Object.entries(LIMIT_TABLE)) expect(settings.limits[key]).toBe(row.default);
  });

  it("takes JSON too", () => {
    expect(check('{"link": {"mode": "memory", "jid": "a.example"}}').settings.link).toEqual({
      mode: "memory",
      jid: "a.example",
    });
  });

  it("takes a component, with TLS or without", () => {
    const link = (more: string) =>
      check(`link: {mode: component, service: "xmpp://h:5347", jid: rpc.h, password: {env: X}${more}}\n`).settings.link;
    expect(link("")).toMatchObject({ mode: "component", tls: false, insecure: false, replicas: false });
    expect(link(", tls: true")).toMatchObject({ tls: true });
    expect(link(", tls: {ca: ca.pem}")).toMatchObject({ tls: { ca: "ca.pem", insecure: false } });
    expect(link(", replicas: true, serverDomain: h")).toMatchObject({ replicas: true, serverDomain: "h" });
  });

  it("takes every limit's own default, also written out", () => {
    const limits = Object.entries(LIMIT_TABLE).map(([key, row]) => `  ${key}: ${row.default}\n`);
    expect(check(`${MEMORY}limits:\n${limits.join("")}`).settings.limits).toEqual(check(MEMORY).settings.limits);
  });

  it.each([
    [
      "a component without a service",
      "link:\n  mode: component\n  jid: rpc.h\n  password: {env: X}\n",
      /^gateway\.yaml:1 link\.service: missing: string expected$/,
    ],
    [
      "a component over WebSocket",
      "link:\n  mode: component\n  service: ws://h\n  jid: rpc.h\n  password: {env: X}\n",
      /^gateway\.yaml:3 link\.service: "ws:\/\/h" is not accepted: expected an address such as xmpp:\/\/127\.0\.0\.1:5347/,
    ],
    ["an unknown key", `${MEMORY}handler: []\n`, /^gateway\.yaml:2 handler: unknown key; did you mean handlers\?$/],
    ["an unknown inner key", "link:\n  mode: memory\n  port: 5222\n", /^gateway\.yaml:3 link\.port: unknown key/],
    [
      "a text that is empty",
      `${MEMORY}feeds: [{url: "https://h/", service: s, node: ""}]\n`,
      /^gateway\.yaml:2 feeds\[0\]\.node: "" is not accepted: string of at least 1 characters expected$/,
    ],
    [
      "a number that is too small",
      `${MEMORY}topics: [{node: n, maxItems: 0}]\n`,
      /^gateway\.yaml:2 topics\[0\]\.maxItems: 0 is not accepted: number >=1 expected$/,
    ],
    ["a missing link", "handlers: []\n", /link: missing: /],
    ["an unknown mode", "link: {mode: server}\n", /^gateway\.yaml:1 link\.mode: "server" is not accepted: .*client/],
    [
      "a password in the settings",
      "link:\n  mode: client\n  jid: a@b/c\n  password: secret\n",
      /^gateway\.yaml:4 link\.password: .*\{file: PATH\} or \{env: NAME\}/,
    ],
    [
      "a password in the address of a database",
      "link:\n  mode: standalone\n  accounts: {sql: {url: 'postgresql://u:hush@h/d', query: q, saltSecret: {env: X}}}\n",
      /^gateway\.yaml:3 link\.accounts(?!.*hush)/,
    ],
    [
      "a password among the parameters of a database",
      "link:\n  mode: standalone\n  accounts: {sql: {url: 'postgres://u@h/d?password=hush', query: q, saltSecret: {env: X}}}\n",
      /^gateway\.yaml:3 link\.accounts(?!.*hush)/,
    ],
    [
      "a wrong service",
      "link:\n  mode: client\n  service: localhost\n  jid: a@b/c\n  password: {env: X}\n",
      /^gateway\.yaml:3 link\.service: "localhost" is not accepted: expected xmpp:/,
    ],
    [
      "a bad rule",
      `${MEMORY}access:\n  - {allow: "*@x.org"}\n  - {allows: "*@x.org"}\n`,
      /^gateway\.yaml:4 access\[1\]: .*expected \{allow: JID\}/,
    ],
    [
      "a bad limit",
      `${MEMORY}limits:\n  callsInFlight: 0\n`,
      /^gateway\.yaml:3 limits\.callsInFlight: 0 is not accepted/,
    ],
    ["an unknown limit", `${MEMORY}limits: {calls: 1}\n`, /^gateway\.yaml:2 limits\.calls: unknown key/],
    [
      "a bad zone",
      `${MEMORY}values: {dates: {zone: CET}}\n`,
      /^gateway\.yaml:2 values\.dates\.zone: "CET" is not accepted: expected UTC/,
    ],
    ["broken YAML", `${MEMORY}access: [\n`, /^gateway\.yaml:\d+: not readable as YAML/],
    ["a doubled key", `${MEMORY}${MEMORY}`, /^gateway\.yaml:2: not readable as YAML: .*unique/],
    [
      "an alias bomb",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`,
      /alias/i,
    ],
  ])("says what is wrong with %s", (_what, text, expected) => {
    expect(() => check(text)).toThrow(expected);
  });

  it("says everything at once", () => {
    expect(() => check("link: {mode: memory}\nfoo: 1\nlimits: {callsInFlight: -1}\n")).toThrow(
      /gateway\.yaml:2 foo[\s\S]*gateway\.yaml:3 limits/,
    );
  });

  it("does not show a password that was written into the settings", () => {
    expect(() => check("link: {mode: client, jid: a@b/c, password: hunter2}\n")).toThrow(/^((?!hunter2)[\s\S])*$/);
  });
});

describe("files and secrets", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "jabber-rpc-settings-"));
    writeFileSync(join(folder, "secret"), "pässwörd\n");
    writeFileSync(join(folder, "empty"), "\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("names a settings file that is not there", () => {
    expect(() => readSettings(join(folder, "none.yaml"))).toThrow(/none\.yaml: cannot be read: .*ENOENT/);
  });

  it("reads secrets from a file beside the settings and from the environment", () => {
    expect(readSecret({ file: "secret" }, folder, {})).toBe("pässwörd");
    expect(readSecret({ env: "S" }, folder, { S: " x " })).toBe(" x ");
  });

  it.each([
    [{ file: "none" }, /none cannot be read/],
    [{ file: "empty" }, /empty is empty/],
    [{ env: "NONE" }, /NONE is not set/],
  ])("refuses %j", (source, expected) => {
    expect(() => readSecret(source, folder, {})).toThrow(expected);
  });
});
