// jabber-rpc types: what it writes compiles and works, whatever a responder says of itself.
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writePythonClient } from "../../src/cli/typed-clients/python.js";
import { type Introspecting, readMethods } from "../../src/cli/typed-clients/read-methods.js";
import { writeTypeScriptClient } from "../../src/cli/typed-clients/typescript.js";
import { Examples, Validator1 } from "../../src/handlers/index.js";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  double,
  type Gateway,
  named,
  optional,
  type Requester,
  RpcFault,
  string,
} from "../../src/index.js";
import { createUserProject, type UserProject } from "../docs/user-project.js";
import { PYTHON } from "../support/processes.js";

/** All that a text could try to end a string, a comment or a line with. */
const EVIL = `'''""" */ \`\${process.exit(1)} \\ \\" \n\r\u2028"); process.exit(1); //\nimport os; os.abort()\n#\0\u202e\ud800 // @ts-expect-error`;
/** Names that mean something to a language, or to an object. */
const NAMES = [
  "class",
  "def",
  "new",
  "then",
  "constructor",
  "__proto__",
  "toString",
  "self",
  "x.y",
  "x_y",
  "x:y",
  "1st",
  "_Client__call",
  "a".repeat(200),
];
const UNCALLABLE = ["", EVIL, "a b", 'a"b', "a\nb", "ü", "b".repeat(201)];

const schemas: readonly unknown[] = [
  {
    type: "object",
    properties: { [EVIL]: { type: "string", enum: [EVIL, "b"] }, __proto__x: { type: "integer" } },
    required: [EVIL],
  },
  JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"integer"},"new":{}},"required":["__proto__"]}',
  ),
  { anyOf: [{ type: "array", items: { type: "object", additionalProperties: { type: EVIL } } }, { type: "null" }] },
  { type: ["integer", "string"], format: "int64" },
  { type: "array" },
  { type: "string", enum: [] },
  { $ref: "#/x", type: EVIL },
  EVIL,
  null,
  [[]],
  42,
];

/** What a requester hands over of a responder that says the worst. */
const liar: Introspecting = {
  listMethods: async () => [...NAMES, ...UNCALLABLE, "system.listMethods", "signed", "signedTwice", "unsaid"],
  call: async (_jid, _method, [name] = []) => {
    if (["signed", "signedTwice", "unsaid"].includes(String(name))) throw new RpcFault(-32601, EVIL);
    const params = schemas.map((schema, index) => ({
      name: [EVIL, "self", "class", "rest", "arguments"][index % 5],
      required: index < 4,
      schema,
    }));
    return { name: EVIL, summary: EVIL, description: EVIL, params, result: { name: EVIL, schema: schemas[0] } };
  },
  describe: async (_jid, name) => {
    if (name === "unsaid") throw new RpcFault(1, EVIL);
    const signatures =
      name === "signed" ? [["int", "string", EVIL]] : [["int"], ["double", "int"], ["int", "int", "i8"], []];
    return { name, signatures, help: EVIL };
  },
};

const network = createMemoryNetwork();
let gateway: Gateway;
let requester: Requester;
let project: UserProject;
let compiled: string;
let hostilePython: string;

