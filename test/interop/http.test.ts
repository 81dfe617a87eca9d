// The HTTP doors and foreign clients: CPython's xmlrpc.client, npm xmlrpc; to local methods, and through Prosody to others' (issue 4).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExactJson, exactFromJson, naturalOf } from "../../src/values/index.js";
import { cliUser } from "../support/cli.js";
import {
  type GatewayProcess,
  gatewaySettings,
  RESPONDER,
  spawnGateway,
  startGatewayProcess,
} from "../support/gateway-process.js";
import { PYTHON, ROOT, type RunningProcess, runProcess, startProcess } from "../support/processes.js";
import { type Prosody, startProsody } from "../support/prosody.js";
import { VALIDATOR1_CASES } from "./validator1-cases.js";

/** As much of npm xmlrpc as is used here; it has no types of its own. */
interface NpmXmlRpc {
  createClient(options: object): {
    methodCall(method: string, params: readonly unknown[], done: (error: unknown, value: unknown) => void): void;
  };
}
const xmlrpc = createRequire(import.meta.url)("xmlrpc") as NpmXmlRpc;

let prosody: Prosody;
let responder: GatewayProcess;
let door: GatewayProcess;
let python: RunningProcess;
/** Its answers come in the order of the questions. */
const waiting: ((answer: unknown) => void)[] = [];
let port: string;
let folder: string;

beforeAll(async () => {
  const users = { responder: RESPONDER.password, door: RESPONDER.password, alice: "secret" };
  prosody = await startProsody({ users });
  responder = await startGatewayProcess(prosody);
  folder = mkdtempSync(join(tmpdir(), "jabber-rpc-http-"));
  writeFileSync(join(folder, "pw"), "secret\n");
  const password = { file: join(folder, "pw") };
  door = await spawnGateway({
    ...gatewaySettings(prosody, { jid: "door@localhost/http" }),
    http: { port: 0, users: [{ name: "svc", password, jid: "svc@localhost" }], domains: ["localhost"] },
    forward: [{ allow: "svc@localhost", to: "responder@localhost" }],
  });
  [, port = ""] = await door.process.until("stdout", /^ready door@localhost\/http; http:\/\/127\.0\.0\.1:(\d+)$/m);
  python = startProcess(PYTHON, [join(ROOT, "test/interop/peers/xmlrpc_client.py")]);
  python.onLine((line) => waiting.shift()?.(JSON.parse(line)));
});
afterAll(async () => {
  await python.stop();
  expect((await door.stop()).exitCode).toBe(0);
  await responder.stop();
  await prosody.stop();
  rmSync(folder, { recursive: true });
});

const paths = [
  ["to local methods", "/RPC2"],
  ["to a responder behind XMPP", `/RPC2/${RESPONDER.jid}`],
] as const;

describe.each(paths)("xmlrpc.client %s", (_name, path) => {
  const ask = (request: object, credentials = "svc:secret@"): Promise<unknown> => {
    python.write(`${JSON.stringify({ url: `http://${credentials}127.0.0.1:${port}${path}`, ...request })}\n`);
    return new Promise((resolve) => waiting.push(resolve));
  };

  it.each(VALIDATOR1_CASES)("$method", async ({ method, params, result }) => {
    expect(await ask({ method: `validator1.${method}`, params })).toEqual({ value: result });
  });

  it.each<[ExactJson]>([
    [{ double: 3 }],
    [{ nil: null }],
    [{ string: "" }],
    [{ string: " a\tb\n<&>\u00e9\ud83d\ude00" }],
    [{ base64: "" }],
    [{ struct: { "": { array: [] } } }],
  ])("gets %j back", async (value) => {
    expect(await ask({ method: "probe.echo", params: [value] })).toEqual({ value });
  });

  it("gets an i8 and a fault", async () => {
    expect(await ask({ method: "examples.factorial", params: [{ int: 20 }] })).toEqual({
      value: { i8: "2432902008176640000" },
    });
    const text = expect.stringMatching(/^no state 60 \[call \w+\]$/);
    expect(await ask({ method: "examples.getStateName", params: [{ int: 60 }] })).toEqual({ fault: 4, text });
    expect(await ask({ method: "shop.refund", params: [] })).toMatchObject({ fault: -32001 });
  });

  it("asks what there is", async () => {
    expect(await ask({ method: "system.listMethods", params: [] })).toMatchObject({
      value: { array: expect.arrayContaining([{ string: "validator1.echoStructTest" }]) },
    });
    expect(await ask({ method: "system.methodSignature", params: [{ string: "examples.getStateName" }] })).toEqual({
      value: { array: [{ array: [{ string: "string" }, { string: "int" }] }] },
    });
    expect(await ask({ method: "system.methodHelp", params: [{ string: "examples.getStateName" }] })).toEqual({
      value: { string: "Name of the index-th US state, 1 to 50." },
    });
  });

  it("makes a multicall", async () => {
    const multicall = [
      ["examples.getStateName", [{ int: 6 }]],
      ["examples.getStateName", [{ int: 60 }]],
      ["shop.refund", []],
      ["validator1.easyStructTest", [{ struct: { moe: { int: 1 }, larry: { int: 2 }, curly: { int: 3 } } }]],
    ];
    expect(await ask({ multicall })).toEqual({
      slots: [{ value: { string: "Colorado" } }, { fault: 4 }, { fault: -32001 }, { value: { int: 6 } }],
    });
  });

  it("is let in by its password only", async () => {
    const request = { method: "system.listMethods", params: [] };
    expect(await ask(request, "svc:wrong@")).toEqual({ status: 401 });
    expect(await ask(request, "")).toEqual({ status: 401 });
  });
});

describe("a client that jabber-rpc types writes in Python", () => {
  it("calls over the door", async () => {
    const alice = cliUser(prosody, "alice@localhost", "secret");
    const written = await alice.run(["types", RESPONDER.jid, "--language", "python"]);
    expect(written).toMatchObject({ exitCode: 0, stderr: "" });
    writeFileSync(join(folder, "written.py"), written.stdout);
    const script = `import written, sys
client = written.Client.connect(sys.argv[1])
print(client.examples_getStateName(6), client.validator1_easyStructTest({"moe": 1, "larry": 2, "curly": 3}))`;
    const url = `http://svc:secret@127.0.0.1:${port}/RPC2/${RESPONDER.jid}`;
    const ran = await runProcess(PYTHON, ["-c", script, url], { cwd: folder });
    expect(ran).toEqual({ exitCode: 0, stdout: "Colorado 6\n", stderr: "" });
  });
});

describe.each(paths)("npm xmlrpc %s", (_name, path) => {
  const call = (method: string, params: readonly unknown[]) =>
    new Promise<unknown>((resolve) => {
      const basic_auth = { user: "svc", pass: "secret" };
      const client = xmlrpc.createClient({ host: "127.0.0.1", port, path, basic_auth });
      client.methodCall(method, params, (error, value) => resolve(error ?? value));
    });

  // It writes dates in local time and an integral double as an int, so those cases are not its.
  it.each(VALIDATOR1_CASES.filter(({ method }) => method !== "manyTypesTest"))(
    "$method",
    async ({ method, params, result }) => {
      const natural = (json: ExactJson) => naturalOf(exactFromJson(json, { kind: "exact" }));
      expect(await call(`validator1.${method}`, params.map(natural))).toEqual(natural(result));
    },
  );

  it("gets a fault", async () => {
    expect(await call("examples.getStateName", [60])).toMatchObject({
      faultCode: 4,
      faultString: expect.stringMatching(/^no state 60/),
    });
  });
});
