// jabber-rpc/xmlrpc: programs written with npm xmlrpc, over XMPP.

import { once } from "node:events";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Examples, Validator1 } from "../src/handlers/index.js";
import {
  createGateway,
  createMemoryNetwork,
  createRequester,
  defineMethod,
  exact,
  type Gateway,
  type Requester,
} from "../src/index.js";
import { createClient, mountServer, type XmlRpcClient, type XmlRpcServer } from "../src/xmlrpc-compat.js";

type Listener = (error: unknown, params: unknown[], callback: (error: unknown, value?: unknown) => void) => void;

/** As much of npm xmlrpc as is used here; it has no types of its own. */
interface NpmXmlRpc {
  createServer(
    options: object,
    onListening: () => void,
  ): XmlRpcServer & {
    on(method: string, run: Listener): void;
    close(done: () => void): void;
  };
}
const xmlrpc = createRequire(import.meta.url)("xmlrpc") as NpmXmlRpc;

const network = createMemoryNetwork();
let gateway: Gateway;
let requester: Requester;
let client: XmlRpcClient;
let server: ReturnType<NpmXmlRpc["createServer"]>;
let reached: string[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server = xmlrpc.createServer({ host: "127.0.0.1", port: 0 }, resolve);
    server.on("NotFound", () => reached.push("NotFound"));
    server.on("error", () => reached.push("error"));
    server.on("shop.sum", (_error, params, callback) =>
      callback(
        null,
        params.reduce<number>((sum, n) => sum + Number(n), 0),
      ),
    );
    server.on("shop.echo", (_error, [value], callback) => callback(null, value));
    server.on("shop.kind", (_error, [value], callback) =>
      callback(null, Buffer.isBuffer(value) ? "Buffer" : typeof value),
    );
    server.on("shop.fault", (_error, _params, callback) => callback({ faultCode: 7, faultString: "sold out" }));
    server.on("shop.error", (_error, _params, callback) => callback(new Error("secret detail")));
    server.on("shop.throw", () => {
      throw new Error("secret detail");
    });
    server.on("shop.void", (_error, _params, callback) => callback(null));
    server.on("system.listMethods", () => reached.push("system"));
  });
  gateway = createGateway({
    link: network.link("rpc.example.org"),
    services: [Examples, Validator1],
    methods: [
      ...mountServer(server),
      defineMethod("test.exact", { params: [exact], returns: exact }, (value) => value),
    ],
    access: [{ allow: "*@example.org" }],
  });
  await gateway.start();
  requester = createRequester({ link: network.link("alice@example.org/desk") });
  await requester.start();
  client = createClient({ to: "rpc.example.org", requester });
});
afterAll(async () => {
  await client.close();
  await requester.stop();
  await gateway.stop();
  await new Promise<void>((resolve) => server.close(resolve));
});

const call = (method: string, ...params: unknown[]) =>
  new Promise<unknown>((resolve) => client.methodCall(method, params, (error, value) => resolve(error ?? value)));

describe("createClient", () => {
  it("calls back with null and the result", async () => {
    const args = await new Promise((resolve) =>
      client.methodCall("examples.getStateName", [6], (...given: unknown[]) => resolve(given)),
    );
    expect(args).toEqual([null, "Colorado"]);
  });

  it("calls back with the fault's members", async () => {
    const text = expect.stringMatching(/^no state 60/);
    expect(await call("examples.getStateName", 60)).toMatchObject({ code: 4, faultCode: 4, faultString: text });
    expect(await call("examples.getStateName", 60)).toBeInstanceOf(Error);
  });

  it("gives values as npm xmlrpc does", async () => {
    expect(await call("examples.factorial", 20)).toBe("2432902008176640000");
    const value = { d: new Date("2026-11-22T10:00:00Z"), b: Buffer.from([1, 2]), n: null, l: [1, 2.5, true, "\u00e9"] };
    const answer = await call("validator1.echoStructTest", value);
    expect(answer).toEqual(value);
    expect(Buffer.isBuffer((answer as { b: unknown }).b)).toBe(true);
    const proto = JSON.parse('{"__proto__": {"polluted": 1}}') as object;
    expect(Object.keys((await call("validator1.echoStructTest", proto)) as object)).toEqual(["__proto__"]);
  });

  it("calls back with what went wrong otherwise", async () => {
    expect(await call("examples.getStateName", undefined)).toMatchObject({ name: "CodecError" });
    const nobody = createClient({ to: "nobody.example.org", requester });
    const error = await new Promise((resolve) => nobody.methodCall("a", [], resolve));
    expect(error).toMatchObject({ name: "StanzaError", condition: "service-unavailable" });
  });

  it("leaves what the callback throws to the process", async () => {
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const thrown = once(process, "uncaughtException");
    client.methodCall("examples.getStateName", [6], () => {
      throw new Error("of the callback");
    });
    const [error] = (await thrown) as [Error];
    for (const listener of before) process.on("uncaughtException", listener);
    expect(error.message).toBe("of the callback");
  });

  it("logs in by itself, and says when it cannot", async () => {
    const own = createClient({
      to: "rpc.example.org",
      service: "xmpp://127.0.0.1:1",
      jid: "a@localhost/x",
      password: "b",
    });
    const error = await new Promise((resolve) => own.methodCall("a", [], resolve));
    expect(error).toMatchObject({ name: "LinkError" });
    await own.close();
  });
});

describe("mountServer", () => {
  it("offers what is registered", async () => {
    expect(await call("shop.sum", 1, 2, 39)).toBe(42);
    expect(await call("shop.sum")).toBe(0);
    expect(await call("shop.echo", { a: [1, "b"] })).toEqual({ a: [1, "b"] });
    expect(await call("shop.kind", Buffer.from("x"))).toBe("Buffer");
    expect(await call("shop.kind", 5n)).toBe("string");
    expect(await call("shop.void")).toBe("");
    expect(await call("system.methodSignature", "shop.sum")).toBe("undef");
  });

  it("answers faults that are declared, and hides other errors", async () => {
    expect(await call("shop.fault")).toMatchObject({ faultCode: 7, faultString: expect.stringMatching(/^sold out/) });
    for (const method of ["shop.error", "shop.throw"]) {
      expect(await call(method)).toMatchObject({
        faultCode: -32500,
        faultString: expect.not.stringContaining("secret"),
      });
    }
  });

  it("offers no event that is no method", async () => {
    reached = [];
    for (const method of ["NotFound", "error", "newListener", "removeListener"]) {
      expect(await call(method)).toMatchObject({ faultCode: -32601 });
    }
    expect(await call("system.listMethods")).toEqual(expect.arrayContaining(["shop.sum", "system.whoami"]));
    expect(await call("system.listMethods")).not.toContain("NotFound");
    expect(reached).toEqual([]);
  });

  it("refuses a server without methods", () => {
    expect(() => mountServer({ eventNames: () => ["NotFound"], emit: () => true })).toThrow(/no methods/);
  });
});
