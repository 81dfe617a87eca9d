// What is relayed to XML-RPC servers that are not ours, and back, seen on the wire between: each value as its own type, its
// text to the byte. Servers read some values as others; what they then answer is relayed as they answer it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestGateway, type TestGateway } from "../../src/testing.js";
import type { ExactValue } from "../../src/values/index.js";
import type { RunningProcess } from "../support/processes.js";
import { startXmlRpcPeer, upstreamOf, XML_RPC_PEERS } from "./xmlrpc-peers.js";

const TEXT = " a\r\n\tb\r <&>'\"]]> añ€😀 ";

/** The value and, as the server must get it, its element. */
const VALUES: readonly (readonly [what: string, value: ExactValue, wire: string])[] = [
  ["an integral double", { type: "double", value: 3 }, "<double>3.0</double>"],
  ["negative zero", { type: "double", value: -0 }, "<double>-0.0</double>"],
  ["an i8 over 53 bits", { type: "i8", value: 2n ** 60n + 1n }, "<i8>1152921504606846977</i8>"],
  ["a small i8", { type: "i8", value: 5n }, "<i8>5</i8>"],
  ["nil", { type: "nil", value: null }, "<nil/>"],
  [
    "a date",
    { type: "dateTime.iso8601", value: new Date(Date.UTC(1998, 6, 17, 14, 8, 55)), text: "19980717T14:08:55" },
    "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>",
  ],
];

interface Wire {
  readonly url: string;
  /** The last request's body, and its answer's. */
  readonly last: { request: string; answer: string };
  close(): Promise<void>;
}

/** Passes requests on to a server, and remembers what went by. */
async function tap(to: string): Promise<Wire> {
  const last = { request: "", answer: "" };
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    last.request = Buffer.concat(chunks).toString();
    const answer = await fetch(to, {
      method: "POST",
      headers: { "content-type": incoming.headers["content-type"] ?? "", connection: "close" },
      body: last.request,
    });
    last.answer = Buffer.from(await answer.arrayBuffer()).toString();
    outgoing.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" }).end(last.answer);
  };
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error: unknown) => outgoing.destroy(new Error("not passed on", { cause: error })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/RPC2`,
    last,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The one value of an answer, as it stands there; CDATA as the text that it means. */
function answered(document: string): { readonly type: string; readonly text: string } {
  const xml = document.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  );
  const found = /<param>\s*<value>\s*(?:<nil\/>|<([\w.]+)>([^<]*)<\/\1>|([^<]*))\s*<\/value>/.exec(xml);
  if (found === null) throw new Error(`no value in ${xml}`);
  const [, type, text = "", untyped] = found;
  if (type === undefined) return untyped === undefined ? { type: "nil", text } : { type: "string", text: untyped };
  return { type: type === "i4" ? "int" : type, text };
}

/** A value's text, as an answer has it. */
function textOf(value: ExactValue): string | number | bigint {
  if (value.type === "dateTime.iso8601") return value.text ?? "";
  if (value.type === "int" || value.type === "double" || value.type === "i8" || value.type === "string")
    return value.value;
  if (value.type === "nil") return "";
  throw new Error(`no ${value.type} was sent`);
}

describe.each(XML_RPC_PEERS)("$name", (peer) => {
  let server: RunningProcess;
  let wire: Wire;
  let gateway: TestGateway;
  const echo = (value: ExactValue) =>
    gateway
      .as("alice@example.org/desk")
      .callExact(gateway.jid.full, "old.echo", [value], { shapes: [{ kind: "exact" }] });

  beforeAll(async () => {
    const started = await startXmlRpcPeer(peer);
    server = started.server;
    wire = await tap(started.url);
    gateway = await createTestGateway({ upstreams: [upstreamOf(peer, wire.url)] });
  });
  afterAll(async () => {
    await gateway.stop();
    await wire.close();
    await server.stop();
  });

  it.each(VALUES)("gets %s as it is, and its answer is relayed as it is", async (_what, value, element) => {
    const result = await echo(value).catch((error: unknown) => error);
    expect(wire.last.request).toContain(`<value>${element}</value>`);
    if (wire.last.answer.includes("<fault>")) {
      // CPython takes an i8 and cannot send one.
      expect([peer.name, value.type]).toEqual(["CPython", "i8"]);
      expect(result).toMatchObject({ code: 1, message: expect.stringContaining("OverflowError") as string });
      return;
    }
    if (result instanceof Error) throw result;
    const { type, text } = answered(wire.last.answer);
    expect(result).toMatchObject({ type });
    // It has a type, so it is a value.
    const own = textOf(result as ExactValue);
    expect(own).toEqual(typeof own === "number" ? Number(text) : typeof own === "bigint" ? BigInt(text) : text);
  });

  it("gets a text to the byte, and its answer is relayed to the byte", async () => {
    const result = await echo({ type: "string", value: TEXT });
    // A bare CR would be read as LF (XML 1.0 §2.11).
    expect(wire.last.request).toMatch(/a&#(?:13|xD);\n\tb&#(?:13|xD); /i);
    const decoded = answered(wire.last.answer)
      .text.replace(/\r\n?/g, "\n")
      .replace(/&#(?:13|x0*D);/gi, "\r")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&apos;", "'")
      .replaceAll("&amp;", "&");
    expect(result).toEqual({ type: "string", value: decoded });
  });
});
