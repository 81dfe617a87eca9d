// XML-RPC servers that are not ours behind a gateway: the npm package xmlrpc, CPython's xmlrpc.server, Perl's RPC::XML.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestGateway, type TestGateway } from "../../src/testing.js";
import type { RunningProcess } from "../support/processes.js";
import { startXmlRpcPeer, upstreamOf, XML_RPC_PEERS } from "./xmlrpc-peers.js";

/** What the servers give back as it was; what they themselves turn into something else is in the tests below. */
const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ["int", -7],
  ["double", 2.5],
  ["boolean", true],
  ["string", " <&>'\"]]> añ€😀 \n\t"],
  ["base64", new Uint8Array([0, 1, 255])],
  ["array", [1, ["x", 2.5], []]],
  ["struct", { a: 1, b: { c: "d" } }],
];

describe.each(XML_RPC_PEERS)("$name", (peer) => {
  const { name } = peer;
  let server: RunningProcess;
  let gateway: TestGateway;
  const call = (method: string, ...params: unknown[]) =>
    gateway.as("alice@example.org/desk").call(gateway.jid.full, method, params);

  beforeAll(async () => {
    const started = await startXmlRpcPeer(peer);
    server = started.server;
    gateway = await createTestGateway({ upstreams: [upstreamOf(peer, started.url)] });
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  it.each(VALUES)("gets and gives a %s as it is", async (_type, value) => {
    expect(await call("old.echo", value)).toEqual(value);
  });

  it("has its faults relayed", async () => {
    await expect(call("old.fail")).rejects.toMatchObject({ code: 7, message: /^as asked é \[call/ });
  });

  it("is called by many at a time", async () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    expect(await Promise.all(numbers.map((number) => call("old.echo", number)))).toEqual(numbers);
  });

  if (name === "npm xmlrpc") {
    it("gets each type as its own", async () => {
      const types = await call("old.describe", 1, "x", new Date(0), new Uint8Array([1]), 2n ** 40n, null);
      // The package reads an i8 as a text.
      expect(types).toEqual(["number", "string", "Date", "Buffer", "string", "object"]);
    });

    it("answers 404 for a method that it does not have", async () => {
      await expect(call("old.none")).rejects.toMatchObject({ code: 404 });
    });
  }

  if (name === "CPython") {
    it("gets each type as its own, an integral double too", async () => {
      const requester = gateway.as("alice@example.org/desk");
      const shapes = [{ kind: "double" }] as const;
      expect(await requester.call(gateway.jid.full, "old.describe", [3], { shapes })).toEqual(["float"]);
      const params = [1, 2n ** 40n, null, new Date(0), new Uint8Array([1])];
      expect(await requester.call(gateway.jid.full, "old.describe", params)).toEqual([
        "int",
        "int",
        "NoneType",
        "DateTime",
        "Binary",
      ]);
    });

    it("gives back an integral double as a double, and a date as the text that it was", async () => {
      const requester = gateway.as("alice@example.org/desk");
      const exact = (value: unknown, kind: "double" | "dateTime") =>
        requester.callExact(gateway.jid.full, "old.echo", [value], { shapes: [{ kind }] });
      expect(await exact(3, "double")).toEqual({ type: "double", value: 3 });
      expect(await exact(new Date(0), "dateTime")).toMatchObject({ text: "19700101T00:00:00" });
    });

    it("says what a method is for", async () => {
      expect(await call("system.methodHelp", "old.echo")).toBe("Gives its parameter back.");
      expect(await call("system.methodSignature", "old.echo")).toBe("undef");
    });
  }

  if (name === "RPC::XML") {
    it("says which parameters a method takes, and these are counted", async () => {
      expect(await call("system.methodSignature", "old.add")).toEqual([["int", "int", "int"]]);
      expect(await call("old.add", 2, 3)).toBe(5);
      await expect(call("old.add", 2)).rejects.toMatchObject({ code: -32602, message: /2 expected, got 1/ });
    });
  }
});
