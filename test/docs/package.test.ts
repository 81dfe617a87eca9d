// The packed package in a user's project in another folder: decorator metadata, shared peers, plain JavaScript, the command.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unpackPackage } from "./packed-package.js";
import { createUserProject, type UserProject } from "./user-project.js";

/** Parameters are inferred and the store is injected by type: both need the compiler's metadata. */
const ORDERS = `
import { CallContext, rpcMethod, rpcService } from "jabber-rpc";
import { Container, injectable } from "inversify";

@injectable()
export class Store {
  total(id: number): number {
    return id * 1.5;
  }
}

@rpcService("orders")
export class Orders {
  constructor(private readonly store: Store, private readonly call: CallContext) {}

  @rpcMethod()
  total(id: number, text: string): string {
    return \`\${text} \${this.store.total(id)} for \${this.call.requester.jid.bare}\`;
  }
}

export default {
  services: [Orders],
  bind: (container: Container) => container.bind(Store).toSelf().inSingletonScope(),
};
`;

const PLAIN = `
import { defineMethod, int, named } from "jabber-rpc";
export default { methods: [defineMethod("plain.double", { params: [named("n", int)], returns: int }, (n) => 2 * n)] };
`;

const MAIN = `
import { createGateway, createMemoryNetwork, createRequester, RpcFault } from "jabber-rpc";
import { createTestGateway } from "jabber-rpc/testing";
import orders, { Orders } from "./orders.js";
import plain from "./plain.js";

const network = createMemoryNetwork();
const gateway = createGateway({
  link: network.link("rpc.example.org"),
  access: [{ allow: "*@example.org" }],
  services: orders.services,
  bind: orders.bind,
  methods: plain.methods,
});
await gateway.start();
const alice = createRequester({ link: network.link("alice@example.org/desk") });
await alice.start();
const results = [
  await alice.proxy<Orders>("rpc.example.org", "orders").total(3, "total"),
  await alice.call("rpc.example.org", "plain.double", [21]),
  await alice.call("rpc.example.org", "nosuch").catch((error: unknown) => RpcFault.is(error) && error.code),
];
await alice.stop();
await gateway.stop();
const test = await createTestGateway({ services: orders.services, bind: orders.bind });
results.push(await test.as("bob@example.org/x").proxy<Orders>("orders").total(1, "test"));
await test.stop();
console.log(JSON.stringify(results));
`;

describe("the packed package", () => {
  let project: UserProject;
  let paths: readonly string[];
  let compiled: string;
  let folder: string;
  beforeAll(() => {
    project = createUserProject("packed");
    folder = join(project.folder, "node_modules/jabber-rpc");
    paths = unpackPackage(folder);
    project.write("src/orders.ts", ORDERS);
    project.write("src/plain.js", PLAIN);
    project.write("src/main.ts", MAIN);
    compiled = project.compile();
  });
  afterAll(() => project.remove());

  it("holds what a user needs and nothing else", () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "settings.schema.json",
        "docs/calling.md",
        "package.json",
      ]),
    );
    const expected =
      /^(dist\/src\/.+\.(js|d\.ts)|docs\/.+\.md|examples\/.+|[A-Z]+\.md|LICENSE|package\.json|settings\.schema\.json|templates\/service\/.+)$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  });

  it("has every file that its manifest names", () => {
    const { bin, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      bin: object;
      exports: object;
    };
    const named = [...JSON.stringify([bin, exports]).matchAll(/:"(?:\.\/)?([^"]+)"/g)].map(([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it("has examples that import nothing but packages and each other", () => {
    const examples = paths.filter((path) => /^examples\/.*\.(ts|js|mjs)$/.test(path));
    expect(examples.length).toBeGreaterThan(0);
    const outside = examples.filter((path) =>
      /from "\.\.\/(\.\.\/)*(src|dist)\//.test(readFileSync(join(folder, path), "utf8")),
    );
    expect(outside).toEqual([]);
  });

  it("compiles a user's handlers", () => {
    expect(compiled).toBe("");
  });

  it("serves them, typed by the compiler's metadata, and plain JavaScript beside them", () => {
    const { stdout, stderr, exitCode } = project.run(["dist/src/main.js"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(["total 4.5 for alice@example.org", 42, -32601, "test 1.5 for bob@example.org"]);
    expect(exitCode).toBe(0);
  });

  it("loads them from a settings file by its command", () => {
    project.write(
      "gateway.yaml",
      'link: {mode: memory}\nhandlers: [./dist/src/orders.js, ./dist/src/plain.js]\naccess:\n  - {allow: "*@example.org", methods: ["orders.*", plain.double, "nosuch.*"]}\n',
    );
    const main = join(folder, "dist/src/cli/main.js");
    const { stdout, stderr } = project.run([main, "serve", "--check", "--config", "gateway.yaml"]);
    expect(stdout + stderr).toBe(
      'gateway.yaml:4 access[0].methods: "orders.*" matches 1 method\n' +
        'gateway.yaml:4 access[0].methods: "plain.double" matches 1 method\n' +
        'gateway.yaml:4 access[0].methods: "nosuch.*" matches 0 methods\n' +
        "gateway.yaml: ok\n",
    );
  });
});