beforeAll(async () => {
  gateway = createGateway({
    link: network.link("rpc.example.org"),
    services: [Examples, Validator1],
    methods: [
      defineMethod(
        "shop.kind",
        { params: [named("price", double), named("text", optional(string))], returns: string },
        (price, text) => `${price} ${text}`,
      ),
    ],
    access: [{ anyone: true }],
  });
  await gateway.start();
  requester = createRequester({ link: network.link("alice@example.org/desk") });
  await requester.start();
  project = createUserProject();
  const jid = "rpc.example.org";
  project.write("src/all.ts", writeTypeScriptClient({ jid, ...(await readMethods(requester, jid)) }));
  const examples = { jid, prefix: "examples", ...(await readMethods(requester, jid, "examples")) };
  project.write("src/examples.ts", writeTypeScriptClient(examples));
  project.write("all.py", writePythonClient({ jid, ...(await readMethods(requester, jid)) }));
  const hostile = { jid: EVIL, ...(await readMethods(liar, EVIL)) };
  project.write("src/hostile.ts", writeTypeScriptClient(hostile));
  hostilePython = writePythonClient(hostile);
  project.write("hostile.py", hostilePython);
  project.write(
    "src/main.ts",
    `import { createGateway, createMemoryNetwork, createRequester, defineMethod, double, named, optional, string } from "jabber-rpc";
import { createClient as all } from "./all.js";
import { createClient as examples } from "./examples.js";
import { createClient as hostile } from "./hostile.js";

const network = createMemoryNetwork();
const gateway = createGateway({
  link: network.link("rpc.example.org"),
  access: [{ anyone: true }],
  methods: [
    defineMethod("shop.kind", { params: [named("price", double), named("text", optional(string))], returns: string }, (price, text) => \`\${price} \${text}\`),
    defineMethod("examples.getStateName", { params: [named("index", double)], returns: string }, (index) => \`state \${index}\`),
  ],
});
await gateway.start();
const requester = createRequester({ link: network.link("a@example.org/b") });
await requester.start();
const text: string = await all(requester)["shop.kind"](3);
const both: string = await all(requester)["shop.kind"](3, "x");
const name: string = await examples(requester).getStateName(6);
// @ts-expect-error the method takes a number
await examples(requester).getStateName("6").catch(() => undefined);
const client = await hostile(requester, "rpc.example.org");
const fault = await client.then_().catch((error: Error) => error.message);
console.log(JSON.stringify([text, both, name, typeof fault, Object.getPrototypeOf(client), Object.hasOwn(client, "__proto__")]));
await requester.stop();
await gateway.stop();
`.replace("client.then_()", "(client.then_ as () => Promise<unknown>)()"),
  );
  compiled = project.compile();
});
afterAll(async () => {
  project.remove();
  await requester.stop();
  await gateway.stop();
});

describe("a client in TypeScript", () => {
  it("compiles, also where the responder says the worst", () => {
    expect(compiled).toBe("");
  });

  it("calls with the declared types", () => {
    const { stdout, stderr } = project.run(["dist/src/main.js"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(["3 undefined", "3 x", "state 6", "string", null, true]);
  });

  it("says what the responder says", async () => {
    const text = writeTypeScriptClient({
      jid: "rpc.example.org",
      ...(await readMethods(requester, "rpc.example.org")),
    });
    expect(text).toContain("   * Name of the index-th US state, 1 to 50.\n");
    expect(text).toContain('"examples.getStateName"(index: number): Promise<string>;');
    expect(text).toContain("Promise<bigint>");
    expect(text).not.toContain("system.");
  });
});

describe("a client in Python", () => {
  const python = (...args: string[]) =>
    spawnSync(PYTHON, args, { cwd: project.folder, encoding: "utf8", timeout: 60_000 });

  it("compiles, also where the responder says the worst", () => {
    expect(python("-m", "py_compile", "all.py", "hostile.py").stderr).toBe("");
  });

  it("loads and calls", () => {
    const script = `
import hostile, all, typing
calls = []
client = all.Client(lambda method, params: calls.append((method, params)))
client.examples_getStateName(6)
client.shop_kind(3.0)
client.shop_kind(3.0, "x")
typing.get_type_hints(all.Client.examples_orderTotal)
typing.get_type_hints(hostile.Client.class_)
other = hostile.Client(lambda method, params: calls.append(method))
other.unsaid(1, 2)
print(calls)`;
    const { stdout, stderr } = python("-c", script);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "[('examples.getStateName', [6]), ('shop.kind', [3.0]), ('shop.kind', [3.0, 'x']), 'unsaid']\n",
    );
  });

  it("holds nothing but ASCII, and no name of the transport's own", () => {
    expect(hostilePython).toMatch(/^[\x20-\x7e\n]*$/);
    expect(hostilePython).not.toContain("_Client__call");
  });
});

describe("reading methods", () => {
  it("leaves out names that nobody can call", async () => {
    const { methods, leftOut } = await readMethods(liar, "x");
    expect(new Set(leftOut)).toEqual(new Set(UNCALLABLE));
    expect(methods.map(({ name }) => name)).toEqual([...NAMES, "signed", "signedTwice", "unsaid"].sort());
  });

  it("takes signatures where there is no description", async () => {
    const { methods } = await readMethods(liar, "x");
    const find = (name: string) => methods.find((method) => method.name === name);
    expect(find("signed")).toMatchObject({
      params: [
        { name: "param1", type: { kind: "string" }, required: true },
        { name: "param2", type: { kind: "any" }, required: true },
      ],
      result: { kind: "int" },
      variadic: false,
    });
    expect(find("signedTwice")).toMatchObject({
      params: [
        { type: { kind: "int" }, required: false },
        { type: { kind: "long" }, required: false },
      ],
      result: { kind: "any" },
    });
    expect(find("unsaid")).toMatchObject({ params: [], variadic: true, result: { kind: "any" } });
  });
});
