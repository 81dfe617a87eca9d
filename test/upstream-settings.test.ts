// Upstreams in a settings file: secrets, files, and every mistake with its line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../src/config/index.js";
import { createGatewayFromSettings } from "../src/gateway-settings.js";
import { createMemoryNetwork } from "../src/index.js";
import { silentLogger } from "../src/observe/index.js";
import { probeUpstreams, readUpstreams } from "../src/upstream-settings.js";
import { answerJson, startServer, type TestServer } from "./upstream/http-server.js";

const NOTHING = { services: [], methods: [], bind: [], onMessage: [] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-upstreams-"));
  writeFileSync(join(folder, "key"), "secret-key\n");
  writeFileSync(join(folder, "ca.pem"), "CERTIFICATE\n");
  writeFileSync(join(folder, "tokens.yaml"), "alice@example.org: abc\nbob@example.org: Basic xyz\n");
  writeFileSync(join(folder, "odd.yaml"), "alice@example.org/desk: hunter2\n");
  writeFileSync(join(folder, "list.yaml"), "- hunter2\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const read = (upstreams: string) =>
  checkSettings(parseSettingsText(join(folder, "gateway.yaml"), `link: {mode: memory}\nupstreams:\n${upstreams}`));

describe("a row of the upstreams", () => {
  it("has its secrets read and its defaults filled in", () => {
    const row = `  - name: shop
    kind: openapi
    file: openapi.json
    baseUrl: http://127.0.0.1:8000/
    include: ["get*"]
    headers: {X-Key: {file: key}, X-Plain: text}
    requesterAssertion: {jwt: {key: {file: key}, header: X-Token}}
    credentials: {byRequester: tokens.yaml}
    tls: {ca: ca.pem}
`;
    expect(readUpstreams(read(row))).toEqual([
      {
        name: "shop",
        kind: "openapi",
        file: join(folder, "openapi.json"),
        baseUrl: "http://127.0.0.1:8000/",
        include: ["get*"],
        names: {},
        headers: { "X-Key": "secret-key", "X-Plain": "text" },
        requesterAssertion: { jwt: { key: "secret-key", ttlSeconds: 60, header: "X-Token" } },
        credentials: { "alice@example.org": "Bearer abc", "bob@example.org": "Basic xyz" },
        ca: "CERTIFICATE\n",
        timeoutMs: 5_000,
        maxConcurrent: 32,
        maxQueued: 1_024,
        maxResponseBytes: 1_048_576,
        redirects: false,
        refreshSeconds: 300,
        breaker: { failures: 5, seconds: 10 },
      },
    ]);
  });

  it("may name methods", () => {
    const row =
      "  - {name: j, kind: jsonrpc, url: 'http://127.0.0.1/', methods: [{name: a, params: [{name: b, schema: {}}]}]}\n";
    expect(readUpstreams(read(row))).toMatchObject([
      { kind: "jsonrpc", url: "http://127.0.0.1/", methods: [{ name: "a", params: [{ name: "b" }] }] },
    ]);
  });

  const base = "  - name: shop\n    kind: xmlrpc\n";
  it.each([
    ["an unknown kind", "  - {name: a, kind: soap}\n", /:3 upstreams\[0\]\.kind: "soap" is not accepted/],
    ["an unknown key", `${base}    timeout: 5\n`, /:5 upstreams\[0\]\.timeout: unknown key/],
    ["a bad name", "  - {name: 'a b', kind: xmlrpc}\n", /:3 upstreams\[0\]\.name: /],
    ["a header of no text", `${base}    headers: {X: 1}\n`, /:5 upstreams\[0\]\.headers\.X/],
    [
      "a key in the settings",
      `${base}    requesterAssertion: {jwt: {key: hunter2}}\n`,
      /:5 .*key: what stands here is not accepted: expected \{file: PATH\}/,
    ],
    ["no timeout", `${base}    timeoutMs: 0\n`, /:5 upstreams\[0\]\.timeoutMs: 0 is not accepted/],
  ])("cannot have %s", (_what, row, expected) => {
    expect(() => read(row)).toThrow(expected);
  });

  it.each([
    ["no url", "    include: ['*']\n", /:3 upstreams\[0\]\.url: needed for xmlrpc/],
    [
      "a header from nowhere",
      "    url: 'http://127.0.0.1/'\n    headers: {X: {env: JABBER_RPC_NONE}}\n",
      /:6 upstreams\[0\]\.headers: .*JABBER_RPC_NONE is not set/,
    ],
    [
      "a certificate that is not there",
      "    url: 'http://127.0.0.1/'\n    tls: {ca: none.pem}\n",
      /:6 upstreams\[0\]\.tls: .*ENOENT/,
    ],
    [
      "credentials of a full address",
      "    url: 'http://127.0.0.1/'\n    credentials: {byRequester: odd.yaml}\n",
      /:6 upstreams\[0\]\.credentials: alice@example\.org: a bare JID/,
    ],
    [
      "credentials that are a list",
      "    url: 'http://127.0.0.1/'\n    credentials: {byRequester: list.yaml}\n",
      /:6 upstreams\[0\]\.credentials: a map/,
    ],
  ])("cannot have %s", (_what, rest, expected) => {
    const settings = read(base + rest);
    expect(() => readUpstreams(settings)).toThrow(expected);
    expect(() => readUpstreams(settings)).toThrow(/^((?!hunter2)[\s\S])*$/);
  });
});

describe("a gateway from settings", () => {
  const document = {
    openapi: "3.0.0",
    info: { title: "T", version: "1" },
    paths: { "/a": { get: { operationId: "getA" } } },
  };

  it("does not start with an upstream that cannot be used, and says where", async () => {
    server = await startServer((_request, response) => answerJson(response, document));
    const settings = read(`  - name: shop\n    kind: openapi\n    url: ${server.origin}\n`);
    const gateway = createGatewayFromSettings(settings, NOTHING, createMemoryNetwork().link("localhost"), silentLogger);
    await expect(gateway.start()).rejects.toThrow(
      /gateway\.yaml:3 upstreams\[0\]\.include: upstream shop: say which operations become methods; shop has: getA$/,
    );
    await gateway.stop();
  });

  it("is checked without one", async () => {
    server = await startServer((_request, response) => answerJson(response, document));
    const row = (include: string) =>
      read(`  - name: shop\n    kind: openapi\n    url: ${server?.origin}\n    include: [${include}]\n`);
    expect(await probeUpstreams(row("getA, none"))).toEqual({
      names: ["shop.getA"],
      remarks: [
        `${join(folder, "gateway.yaml")}: upstream shop: include: none matches nothing`,
        expect.stringContaining("not quite OpenAPI"),
      ].reverse(),
    });
    await server.stop();
    const { names, remarks } = await probeUpstreams(row("getA"));
    expect(names).toEqual([]);
    expect(remarks).toEqual([expect.stringMatching(/upstream shop: upstream\.unavailable: .*ECONNREFUSED/)]);
  });
});
